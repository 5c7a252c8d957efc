#include "page_heap.h"

#include <bit>

#include "poison.h"

namespace pantorch::memory {

namespace {

constexpr size_t kHugePageBytes = size_t{2} << 20;

/// How many extents of the fitting bin are tried before one of a larger bin is taken.
constexpr int kProbes = 16;

/// One pass of the idle rule gives back at most this much, so that no single allocation pays for
/// all of it.
constexpr size_t kIdlePurgeBytes = size_t{64} << 20;
constexpr int64_t kIdlePurgeEveryMs = 1'000;

/// What is purged for the bound is cut off in pieces no smaller than this, to keep the number of
/// calls low.
constexpr size_t kPurgeUnit = size_t{1} << 20;

/// The bin of extents of this size: bin i holds sizes from its floor to below the floor of bin i
/// + 1.
int bin_of(size_t bytes) {
  size_t pages = bytes / kPageBytes;
  if (pages < 4) return static_cast<int>(pages);
  int log = std::bit_width(pages) - 1;
  return 4 * (log - 1) + static_cast<int>((pages >> (log - 2)) & 3);
}

}  // namespace

void PageHeap::Bins::insert(Extent* extent) {
  int bin = bin_of(extent->bytes);
  extent->bin_prev = nullptr;
  extent->bin_next = heads[bin];
  if (heads[bin]) heads[bin]->bin_prev = extent;
  heads[bin] = extent;
  nonempty[bin / 64] |= uint64_t{1} << (bin % 64);
}

void PageHeap::Bins::remove(Extent* extent) {
  int bin = bin_of(extent->bytes);
  if (extent->bin_next) extent->bin_next->bin_prev = extent->bin_prev;
  if (extent->bin_prev) {
    extent->bin_prev->bin_next = extent->bin_next;
  } else if (!(heads[bin] = extent->bin_next)) {
    nonempty[bin / 64] &= ~(uint64_t{1} << (bin % 64));
  }
}

/// The smallest of the most recently freed extents of the fitting bin, else any of the next bin
/// that has one.
Extent* PageHeap::Bins::find(size_t bytes) const {
  int bin = bin_of(bytes);
  Extent* best = nullptr;
  int probes = kProbes;
  for (Extent* extent = heads[bin]; extent && probes > 0; extent = extent->bin_next, --probes) {
    if (extent->bytes < bytes || (best && extent->bytes >= best->bytes)) continue;
    best = extent;
    if (best->bytes == bytes) break;
  }
  if (best) return best;
  for (int word = (bin + 1) / 64, shift = (bin + 1) % 64; word < kBins / 64; ++word, shift = 0) {
    uint64_t larger = nonempty[word] >> shift << shift;
    if (larger) return heads[word * 64 + std::countr_zero(larger)];
  }
  return nullptr;
}

Extent* PageHeap::allocate(size_t bytes, size_t keep) {
  bytes = round_up(bytes, kPageBytes);
  Lock lock(mutex_);
  Extent* found = dirty_bins_.find(bytes);
  if (found) {
    Extent* extent = take(found, bytes);
    dirty_bytes_ -= extent->bytes;
    cached_.fetch_sub(static_cast<int64_t>(extent->bytes), std::memory_order_relaxed);
    return extent;
  }
  found = clean_bins_.find(bytes);
  if (!found && !(found = grow(bytes))) return nullptr;
  Extent* extent = take(found, bytes);
  reserved_.fetch_add(static_cast<int64_t>(extent->bytes), std::memory_order_relaxed);
  purge(lock, keep, 0, SIZE_MAX);
  return extent;
}

/// Takes the first bytes of a free extent into use.
Extent* PageHeap::take(Extent* extent, size_t bytes) {
  extent = cut(extent, bytes);
  extent->state = Extent::State::kUsed;
  unpoison(extent->base, extent->bytes);
  return extent;
}

void PageHeap::release(Extent* extent, size_t keep) {
  poison(extent->base, extent->bytes);
  Lock lock(mutex_);
  dirty_bytes_ += extent->bytes;
  cached_.fetch_add(static_cast<int64_t>(extent->bytes), std::memory_order_relaxed);
  extent->state = Extent::State::kDirty;
  const int64_t now = extent->released_ms = system_.now_ms();
  extent->newer = nullptr;
  extent->older = newest_;
  (newest_ ? newest_->newer : oldest_) = extent;
  newest_ = extent;
  extent = join(extent);
  dirty_bins_.insert(extent);
  purge(lock, keep, 0, SIZE_MAX);
  if (now < next_purge_ms_) return;
  next_purge_ms_ = now + kIdlePurgeEveryMs;
  purge(lock, 0, kIdleMs, kIdlePurgeBytes);
}

void PageHeap::purge(size_t keep, int64_t idle_ms) {
  Lock lock(mutex_);
  purge(lock, keep, idle_ms, SIZE_MAX);
}

/// A new mapping as one clean extent, in its bin.
Extent* PageHeap::grow(size_t bytes) {
  Extent* extent = new_extent();
  if (!extent) return nullptr;
  extent->bytes = bytes <= kSegmentBytes / 2 ? kSegmentBytes : round_up(bytes, kHugePageBytes);
  void* base = system_.map(extent->bytes);
  if (!base) {
    // A limit on address space may leave room for the request alone.
    extent->bytes = bytes;
    base = system_.map(bytes);
  }
  if (!base) {
    delete_extent(extent);
    return nullptr;
  }
  extent->base = static_cast<char*>(base);
  extent->below = extent->above = nullptr;
  extent->state = Extent::State::kClean;
  clean_bins_.insert(extent);
  return extent;
}

/// Takes the first bytes of a free extent out of its bin, leaving the rest there. Without memory
/// for the bookkeeping of two extents the whole is taken.
Extent* PageHeap::cut(Extent* extent, size_t bytes) {
  bins_of(extent).remove(extent);
  Extent* front = extent->bytes > bytes ? new_extent() : nullptr;
  if (!front) {
    if (extent->state == Extent::State::kDirty) unlink_by_age(extent);
    return extent;
  }
  front->base = extent->base;
  front->bytes = bytes;
  front->state = extent->state;
  front->below = extent->below;
  front->above = extent;
  if (front->below) front->below->above = front;
  extent->below = front;
  extent->base += bytes;
  extent->bytes -= bytes;
  bins_of(extent).insert(extent);
  return front;
}

/// Joins a free extent that is in no bin with its neighbours of the same state, which leave theirs.
/// Dirty ones together are as old as the largest of them: else a little traffic beside a large idle
/// extent would keep it for ever.
Extent* PageHeap::join(Extent* extent) {
  for (Extent* other : {extent->below, extent->above}) {
    if (!other || other->state != extent->state) continue;
    bins_of(other).remove(other);
    if (other->state == Extent::State::kDirty) {
      if (other->bytes > extent->bytes) {
        unlink_by_age(extent);
        take_age(extent, other);
      } else {
        unlink_by_age(other);
      }
    }
    Extent* low = other == extent->below ? other : extent;
    Extent* high = low->above;
    extent->base = low->base;
    extent->bytes = low->bytes + high->bytes;
    extent->below = low->below;
    extent->above = high->above;
    if (extent->below) extent->below->above = extent;
    if (extent->above) extent->above->below = extent;
    delete_extent(other);
  }
  return extent;
}

/// Puts an extent into the place of another in the order of release.
void PageHeap::take_age(Extent* extent, const Extent* other) {
  extent->released_ms = other->released_ms;
  extent->older = other->older;
  extent->newer = other->newer;
  (extent->older ? extent->older->newer : oldest_) = extent;
  (extent->newer ? extent->newer->older : newest_) = extent;
}

void PageHeap::unlink_by_age(Extent* extent) {
  (extent->older ? extent->older->newer : oldest_) = extent->newer;
  (extent->newer ? extent->newer->older : newest_) = extent->older;
}

void PageHeap::purge(Lock& lock, size_t keep, int64_t idle_ms, size_t most) {
  int64_t newest_to_go = idle_ms > 0 ? system_.now_ms() - idle_ms : INT64_MAX;
  while (most > 0 && oldest_ && oldest_->released_ms <= newest_to_go) {
    int64_t surplus = cached_.load(std::memory_order_relaxed) - static_cast<int64_t>(keep);
    if (surplus <= 0) return;
    Extent* extent = oldest_;
    size_t excess = round_up(static_cast<size_t>(surplus), kPurgeUnit);
    size_t piece = excess < most ? excess : most;
    if (piece < extent->bytes) {
      extent = cut(extent, piece);
    } else {
      dirty_bins_.remove(extent);
      unlink_by_age(extent);
    }
    int64_t bytes = static_cast<int64_t>(extent->bytes);
    extent->state = Extent::State::kPurging;
    dirty_bytes_ -= extent->bytes;
    most -= extent->bytes < most ? extent->bytes : most;
    cached_.fetch_sub(bytes, std::memory_order_relaxed);
    // Page by page the system may take milliseconds; nobody else touches an extent in this state.
    lock.unlock();
    system_.discard(extent->base, extent->bytes);
    lock.lock();
    reserved_.fetch_sub(bytes, std::memory_order_relaxed);
    extent->state = Extent::State::kClean;
    extent = join(extent);
    if (!drop_mapping(extent)) clean_bins_.insert(extent);
  }
}

/// Ends the mapping that a clean extent, in no bin, has come to fill. The system may refuse (it
/// would exceed its number of mappings when it has joined this one with a neighbour): the address
/// space then stays for reuse.
bool PageHeap::drop_mapping(Extent* extent) {
  if (extent->below || extent->above) return false;
  unpoison(extent->base, extent->bytes);
  if (!system_.unmap(extent->base, extent->bytes)) return false;
  delete_extent(extent);
  return true;
}

/// Extents live outside the memory they describe, so that describing clean memory does not make it
/// resident.
Extent* PageHeap::new_extent() {
  if (!spare_extents_) {
    constexpr size_t kChunkBytes = 65536;
    char* chunk = static_cast<char*>(system_.map(kChunkBytes));
    if (!chunk) return nullptr;
    for (size_t i = 0; i < kChunkBytes / sizeof(Extent); ++i) {
      delete_extent(reinterpret_cast<Extent*>(chunk) + i);
    }
  }
  Extent* extent = spare_extents_;
  spare_extents_ = extent->bin_next;
  return extent;
}

void PageHeap::delete_extent(Extent* extent) {
  extent->bin_next = spare_extents_;
  spare_extents_ = extent;
}

}  // namespace pantorch::memory
