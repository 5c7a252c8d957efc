#include "caching_allocator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>

#include "poison.h"

namespace pantorch::memory {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

/// How often the callback is asked before an allocation is given up.
constexpr int kReliefRounds = 3;

class SpinLock {
 public:
  void lock() {
    while (held_.exchange(true, std::memory_order_acquire)) {
      // Whoever holds it moves a few words: nobody waits for long.
      for (int spins = 0; held_.load(kRelaxed); ++spins) {
        if (spins > 100) std::this_thread::yield();
      }
    }
  }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

using SpinGuard = std::lock_guard<SpinLock>;

/// Whether this thread is inside the pressure callback.
thread_local constinit bool relieving = false;

}  // namespace

/// Small blocks ready for one thread, and what it has counted.
struct alignas(kAlignment) CachingAllocator::ThreadCache {
  struct Bin {
    Block* head = nullptr;
    int count = 0;

    void push(Block* block) {
      block->next = head;
      head = block;
      ++count;
    }
    Block* pop() {
      Block* block = head;
      head = block->next;
      --count;
      return block;
    }
    /// All but the most recently pushed blocks, as a chain.
    Block* split_off(int kept) {
      Block** end = &head;
      for (int i = 0; i < kept && *end; ++i) end = &(*end)->next;
      Block* chain = *end;
      *end = nullptr;
      count = std::min(count, kept);
      return chain;
    }
  };

  SpinLock lock;
  bool used = false;  // since trim_idle looked
  CachingAllocator* owner;
  int64_t bytes = 0;       // since the last report: change of the live bytes,
  int64_t high_bytes = 0;  // the largest it was,
  int64_t cached = 0;      // change of the cached bytes,
  int64_t allocated = 0;   // allocations,
  int64_t freed = 0;       // and frees
  Bin bins[kSizeClasses];
  ThreadCache* prev = nullptr;
  ThreadCache* next = nullptr;

