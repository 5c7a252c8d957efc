#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "system_memory.h"

namespace pantorch::memory {

/// The unit the heap hands out and takes back: a multiple of this.
#if defined(__x86_64__) || defined(_M_X64)
inline constexpr size_t kPageBytes = 4096;
#elif defined(__APPLE__)
inline constexpr size_t kPageBytes = 16384;
#else
inline constexpr size_t kPageBytes = 65536;  // the largest of Linux on other processors
#endif

inline constexpr size_t round_up(size_t value, size_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// A run of pages. Owned by its user between allocate and release, by the heap otherwise.
struct Extent {
  enum class State : uint8_t {
    kUsed,     // handed out
    kDirty,    // free, its pages still resident: the cache
    kClean,    // free, its pages not resident
    kPurging,  // free, its pages on their way back to the system
  };

  char* base;
  size_t bytes;
  State state;
  int64_t released_ms;  // when it became dirty
  Extent* below;        // neighbours in the same mapping; both null: the extent is the mapping
  Extent* above;
  Extent* bin_prev;
  Extent* bin_next;
  Extent* older;  // dirty extents in the order of release
  Extent* newer;
};

/// Hands out runs of pages and keeps released ones for reuse: best fit, splitting and joining
/// neighbours.
///
/// Free memory is dirty (resident, "cached") or clean (address space only). Dirty memory is
/// preferred when allocating, since reusing it costs no page fault; it goes back to the system,
/// oldest first, when there is more of it than the caller wants to keep, or when it has been idle
/// for kIdleMs. There is no background thread: the clock is looked at when an extent is released.
/// System calls that take long run without the lock.
///
/// Thread-safe. Never throws; calls nothing but System.
class PageHeap {
 public:
  static constexpr int64_t kIdleMs = 10'000;

  /// cached and reserved are kept up to date by the heap: bytes that are dirty, and bytes used or
  /// dirty.
  PageHeap(const System& system, std::atomic<int64_t>& cached, std::atomic<int64_t>& reserved)
      : system_(system), cached_(cached), reserved_(reserved) {}
  PageHeap(const PageHeap&) = delete;
  PageHeap& operator=(const PageHeap&) = delete;

  /// An extent of at least this many bytes, or nullptr when the system has no memory. If it cannot
  /// be served from dirty memory, dirty memory beyond keep bytes is given back, so that growth does
  /// not add to an unfit cache.
  Extent* allocate(size_t bytes, size_t keep);

  /// Takes an extent back into the cache, then gives dirty memory beyond keep bytes back to the
  /// system.
  void release(Extent* extent, size_t keep);

  /// Gives back dirty memory beyond keep bytes that has been idle for idle_ms or longer.
  void purge(size_t keep, int64_t idle_ms);

 private:
  using Lock = std::unique_lock<std::mutex>;

  static constexpr size_t kSegmentBytes = size_t{64} << 20;
  static constexpr int kBins = 192;  // four a doubling of the page count

  /// Free extents of one state by size.
  struct Bins {
    Extent* heads[kBins] = {};
    uint64_t nonempty[kBins / 64] = {};

    void insert(Extent* extent);
    void remove(Extent* extent);
    Extent* find(size_t bytes) const;
  };

  Bins& bins_of(const Extent* extent) {
    return extent->state == Extent::State::kDirty ? dirty_bins_ : clean_bins_;
  }
  Extent* grow(size_t bytes);
  Extent* take(Extent* extent, size_t bytes);
  Extent* cut(Extent* extent, size_t bytes);
  Extent* join(Extent* extent);
  void take_age(Extent* extent, const Extent* other);
  void unlink_by_age(Extent* extent);
  void purge(Lock& lock, size_t keep, int64_t idle_ms, size_t most);
  bool drop_mapping(Extent* extent);
  Extent* new_extent();
  void delete_extent(Extent* extent);

  const System& system_;
  std::atomic<int64_t>& cached_;
  std::atomic<int64_t>& reserved_;

  std::mutex mutex_;
  Bins dirty_bins_;
  Bins clean_bins_;
  Extent* oldest_ = nullptr;
  Extent* newest_ = nullptr;
  size_t dirty_bytes_ = 0;
  int64_t next_purge_ms_ = 0;
  Extent* spare_extents_ = nullptr;
};

}  // namespace pantorch::memory
