// The caching allocator by itself, without libtorch: so it can run under AddressSanitizer,
// UndefinedBehaviorSanitizer and ThreadSanitizer (see CMakeLists.txt).
#include "allocator_test.h"

#include <chrono>
#include <fstream>
#include <mutex>
#include <random>
#include <string>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

void should_give_aligned_blocks_of_every_size() {
  CachingAllocator& a = fresh();
  std::vector<std::pair<unsigned char*, size_t>> blocks;
  int64_t sum = 0;
  auto add = [&](size_t bytes) {
    auto* data = static_cast<unsigned char*>(a.allocate(bytes));
    CHECK(data != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(data) % 64 == 0);
    CHECK(reinterpret_cast<uintptr_t>(data) % 4096 != 0);  // how others' memory is told apart
    CHECK(CachingAllocator::bytes_of(data) == bytes);
    std::memset(data, static_cast<int>(blocks.size() % 251), bytes);
    blocks.emplace_back(data, bytes);
    sum += static_cast<int64_t>(bytes);
  };
  for (size_t bytes = 1; bytes <= 34000; bytes += bytes < 2100 ? 1 : 61) add(bytes);
  for (size_t bytes = 34001; bytes < 40 * kMiB; bytes += bytes / 3) add(bytes);
  add(100 * kMiB + 1);
  CHECK(live(a) == sum);
  for (size_t i = 0; i < blocks.size(); ++i) {
    auto [data, bytes] = blocks[i];
    CHECK(data[0] == i % 251 && data[bytes / 2] == i % 251 && data[bytes - 1] == i % 251);
    CHECK(a.deallocate(data));
  }
  CHECK(live(a) == 0);
  a.trim();
  CHECK(cached(a) == 0);
  CHECK(reserved(a) == 0);
  CHECK(mapped == kBookkeeping);
}

void should_waste_at_most_a_quarter_on_a_size_class() {
  CHECK(memory::capacity_of(memory::kSizeClasses - 1) == memory::kSmallBytes);
  for (size_t bytes = 1; bytes <= memory::kSmallBytes; ++bytes) {
    const int size_class = memory::size_class_of(bytes);
    CHECK(size_class >= 0 && size_class < memory::kSizeClasses);
    const size_t capacity = memory::capacity_of(size_class);
    CHECK(capacity >= bytes && capacity % 64 == 0);
    CHECK(capacity - bytes < std::max<size_t>(64, bytes / 4 + 1));
    CHECK(size_class == 0 || memory::capacity_of(size_class - 1) < bytes);
  }
}

