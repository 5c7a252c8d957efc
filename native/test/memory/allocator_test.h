#pragma once

/// What the tests of the allocator share: a system that can be made to refuse, checks, a runner. No
/// libtorch, so that everything runs under the sanitizers.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "caching_allocator.h"

using pantorch::memory::CachingAllocator;
using pantorch::memory::Counters;
using pantorch::memory::PageHeap;
using pantorch::memory::System;
namespace memory = pantorch::memory;

#define CHECK(condition)                                                                         \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      std::fprintf(stderr, "%s:%d: %s: failed: %s\n", __FILE__, __LINE__, __func__, #condition); \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)

inline constexpr size_t kMiB = size_t{1} << 20;

/// The real system, with a budget of bytes that may be mapped, and a clock that stands still.
inline std::atomic<int64_t> map_budget{INT64_MAX};
inline std::atomic<int64_t> mapped{0};
inline std::atomic<int64_t> clock_ms{0};

inline void* map(size_t bytes) {
  const int64_t size = static_cast<int64_t>(bytes);
  if (map_budget.fetch_sub(size) < size) {
    map_budget.fetch_add(size);
    return nullptr;
  }
  mapped.fetch_add(size);
  return System::native().map(bytes);
}

inline bool unmap(void* address, size_t bytes) {
  map_budget.fetch_add(static_cast<int64_t>(bytes));
  mapped.fetch_sub(static_cast<int64_t>(bytes));
  return System::native().unmap(address, bytes);
}

inline void discard(void* address, size_t bytes) { System::native().discard(address, bytes); }

inline int64_t now_ms() { return clock_ms; }

inline constexpr System kTestSystem{map, unmap, discard, now_ms};

/// What an empty heap still maps: descriptions of extents.
inline constexpr int64_t kBookkeeping = 65536;

/// A fresh allocator. Allocators live for ever; here they stay reachable, for the leak checker.
inline CachingAllocator& fresh(const System& system = kTestSystem) {
  static std::vector<CachingAllocator*>& all = *new std::vector<CachingAllocator*>;
  map_budget = INT64_MAX;
  mapped = 0;
  clock_ms = 0;
  all.push_back(new CachingAllocator(system));
  return *all.back();
}

inline int64_t live(CachingAllocator& a) { return a.counters().live_bytes; }
inline int64_t cached(CachingAllocator& a) { return a.counters().cached_bytes; }
inline int64_t reserved(CachingAllocator& a) { return a.counters().reserved_bytes; }

inline char* touch(void* data, size_t bytes) {
  CHECK(data != nullptr);
  std::memset(data, 0x5a, bytes);
  return static_cast<char*>(data);
}

/// Runs a test on a thread of its own: a thread's cache belongs to the first allocator it meets.
inline void run(const char* name, void (*test)()) {
  std::thread(test).join();
  std::printf("%s\n", name);
  std::fflush(stdout);
}

#define RUN(test) run(#test, test)
