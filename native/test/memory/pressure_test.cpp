// Memory runs out: the system refuses, or the limit does. Without libtorch, see allocator_test.h.
#include <random>

#include "allocator_test.h"

namespace {

// The callbacks are plain functions: what they work on.
CachingAllocator* relieved = nullptr;
std::vector<void*> expendable;
int relief_calls = 0;
int64_t relief_wanted = 0;

void prepare_relief(CachingAllocator& a, CachingAllocator::PressureCallback callback) {
  relieved = &a;
  expendable.clear();
  relief_calls = 0;
  relief_wanted = 0;
  a.set_pressure_callback(callback);
}

int32_t free_one(int64_t wanted) {
  ++relief_calls;
  relief_wanted = wanted;
  if (expendable.empty()) return 0;
  if (void* scratch = relieved->allocate(64)) relieved->deallocate(scratch);
  relieved->deallocate(expendable.back());
  expendable.pop_back();
  return 1;
}

int32_t fail_inside(int64_t wanted) {
  ++relief_calls;
  CHECK(relieved->allocate(static_cast<size_t>(wanted)) == nullptr);
  return 0;
}

int32_t free_on_another_thread(int64_t wanted) {
  int32_t result = 0;
  std::thread([&] { result = free_one(wanted); }).join();
  return result;
}

void should_give_the_cache_back_before_asking_for_relief() {
  CachingAllocator& a = fresh();
  prepare_relief(a, free_one);
  void* block = touch(a.allocate(40 * kMiB), 40 * kMiB);
  map_budget = static_cast<int64_t>(10 * kMiB);
  a.deallocate(block);
  void* other = a.allocate(45 * kMiB);  // fits once the mapping of 40 MiB is gone
  CHECK(other != nullptr);
  CHECK(relief_calls == 0);
  CHECK(a.counters().pressure_events == 1);
  a.deallocate(other);
}

void should_ask_for_relief_when_the_system_refuses() {
  for (auto callback : {free_one, free_on_another_thread}) {
    CachingAllocator& a = fresh();
    prepare_relief(a, callback);
    for (int i = 0; i < 2; ++i) expendable.push_back(touch(a.allocate(40 * kMiB), 40 * kMiB));
    map_budget = 0;
    void* block = a.allocate(35 * kMiB);
    CHECK(block != nullptr);
    CHECK(relief_calls == 1 && relief_wanted == static_cast<int64_t>(35 * kMiB));
    a.deallocate(block);
  }
}

void should_give_up_when_relief_frees_nothing() {
  CachingAllocator& a = fresh();
  prepare_relief(a, free_one);
  void* kept = a.allocate(40 * kMiB);
  map_budget = 0;
  CHECK(a.allocate(70 * kMiB) == nullptr);
  CHECK(relief_calls == 1);
  CHECK(live(a) == static_cast<int64_t>(40 * kMiB));
  a.deallocate(kept);
}

void should_ask_at_most_three_times() {
  CachingAllocator& a = fresh();
  prepare_relief(a, free_one);
  for (int i = 0; i < 10; ++i) expendable.push_back(a.allocate(100'000));
  map_budget = 0;
  CHECK(a.allocate(500 * kMiB) == nullptr);
  CHECK(relief_calls == 3);
  CHECK(live(a) == 700'000);
  for (void* block : expendable) a.deallocate(block);
}

void should_not_ask_again_inside_relief() {
  CachingAllocator& a = fresh();
  prepare_relief(a, fail_inside);
  map_budget = 0;
  CHECK(a.allocate(kMiB) == nullptr);
  CHECK(relief_calls == 1);
}

void should_fail_cleanly_without_memory_for_anything() {
  CachingAllocator& a = fresh();
  map_budget = 0;
  CHECK(a.allocate(8) == nullptr);
  CHECK(a.allocate(kMiB) == nullptr);
  CHECK(a.allocate(SIZE_MAX) == nullptr);
  CHECK(a.allocate(static_cast<size_t>(PTRDIFF_MAX)) == nullptr);
  CHECK(live(a) == 0 && a.counters().live_allocations == 0 && reserved(a) == 0);
  map_budget = INT64_MAX;
  a.deallocate(touch(a.allocate(8), 8));
}

void should_fall_back_to_small_mappings() {
  CachingAllocator& a = fresh();
  map_budget = static_cast<int64_t>(4 * kMiB);
  void* block = touch(a.allocate(2 * kMiB), 2 * kMiB);
  a.deallocate(block);
}

void should_refuse_beyond_the_limit_to_the_byte() {
  CachingAllocator& a = fresh();
  prepare_relief(a, free_one);
  a.set_limit(1'000'000);
  void* first = a.allocate(999'000);
  CHECK(a.allocate(1001) == nullptr);
  CHECK(relief_calls == 1);
  void* second = a.allocate(1000);
  CHECK(second != nullptr && live(a) == 1'000'000);
  expendable.push_back(first);
  void* third = a.allocate(500'000);  // relief frees the first
  CHECK(third != nullptr && live(a) == 501'000);
  CHECK(a.counters().peak_bytes == 1'000'000);
  CHECK(live(a) + cached(a) <= 1'000'000 + 65536);
  a.set_limit(CachingAllocator::kNoLimit);
  void* fourth = a.allocate(2'000'000);
  CHECK(live(a) == 2'501'000);
  for (void* block : {second, third, fourth}) a.deallocate(block);
  CHECK(live(a) == 0);
}

void should_keep_the_limit_with_many_threads() {
  CachingAllocator& a = fresh();
  constexpr int64_t kLimit = 700'000;  // less than one thread by itself would hold
  a.set_limit(kLimit);
  std::atomic<int64_t> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      std::vector<void*> blocks;
      for (int i = 0; i < 3000; ++i) {
        if (void* block = a.allocate(1 + random() % 100'000)) {
          blocks.push_back(block);
        } else {
          refused.fetch_add(1);
        }
        CHECK(a.counters().live_bytes <= kLimit);
        if (blocks.size() > 20) {
          std::swap(blocks[random() % blocks.size()], blocks.back());
          a.deallocate(blocks.back());
          blocks.pop_back();
        }
      }
      for (void* block : blocks) a.deallocate(block);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(refused > 0);
  CHECK(live(a) == 0);
  CHECK(a.counters().peak_bytes <= kLimit);
}

}  // namespace

int main() {
  RUN(should_give_the_cache_back_before_asking_for_relief);
  RUN(should_ask_for_relief_when_the_system_refuses);
  RUN(should_give_up_when_relief_frees_nothing);
  RUN(should_ask_at_most_three_times);
  RUN(should_not_ask_again_inside_relief);
  RUN(should_fail_cleanly_without_memory_for_anything);
  RUN(should_fall_back_to_small_mappings);
  RUN(should_refuse_beyond_the_limit_to_the_byte);
  RUN(should_keep_the_limit_with_many_threads);
  return 0;
}
