#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "block_pool.h"
#include "page_heap.h"

namespace pantorch::memory {

/// What the allocator counts, laid out as pantorch/memory.h documents it: one int64 after the
/// other.
struct Counters {
  std::atomic<int64_t> live_bytes{0};
  std::atomic<int64_t> peak_bytes{0};
  std::atomic<int64_t> cached_bytes{0};
  std::atomic<int64_t> reserved_bytes{0};
  std::atomic<int64_t> live_allocations{0};
  std::atomic<int64_t> total_allocations{0};
  std::atomic<int64_t> pressure_events{0};
};

/// A caching allocator for tensor memory; knows nothing of libtorch.
///
/// Three levels, each fed by the next:
///  1. a cache per thread of small blocks, by size class, behind a lock that in ordinary running
///     only its own thread takes: a few nanoseconds, and nobody waits;
///  2. a pool per size class (BlockPool);
///  3. the page heap (PageHeap), which serves the pools and, directly, every block larger than
///     kSmallBytes.
///
/// A header before each block names its owner and holds the bytes asked for: counts are exact,
/// blocks may be freed by any thread, and memory of another allocator is recognised.
///
/// Thread-safe, and no lock is held while the pressure callback runs. An instance is never
/// destroyed, since threads that end hand their cache back to it.
class CachingAllocator {
 public:
  static constexpr int64_t kNoLimit = INT64_MAX;
  static constexpr int64_t kAutomatic = -1;

  /// Asked to free memory when the system or the limit refuses this many bytes. 0: nothing freed.
  using PressureCallback = int32_t (*)(int64_t wanted_bytes);

  /// Without a call of counters(), they lag by up to this many bytes, or this many allocations, a
  /// thread.
  static constexpr int64_t kUnreportedBytes = 65536;
  static constexpr int64_t kUnreportedAllocations = 1024;

  explicit CachingAllocator(const System& system = System::native());
  CachingAllocator(const CachingAllocator&) = delete;
  CachingAllocator& operator=(const CachingAllocator&) = delete;

  /// bytes > 0 bytes aligned to kAlignment, or nullptr when there is no room even after relief. The
  /// pressure callback runs on this thread; it may allocate and free here.
  void* allocate(size_t bytes);

  /// Frees a block of allocate, from any thread. False, and nothing done, if the memory is another
  /// allocator's.
  bool deallocate(void* data);

  /// The bytes asked for when allocate made this live block; 0 if the memory is another
  /// allocator's.
  static size_t bytes_of(const void* data);

  /// The counters, brought up to date with all threads.
  const Counters& counters();
  void reset_peak();

  /// Gives all cached memory back to the system but for small blocks in spans with live ones.
  void trim();

  /// The same for memory idle for idle_ms or longer. The cache of a thread is idle if unused since
  /// the last call.
  void trim_idle(int64_t idle_ms);

  /// Bounds the cached bytes. kAutomatic: cached and live bytes together stay within 5/4 of the
  /// peak of live bytes. What running threads hold ready, a few MiB each at most, is kept in any
  /// case.
  void set_cache_limit(int64_t bytes) { cache_limit_.store(bytes, std::memory_order_relaxed); }

  /// Bounds the live bytes; the cache is held within what this leaves.
  void set_limit(int64_t bytes);
  int64_t limit() const { return limit_.load(std::memory_order_relaxed); }

  void set_pressure_callback(PressureCallback callback) {
    pressure_callback_.store(callback, std::memory_order_release);
  }

 private:
  struct ThreadCache;
  struct ThreadExit;

  /// Kept whatever the peak of live bytes is.
  static constexpr int64_t kLeastCacheBytes = int64_t{32} << 20;

  ThreadCache& this_cache();
  ThreadCache& new_cache();
  void retire(ThreadCache* cache);
  void empty(ThreadCache& cache);

  void count_allocation(ThreadCache& cache, int64_t bytes, int64_t cached, bool reserved);
  void count_free(ThreadCache& cache, int64_t bytes, int64_t cached);
  void report(ThreadCache& cache);
  void raise_peak(int64_t live);

  void* try_allocate(size_t bytes);
  Block* try_small(ThreadCache& cache, size_t bytes, bool reserved);
  Block* try_large(ThreadCache& cache, size_t bytes, bool reserved);
  bool reserve(int64_t bytes);
  bool over_limit(size_t bytes) const;
  size_t cache_bound(size_t growth) const;

  static thread_local constinit ThreadCache* thread_cache_;

  // Apart on their cache lines: what threads write to now and then, what they read all the time,
  // and what they lock.
  alignas(kAlignment) Counters counters_;
  std::atomic<int64_t> high_water_{0};  // the peak of live bytes that reset_peak leaves alone
  alignas(kAlignment) std::atomic<int64_t> limit_{kNoLimit};
  std::atomic<int64_t> report_bytes_{kUnreportedBytes};
  std::atomic<int64_t> cache_limit_{kAutomatic};
  std::atomic<PressureCallback> pressure_callback_{nullptr};
  alignas(kAlignment) PageHeap heap_;
  std::unique_ptr<BlockPool> pools_[kSizeClasses];
  ThreadCache* shared_cache_;  // of threads that have ended their own
  std::mutex caches_mutex_;
  ThreadCache* caches_;  // all of them, the shared one last
};

}  // namespace pantorch::memory
