#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "page_heap.h"
#include "poison.h"

namespace pantorch::memory {

/// Every block is aligned to this many bytes, and so is the header before it.
inline constexpr size_t kAlignment = 64;

struct Span;

/// The header before each block of memory, small or large.
struct alignas(kAlignment) Block {
  /// What the seal says when combined with the address.
  static constexpr uint64_t kLive = 0x9e3779b97f4a7c15;
  static constexpr uint64_t kFree = 0xc2b2ae3d27d4eb4f;

  static constexpr int kLarge = -1;

  uint64_t seal;
  size_t bytes;  // asked for
  union {
    Span* span;      // of a small block
    Extent* extent;  // of a large one
  };
  Block* next;     // of a small block that is free
  int size_class;  // kLarge: none, the block is an extent by itself

  static Block* of(void* data) { return static_cast<Block*>(data) - 1; }
  static const Block* of(const void* data) { return static_cast<const Block*>(data) - 1; }
  void* data() { return this + 1; }

  void mark(uint64_t state) { seal = state ^ reinterpret_cast<uintptr_t>(this); }

  /// Works on the memory of any other allocator as well: data that starts a page is never ours, and
  /// of other data the header lies in the same page, which can be read.
  PANTORCH_NO_ASAN bool is(uint64_t state) const {
    return !before_page(this) && seal == (state ^ reinterpret_cast<uintptr_t>(this));
  }

  /// Whether the data of a block here would start a page: no block is made at such a place.
  static bool before_page(const void* block) {
    constexpr uintptr_t kLeastPageBytes = 4096;
    return (reinterpret_cast<uintptr_t>(block) + kAlignment) % kLeastPageBytes == 0;
  }
};

/// Small blocks have up to this capacity.
inline constexpr size_t kSmallBytes = 32768;

/// Their size classes: steps of 64 bytes up to 512, then four steps a doubling.
inline constexpr int kSizeClasses = 32;

constexpr int size_class_of(size_t bytes) {
  if (bytes <= 512) return static_cast<int>((bytes - 1) / 64);
  const int log = std::bit_width(bytes - 1) - 1;
  return 4 * (log - 7) + static_cast<int>((bytes - 1) >> (log - 2) & 3);
}

constexpr size_t capacity_of(int size_class) {
  const size_t i = static_cast<size_t>(size_class);
  return i < 8 ? 64 * (i + 1) : (5 + i % 4) << (i / 4 + 5);
}

/// With the header.
constexpr size_t block_bytes_of(int size_class) { return capacity_of(size_class) + sizeof(Block); }

/// How many blocks are moved at once between a thread and the pool: 32 KiB, but 2 to 64.
inline constexpr std::array<int, kSizeClasses> kBatch = [] {
  std::array<int, kSizeClasses> batch{};
  for (int i = 0; i < kSizeClasses; ++i) {
    batch[i] = static_cast<int>(std::clamp<size_t>(32768 / block_bytes_of(i), 2, 64));
  }
  return batch;
}();

/// Blocks of one size class: cuts them out of spans of pages, and gathers them again. A span whose
/// blocks are all back goes to the heap at once; its pages may serve another size class next.
///
/// Thread-safe; the heap is called without the lock.
class alignas(kAlignment) BlockPool {
 public:
  BlockPool(PageHeap& heap, std::atomic<int64_t>& cached, int size_class)
      : heap_(heap),
        cached_(cached),
        size_class_(size_class),
        block_bytes_(block_bytes_of(size_class)),
        span_bytes_(capacity_of(size_class) <= 4096 ? 65536 : 8 * 65536) {}
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// A chain of 1 to kBatch blocks linked by next, or nullptr when the system has no memory. keep
  /// is the heap's.
  Block* fetch(size_t keep);

  /// Takes a chain of blocks back.
  void give(Block* chain, size_t keep);

 private:
  bool has_room(const Span* span) const;
  void link(Span* span);
  void unlink(Span* span);
  Block* take(Span* span);

  PageHeap& heap_;
  std::atomic<int64_t>& cached_;
  const int size_class_;
  const size_t block_bytes_;
  const size_t span_bytes_;
  std::mutex mutex_;
  Span* roomy_ = nullptr;  // spans with a block to give
};

}  // namespace pantorch::memory