void should_count_to_the_byte() {
  CachingAllocator& a = fresh();
  void* one = a.allocate(1);
  void* two = a.allocate(100'000);
  CHECK(live(a) == 100'001);
  a.deallocate(two);
  void* three = a.allocate(70'000);
  const Counters& counters = a.counters();
  CHECK(counters.live_bytes == 70'001);
  CHECK(counters.peak_bytes == 100'001);
  CHECK(counters.live_allocations == 2);
  CHECK(counters.total_allocations == 3);
  CHECK(counters.reserved_bytes >= counters.live_bytes + counters.cached_bytes);
  a.reset_peak();
  CHECK(counters.peak_bytes == 70'001);
  a.deallocate(one);
  a.deallocate(three);
  a.counters();
  CHECK(counters.live_bytes == 0);
  CHECK(counters.live_allocations == 0);
  CHECK(counters.peak_bytes == 70'001);
  CHECK(counters.pressure_events == 0);
}

void should_count_peaks_between_reports() {
  CachingAllocator& a = fresh();
  std::vector<void*> blocks;
  for (int i = 0; i < 600; ++i) blocks.push_back(a.allocate(100));
  for (void* block : blocks) a.deallocate(block);
  CHECK(a.counters().peak_bytes == 60'000);
}

void should_let_unread_counters_lag_within_bounds() {
  CachingAllocator& a = fresh();
  const Counters& counters = a.counters();
  int64_t expected = 0;
  std::vector<void*> blocks;
  for (int i = 0; i < 5000; ++i) {
    blocks.push_back(a.allocate(200));
    expected += 200;
    CHECK(expected - counters.live_bytes < CachingAllocator::kUnreportedBytes);
    CHECK(i + 1 - counters.total_allocations < CachingAllocator::kUnreportedAllocations);
  }
  for (void* block : blocks) a.deallocate(block);
}

void should_reuse_what_was_freed() {
  CachingAllocator& a = fresh();
  for (size_t bytes : {size_t{4}, size_t{5000}, size_t{100'000}, 10 * kMiB, 80 * kMiB}) {
    a.deallocate(touch(a.allocate(bytes), bytes));
    const int64_t before = reserved(a);
    a.deallocate(touch(a.allocate(bytes), bytes));
    CHECK(reserved(a) == before);
  }
}

void should_split_and_join_large_blocks() {
  CachingAllocator& a = fresh();
  std::vector<void*> parts;
  for (int i = 0; i < 24; ++i) parts.push_back(touch(a.allocate(kMiB), kMiB));
  const int64_t before = reserved(a);
  for (size_t i : {1u, 0u, 2u, 23u, 21u, 22u}) a.deallocate(parts[i]);
  for (size_t i = 3; i < 21; ++i) a.deallocate(parts[i]);
  CHECK(cached(a) == before);
  void* whole = touch(a.allocate(24 * kMiB), 24 * kMiB);
  CHECK(reserved(a) == before);  // served from the joined parts
  a.deallocate(whole);
  void* small = a.allocate(2 * kMiB);
  CHECK(cached(a) < before && cached(a) > before - static_cast<int64_t>(2 * kMiB + 8192));
  a.deallocate(small);
  a.trim();
  CHECK(mapped == kBookkeeping);
}

void should_hold_the_cache_within_its_limit() {
  CachingAllocator& a = fresh();
  a.set_cache_limit(static_cast<int64_t>(10 * kMiB));
  std::vector<void*> blocks;
  for (int i = 0; i < 40; ++i) blocks.push_back(touch(a.allocate(kMiB), kMiB));
  for (void* block : blocks) {
    a.deallocate(block);
    CHECK(cached(a) <= static_cast<int64_t>(10 * kMiB));
  }
  CHECK(cached(a) > static_cast<int64_t>(8 * kMiB));
  a.set_cache_limit(0);
  a.deallocate(touch(a.allocate(kMiB), kMiB));
  CHECK(cached(a) == 0);
}

void should_hold_live_and_cached_bytes_near_the_peak_of_live_bytes() {
  CachingAllocator& a = fresh();
  int64_t peak = 0;
  // Ever other sizes, so that little of what is cached fits what is asked for.
  for (int round = 0; round < 12; ++round) {
    const size_t bytes =
        (20 + static_cast<size_t>(round)) * kMiB / (1 + static_cast<size_t>(round));
    std::vector<void*> blocks;
    for (size_t sum = 0; sum < 200 * kMiB; sum += bytes) blocks.push_back(a.allocate(bytes));
    peak = std::max(peak, live(a));
    CHECK(live(a) + cached(a) <= peak / 4 * 5 + static_cast<int64_t>(32 * kMiB));
    for (void* block : blocks) a.deallocate(block);
    CHECK(live(a) + cached(a) <= peak / 4 * 5 + static_cast<int64_t>(kMiB));
  }
}

void should_give_idle_memory_back_while_used() {
  CachingAllocator& a = fresh();
  a.deallocate(touch(a.allocate(20 * kMiB), 20 * kMiB));
  void* kept = a.allocate(40'000);
  clock_ms += PageHeap::kIdleMs - 1;
  a.deallocate(kept);
  kept = a.allocate(40'000);
  CHECK(cached(a) > static_cast<int64_t>(20 * kMiB) - 100'000);
  clock_ms += 1001;
  a.deallocate(kept);
  CHECK(cached(a) < 100'000);
}

void should_give_idle_memory_back_on_request() {
  CachingAllocator& a = fresh();
  void* early = touch(a.allocate(4 * kMiB), 4 * kMiB);
  void* between = a.allocate(40'000);
  void* late = touch(a.allocate(6 * kMiB), 6 * kMiB);
  void* small = a.allocate(1000);
  a.deallocate(early);
  a.deallocate(small);
  clock_ms += 5000;
  a.deallocate(late);
  a.trim_idle(5000);  // the thread was active until now: its small blocks stay
  CHECK(cached(a) > static_cast<int64_t>(6 * kMiB) && cached(a) < static_cast<int64_t>(7 * kMiB));
  clock_ms += 5000;
  a.trim_idle(5000);  // what the thread gives up may count as idle from now on
  CHECK(cached(a) <= 65536);
  clock_ms += 5000;
  a.trim_idle(5000);
  CHECK(cached(a) == 0);
  a.deallocate(between);
}

#if defined(__linux__)
int64_t resident_bytes() {
  long pages = 0;
  long resident = 0;
  FILE* file = std::fopen("/proc/self/statm", "r");
  CHECK(file != nullptr && std::fscanf(file, "%ld %ld", &pages, &resident) == 2);
  std::fclose(file);
  return resident * sysconf(_SC_PAGESIZE);
}

void should_lower_the_resident_size_on_trim() {
  CachingAllocator& a = fresh(System::native());
  std::vector<void*> blocks;
  for (int i = 0; i < 60; ++i) blocks.push_back(touch(a.allocate(kMiB), kMiB));
  for (int i = 0; i < 20'000; ++i) blocks.push_back(touch(a.allocate(1000), 1000));
  const int64_t full = resident_bytes();
  for (void* block : blocks) a.deallocate(block);
  a.trim();
  CHECK(full - resident_bytes() > static_cast<int64_t>(70 * kMiB));
}

/// Whether the mapping of an address has been advised to use huge pages.
bool huge_pages_at(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &from, &to) == 2) {
      inside =
          from <= reinterpret_cast<uintptr_t>(address) && reinterpret_cast<uintptr_t>(address) < to;
    } else if (inside && line.starts_with("VmFlags:")) {
      return (line + " ").find(" hg ") != std::string::npos;
    }
  }
  std::abort();
}

/// Once by itself and once with the variable that libtorch's own allocator reads: CMakeLists.txt.
void should_use_huge_pages_only_when_asked_to() {
  const char* asked = std::getenv("THP_MEM_ALLOC_ENABLE");
  const bool expected = asked && std::string(asked) == "1" &&
                        access("/sys/kernel/mm/transparent_hugepage", F_OK) == 0;
  CachingAllocator& a = fresh(System::native());
  void* block = touch(a.allocate(kMiB), kMiB);
  CHECK(huge_pages_at(block) == expected);
  a.deallocate(block);
}
#endif

void should_free_from_another_thread() {
  CachingAllocator& a = fresh();
  for (int round = 0; round < 50; ++round) {
    std::vector<char*> blocks;
    for (int i = 0; i < 300; ++i) {
      const size_t bytes = static_cast<size_t>(1 + (i * 977) % 60'000);
      blocks.push_back(touch(a.allocate(bytes), bytes));
    }
    std::thread([&] {
      for (char* block : blocks) CHECK(a.deallocate(block));
    }).join();
  }
  CHECK(live(a) == 0);
  CHECK(a.counters().live_allocations == 0);
  CHECK(a.counters().total_allocations == 15'000);
  CHECK(reserved(a) < static_cast<int64_t>(20 * kMiB));  // the threads gave back what they held
}

void should_return_the_cache_of_a_thread_that_ends() {
  CachingAllocator& a = fresh();
  std::thread([&] {
    std::vector<void*> blocks;
    for (int i = 0; i < 20; ++i) blocks.push_back(a.allocate(100));
    for (void* block : blocks) a.deallocate(block);
    CHECK(cached(a) > 0);
  }).join();
  CHECK(cached(a) == 65536);  // as one free span in the page heap
}

// Frees when its thread ends, perhaps after the allocator's own thread-local state.
struct FreesAtExit {
  CachingAllocator* allocator = nullptr;
  void* block = nullptr;
  ~FreesAtExit() {
    if (!block) return;
    allocator->deallocate(block);
    allocator->deallocate(allocator->allocate(123));
  }
};

void should_serve_destructors_of_a_thread_that_ends() {
  CachingAllocator& a = fresh();
  std::thread([&] {
    static thread_local FreesAtExit holder;  // made first, so destroyed last
    holder.allocator = &a;
    holder.block = a.allocate(1000);
  }).join();
  CHECK(live(a) == 0);
  CHECK(a.counters().total_allocations == 2);
  a.trim();
  CHECK(reserved(a) == 0);
}

#if defined(PANTORCH_ASAN)
void should_mark_free_memory_for_the_address_sanitizer() {
  CachingAllocator& a = fresh();
  for (size_t bytes : {size_t{100}, size_t{100'000}}) {
    char* data = touch(a.allocate(bytes), bytes);
    CHECK(!__asan_address_is_poisoned(data + bytes - 1));
    CHECK(__asan_address_is_poisoned(data + bytes));
    a.deallocate(data);
    CHECK(__asan_address_is_poisoned(data) && __asan_address_is_poisoned(data + bytes - 1));
  }
}
#endif

#if !defined(_WIN32)
void should_recognise_memory_of_another_allocator() {
  CachingAllocator& a = fresh();
  for (size_t bytes : {size_t{4}, size_t{1000}, size_t{100'000}, kMiB}) {
    void* data = nullptr;
    CHECK(posix_memalign(&data, 64, bytes) == 0);
    CHECK(!a.deallocate(data));
    CHECK(CachingAllocator::bytes_of(data) == 0);
    std::free(data);
  }
}

#if !defined(__SANITIZE_THREAD__)  // ThreadSanitizer does not follow a fork
void should_stop_on_a_second_free() {
  CachingAllocator& a = fresh();
  void* data = a.allocate(100);
  a.deallocate(data);
  const pid_t child = fork();
  if (child == 0) {
    std::freopen("/dev/null", "w", stderr);
    a.deallocate(data);
    _exit(0);
  }
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
#endif
#endif

// Threads allocate, check, hand over and free at random while others trim, count and come and go.
void should_survive_everything_at_once() {
  CachingAllocator& a = fresh(System::native());
  constexpr int kThreads = 4;
  constexpr int kSteps = 40'000;
  constexpr size_t kWhole = 512;  // of larger blocks a byte a page
  struct Held {
    unsigned char* data;
    size_t bytes;
    unsigned char mark;
  };
  std::mutex exchange_mutex;
  std::vector<Held> exchange;
  std::atomic<bool> done{false};
  std::atomic<int64_t> made{0};

  auto check_and_free = [&](const Held& held) {
    // Every byte: two owners of one block need not meet at its ends.
    for (size_t i = 0; i < held.bytes; i += i < kWhole ? 1 : 4096) {
      CHECK(held.data[i] == held.mark);
    }
    CHECK(held.data[held.bytes - 1] == held.mark);
    CHECK(CachingAllocator::bytes_of(held.data) == held.bytes);
    CHECK(a.deallocate(held.data));
  };
  auto work = [&](unsigned seed, int steps) {
    std::mt19937 random(seed);
    std::vector<Held> mine;
    for (int i = 0; i < steps; ++i) {
      const unsigned dice = random() % 100;
      if (dice < 50) {
        const size_t most = dice < 30 ? 600 : dice < 47 ? 40'000 : 3'000'000;
        const size_t bytes = 1 + random() % most;
        const Held held{static_cast<unsigned char*>(a.allocate(bytes)), bytes,
                        static_cast<unsigned char>(random())};
        CHECK(held.data != nullptr);
        made.fetch_add(1);
        std::memset(held.data, held.mark, bytes);
        mine.push_back(held);
      } else if (dice < 55) {
        std::lock_guard<std::mutex> guard(exchange_mutex);
        if (exchange.size() > 100)
          std::swap(exchange, mine);
        else if (!mine.empty()) {
          exchange.push_back(mine.back());
          mine.pop_back();
        }
      }
      if (dice >= 50 && !mine.empty()) {
        std::swap(mine[random() % mine.size()], mine.back());
        check_and_free(mine.back());
        mine.pop_back();
      }
    }
    for (const Held& held : mine) check_and_free(held);
  };

  std::vector<std::thread> threads;
  for (unsigned t = 0; t < kThreads; ++t) threads.emplace_back(work, t, kSteps);
  std::thread trimmer([&] {
    for (int i = 0; !done; ++i) {
      if (i % 3 == 0)
        a.trim();
      else if (i % 3 == 1)
        a.trim_idle(0);
      else
        CHECK(a.counters().live_bytes >= 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  std::thread short_lived([&] {
    for (unsigned i = 0; !done; ++i) std::thread(work, 1000 + i, 200).join();
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  trimmer.join();
  short_lived.join();
  for (const Held& held : exchange) check_and_free(held);
  const Counters& counters = a.counters();
  CHECK(counters.live_bytes == 0);
  CHECK(counters.live_allocations == 0);
  CHECK(counters.total_allocations == made);
  a.trim();
  CHECK(counters.cached_bytes == 0);
  CHECK(counters.reserved_bytes == 0);
}

}  // namespace

int main() {
  RUN(should_give_aligned_blocks_of_every_size);
  RUN(should_waste_at_most_a_quarter_on_a_size_class);
  RUN(should_count_to_the_byte);
  RUN(should_count_peaks_between_reports);
  RUN(should_let_unread_counters_lag_within_bounds);
  RUN(should_reuse_what_was_freed);
  RUN(should_split_and_join_large_blocks);
  RUN(should_hold_the_cache_within_its_limit);
  RUN(should_hold_live_and_cached_bytes_near_the_peak_of_live_bytes);
  RUN(should_give_idle_memory_back_while_used);
  RUN(should_give_idle_memory_back_on_request);
#if defined(__linux__)
  RUN(should_lower_the_resident_size_on_trim);
  RUN(should_use_huge_pages_only_when_asked_to);
#endif
  RUN(should_free_from_another_thread);
  RUN(should_return_the_cache_of_a_thread_that_ends);
  RUN(should_serve_destructors_of_a_thread_that_ends);
#if defined(PANTORCH_ASAN)
  RUN(should_mark_free_memory_for_the_address_sanitizer);
#endif
#if !defined(_WIN32)
  RUN(should_recognise_memory_of_another_allocator);
#if !defined(__SANITIZE_THREAD__)
  RUN(should_stop_on_a_second_free);
#endif
#endif
  RUN(should_survive_everything_at_once);
  return 0;
}