  explicit ThreadCache(CachingAllocator* owner) : owner(owner) {}
};

/// Hands the cache of a thread back when the thread ends. What the thread frees after that goes the
/// shared way.
struct CachingAllocator::ThreadExit {
  ThreadCache* cache = nullptr;
  ~ThreadExit() {
    CachingAllocator* owner = cache->owner;
    thread_cache_ = owner->shared_cache_;
    owner->retire(cache);
  }
};

thread_local constinit CachingAllocator::ThreadCache* CachingAllocator::thread_cache_ = nullptr;

CachingAllocator::CachingAllocator(const System& system)
    : heap_(system, counters_.cached_bytes, counters_.reserved_bytes),
      shared_cache_(new ThreadCache(this)),
      caches_(shared_cache_) {
  for (int i = 0; i < kSizeClasses; ++i) {
    pools_[i] = std::make_unique<BlockPool>(heap_, counters_.cached_bytes, i);
  }
}

void* CachingAllocator::allocate(size_t bytes) {
  void* data = try_allocate(bytes);
  if (data) [[likely]] {
    return data;
  }
  counters_.pressure_events.fetch_add(1, kRelaxed);
  for (int round = 0;; ++round) {
    if (!over_limit(bytes)) {
      trim();
      data = try_allocate(bytes);
      if (data) return data;
    }
    PressureCallback callback = pressure_callback_.load(std::memory_order_acquire);
    // An allocation that fails inside the callback must not ask it again.
    if (round == kReliefRounds || !callback || relieving) return nullptr;
    relieving = true;
    int32_t freed = callback(static_cast<int64_t>(bytes));
    relieving = false;
    data = try_allocate(bytes);
    if (data || !freed) return data;
  }
}

void* CachingAllocator::try_allocate(size_t bytes) {
  // Leaves the arithmetic on sizes room not to overflow.
  if (bytes > static_cast<size_t>(PTRDIFF_MAX) / 2) return nullptr;
  bool limited = limit() != kNoLimit;
  if (limited && !reserve(static_cast<int64_t>(bytes))) return nullptr;
  ThreadCache& cache = this_cache();
  Block* block =
      bytes <= kSmallBytes ? try_small(cache, bytes, limited) : try_large(cache, bytes, limited);
  if (!block) {
    if (limited) counters_.live_bytes.fetch_sub(static_cast<int64_t>(bytes), kRelaxed);
    return nullptr;
  }
  block->bytes = bytes;
  block->mark(Block::kLive);
  unpoison(block->data(), bytes);
  return block->data();
}

Block* CachingAllocator::try_small(ThreadCache& cache, size_t bytes, bool reserved) {
  int size_class = size_class_of(bytes);
  int64_t block_bytes = static_cast<int64_t>(block_bytes_of(size_class));
  ThreadCache::Bin& bin = cache.bins[size_class];
  {
    SpinGuard guard(cache.lock);
    if (bin.head) [[likely]] {
      count_allocation(cache, static_cast<int64_t>(bytes), -block_bytes, reserved);
      return bin.pop();
    }
  }
  Block* chain = pools_[size_class]->fetch(cache_bound(0));
  if (!chain) return nullptr;
  SpinGuard guard(cache.lock);
  for (Block* block = chain->next; block;) {
    Block* next = block->next;
    bin.push(block);
    block = next;
  }
  count_allocation(cache, static_cast<int64_t>(bytes), -block_bytes, reserved);
  return chain;
}

Block* CachingAllocator::try_large(ThreadCache& cache, size_t bytes, bool reserved) {
  Extent* extent = heap_.allocate(bytes + sizeof(Block), cache_bound(reserved ? 0 : bytes));
  if (!extent) return nullptr;
  Block* block = reinterpret_cast<Block*>(extent->base);
  block->extent = extent;
  block->size_class = Block::kLarge;
  poison(block->data(), extent->bytes - sizeof(Block));
  SpinGuard guard(cache.lock);
  count_allocation(cache, static_cast<int64_t>(bytes), 0, reserved);
  return block;
}

bool CachingAllocator::deallocate(void* data) {
  Block* block = Block::of(data);
  if (!block->is(Block::kLive)) [[unlikely]] {
    if (!block->is(Block::kFree)) return false;
    std::fprintf(stderr, "pantorch: tensor memory at %p was freed twice\n", data);
    std::abort();
  }
  block->mark(Block::kFree);
  int64_t bytes = static_cast<int64_t>(block->bytes);
  int size_class = block->size_class;
  ThreadCache& cache = this_cache();
  if (size_class == Block::kLarge) {
    {
      SpinGuard guard(cache.lock);
      count_free(cache, bytes, 0);
    }
    heap_.release(block->extent, cache_bound(0));
    return true;
  }
  poison(data, capacity_of(size_class));
  Block* surplus = nullptr;
  {
    SpinGuard guard(cache.lock);
    ThreadCache::Bin& bin = cache.bins[size_class];
    bin.push(block);
    if (bin.count > 2 * kBatch[size_class]) surplus = bin.split_off(kBatch[size_class]);
    count_free(cache, bytes, static_cast<int64_t>(block_bytes_of(size_class)));
  }
  if (surplus) pools_[size_class]->give(surplus, cache_bound(0));
  return true;
}

size_t CachingAllocator::bytes_of(const void* data) {
  const Block* block = Block::of(data);
  return block->is(Block::kLive) ? block->bytes : 0;
}

CachingAllocator::ThreadCache& CachingAllocator::this_cache() {
  ThreadCache* cache = thread_cache_;
  if (cache && cache->owner == this) [[likely]] {
    return *cache;
  }
  return new_cache();
}

CachingAllocator::ThreadCache& CachingAllocator::new_cache() {
  if (thread_cache_) return *shared_cache_;  // the thread's cache is another instance's
  ThreadCache* cache = new (std::nothrow) ThreadCache(this);
  if (!cache) return *shared_cache_;
  {
    std::lock_guard<std::mutex> guard(caches_mutex_);
    cache->next = caches_;
    caches_->prev = cache;
    caches_ = cache;
  }
  thread_cache_ = cache;
  static thread_local ThreadExit exit;
  exit.cache = cache;
  return *cache;
}

void CachingAllocator::retire(ThreadCache* cache) {
  empty(*cache);
  {
    std::lock_guard<std::mutex> guard(caches_mutex_);
    if (cache->next) cache->next->prev = cache->prev;
    (cache->prev ? cache->prev->next : caches_) = cache->next;
  }
  delete cache;
}

/// Moves all blocks of a cache to the pools, and its counts to the counters.
void CachingAllocator::empty(ThreadCache& cache) {
  for (int i = 0; i < kSizeClasses; ++i) {
    Block* chain;
    {
      SpinGuard guard(cache.lock);
      chain = cache.bins[i].split_off(0);
    }
    if (chain) pools_[i]->give(chain, cache_bound(0));
  }
  SpinGuard guard(cache.lock);
  report(cache);
}

void CachingAllocator::count_allocation(ThreadCache& cache, int64_t bytes, int64_t cached,
                                        bool reserved) {
  cache.used = true;
  if (!reserved) cache.bytes += bytes;
  cache.high_bytes = std::max(cache.high_bytes, cache.bytes);
  cache.cached += cached;
  ++cache.allocated;
  if (cache.bytes >= report_bytes_.load(kRelaxed) || cache.allocated >= kUnreportedAllocations)
    report(cache);
}

void CachingAllocator::count_free(ThreadCache& cache, int64_t bytes, int64_t cached) {
  cache.used = true;
  cache.bytes -= bytes;
  cache.cached += cached;
  ++cache.freed;
  if (-cache.bytes >= report_bytes_.load(kRelaxed) || cache.freed >= kUnreportedAllocations)
    report(cache);
}

/// Adds what a thread has counted to the counters. Its lock is held.
void CachingAllocator::report(ThreadCache& cache) {
  const int64_t before = counters_.live_bytes.fetch_add(cache.bytes, kRelaxed);
  if (cache.high_bytes > 0) raise_peak(before + cache.high_bytes);
  if (cache.cached != 0) counters_.cached_bytes.fetch_add(cache.cached, kRelaxed);
  if (cache.allocated > 0) counters_.total_allocations.fetch_add(cache.allocated, kRelaxed);
  counters_.live_allocations.fetch_add(cache.allocated - cache.freed, kRelaxed);
  cache.bytes = cache.high_bytes = cache.cached = cache.allocated = cache.freed = 0;
}

void CachingAllocator::raise_peak(int64_t live) {
  for (std::atomic<int64_t>* peak : {&counters_.peak_bytes, &high_water_}) {
    int64_t seen = peak->load(kRelaxed);
    while (live > seen && !peak->compare_exchange_weak(seen, live, kRelaxed)) {
    }
  }
}

const Counters& CachingAllocator::counters() {
  std::lock_guard<std::mutex> guard(caches_mutex_);
  for (ThreadCache* cache = caches_; cache; cache = cache->next) {
    SpinGuard cache_guard(cache->lock);
    report(*cache);
  }
  return counters_;
}

void CachingAllocator::reset_peak() {
  const Counters& counters = this->counters();
  counters_.peak_bytes.store(counters.live_bytes.load(kRelaxed), kRelaxed);
}

void CachingAllocator::trim() {
  {
    std::lock_guard<std::mutex> guard(caches_mutex_);
    for (ThreadCache* cache = caches_; cache; cache = cache->next) empty(*cache);
  }
  heap_.purge(0, 0);
}

void CachingAllocator::trim_idle(int64_t idle_ms) {
  {
    std::lock_guard<std::mutex> guard(caches_mutex_);
    for (ThreadCache* cache = caches_; cache; cache = cache->next) {
      bool used;
      {
        SpinGuard cache_guard(cache->lock);
        used = cache->used;
        cache->used = false;
      }
      if (!used) empty(*cache);
    }
  }
  heap_.purge(0, idle_ms);
}

void CachingAllocator::set_limit(int64_t bytes) {
  // With a limit every thread reports at once, so that it is kept to the byte.
  report_bytes_.store(bytes == kNoLimit ? kUnreportedBytes : 0, kRelaxed);
  limit_.store(bytes, kRelaxed);
  counters();
}

/// Counts bytes as live before they are, unless that would exceed the limit.
bool CachingAllocator::reserve(int64_t bytes) {
  int64_t live = counters_.live_bytes.load(kRelaxed);
  int64_t most = limit();
  do {
    if (bytes > most - live) return false;
  } while (!counters_.live_bytes.compare_exchange_weak(live, live + bytes, kRelaxed));
  raise_peak(live + bytes);
  return true;
}

bool CachingAllocator::over_limit(size_t bytes) const {
  int64_t most = limit();
  return most != kNoLimit &&
         static_cast<int64_t>(bytes) > most - counters_.live_bytes.load(kRelaxed);
}

/// How many bytes may be cached once growth more bytes are live.
size_t CachingAllocator::cache_bound(size_t growth) const {
  int64_t live = counters_.live_bytes.load(kRelaxed) + static_cast<int64_t>(growth);
  int64_t bound = cache_limit_.load(kRelaxed);
  if (bound < 0) {
    int64_t high_water = std::max(high_water_.load(kRelaxed), live);
    bound = std::max(kLeastCacheBytes, high_water / 4 * 5 - live);
  }
  int64_t most = limit();
  if (most != kNoLimit) bound = std::min(bound, most - live);
  return bound > 0 ? static_cast<size_t>(bound) : 0;
}

}  // namespace pantorch::memory
