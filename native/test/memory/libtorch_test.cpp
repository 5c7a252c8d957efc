// The caching allocator in the place of libtorch's own, through the C interface.
#include <ATen/Parallel.h>
#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <c10/core/CPUAllocator.h>
#include <pantorch/pantorch.h>

#include <string>
#include <thread>
#include <vector>

#include "../expect.h"

namespace {

const volatile int64_t* counters() {
  return reinterpret_cast<const volatile int64_t*>(pt_memory_counters());
}

int64_t live() { return counters()[PT_MEMORY_LIVE_BYTES]; }

bool owned(const at::Tensor& tensor) {
  return tensor.storage().data_ptr().get_deleter() == c10::GetCPUAllocator()->raw_deleter();
}

std::vector<at::Tensor> lstm_parameters() {
  return {at::full({64, 5}, 0.01), at::full({64, 16}, 0.01), at::full({64}, 0.01),
          at::full({64}, 0.01)};
}

at::Tensor lstm(const at::Tensor& input, const std::vector<at::Tensor>& parameters) {
  const at::Tensor state = at::zeros({1, input.size(1), 16});
  return std::get<0>(
      at::lstm(input, {state, state}, parameters, true, 1, 0.0, false, false, false));
}

void should_take_over_from_libtorchs_allocator() {
  EXPECT(!pt_memory_installed());
  // What libtorch, and oneDNN with its caches, hold from before must be freed rightly later.
  at::Tensor early = at::ones({1000});
  const at::Tensor input = at::ones({10, 32, 5});
  const std::vector<at::Tensor> parameters = lstm_parameters();
  const at::Tensor early_output = lstm(input, parameters);
  void* raw = c10::GetCPUAllocator()->raw_allocate(12345);
  EXPECT(live() == 0);

  EXPECT(pt_memory_install() == 0);
  EXPECT(pt_memory_install() == 0);
  EXPECT(pt_memory_installed());
  EXPECT(c10::GetCPUAllocator() != c10::GetDefaultCPUAllocator());

  c10::GetCPUAllocator()->raw_deallocate(raw);
  EXPECT(!owned(early));
  EXPECT(at::equal(lstm(input, parameters), early_output));
  at::Tensor sum = at::add(early, early);
  EXPECT(owned(sum));
  early = at::Tensor();
  EXPECT(sum[999].item<float>() == 2);
}

void should_count_what_tensors_ask_for() {
  const int64_t before = live();
  const int64_t allocations = counters()[PT_MEMORY_LIVE_ALLOCATIONS];
  {
    at::Tensor small = at::empty({25});
    at::Tensor large = at::empty({1000, 1000});
    at::Tensor none = at::empty({0});
    EXPECT(none.data_ptr() == nullptr);
    EXPECT(live() == before + 100 + 4'000'000);
    EXPECT(counters()[PT_MEMORY_LIVE_ALLOCATIONS] == allocations + 2);
    EXPECT(reinterpret_cast<uintptr_t>(small.data_ptr()) % c10::gAlignment == 0);
    EXPECT(reinterpret_cast<uintptr_t>(large.data_ptr()) % c10::gAlignment == 0);
    small.resize_({1000});
    EXPECT(live() == before + 4000 + 4'000'000);
  }
  EXPECT(live() == before);
  EXPECT(counters()[PT_MEMORY_PEAK_BYTES] >= before + 4'004'000);
  pt_memory_reset_peak();
  EXPECT(counters()[PT_MEMORY_PEAK_BYTES] == before);
}

void should_offer_the_whole_interface_of_an_allocator() {
  c10::Allocator& allocator = *c10::GetCPUAllocator();
  const int64_t before = live();
  auto* raw = static_cast<char*>(allocator.raw_allocate(100));
  EXPECT(live() == before + 100);
  std::fill_n(raw, 100, 'x');
  {
    c10::DataPtr clone = allocator.clone(raw, 100);
    EXPECT(allocator.is_simple_data_ptr(clone));
    EXPECT(static_cast<char*>(clone.get())[99] == 'x');
    EXPECT(live() == before + 200);
  }
  allocator.raw_deallocate(raw);
  allocator.raw_deallocate(allocator.raw_allocate(0));
  EXPECT(live() == before);
  expect_message("CPU allocator: called with a negative number of bytes: -1",
                 [&] { allocator.allocate(SIZE_MAX); });
}

void should_give_the_cache_back_on_trim() {
  at::ones({10'000'000});
  EXPECT(counters()[PT_MEMORY_CACHED_BYTES] >= 30 << 20);
  pt_memory_trim();
  EXPECT(counters()[PT_MEMORY_CACHED_BYTES] < 1 << 20);
  at::ones({10'000'000});
  pt_memory_trim_idle(60'000);
  EXPECT(counters()[PT_MEMORY_CACHED_BYTES] >= 30 << 20);
  pt_memory_set_cache_limit(1 << 20);
  at::ones({10'000'000});
  EXPECT(counters()[PT_MEMORY_CACHED_BYTES] <= 1 << 20);
  pt_memory_set_cache_limit(-1);
}

at::Tensor expendable;
int64_t wanted = 0;

int32_t relieve(int64_t bytes) {
  wanted = bytes;
  if (!expendable.defined()) return 0;
  expendable = at::add(expendable.slice(0, 0, 10), 1);  // operators may run here
  return 1;
}

pt_address address_of(int64_t* number) { return reinterpret_cast<pt_address>(number); }

void should_wait_for_a_callback_that_is_set_on_demand() {
  int64_t number = 0;
  EXPECT(pt_runtime_start(PT_START_CALLBACKS_ON_DEMAND, address_of(&number)) == 0);
  EXPECT(number == pt_memory_counters());
  EXPECT(pt_runtime_await_need(0, address_of(&number)) == 0);
  EXPECT(number == 0);

  std::thread connects([] {
    int64_t need = 0;
    EXPECT(pt_runtime_await_need(-1, address_of(&need)) == 0);
    EXPECT(need == PT_NEED_MEMORY_PRESSURE_CALLBACK);
    pt_memory_set_pressure_callback(relieve);
  });
  expendable = at::ones({20'000});
  pt_memory_set_limit(live() + 20'000);
  EXPECT(at::ones({15'000}).defined());
  EXPECT(wanted == 60'000);
  connects.join();
  pt_memory_set_limit(-1);
  expendable = at::Tensor();
  wanted = 0;
}

void should_ask_for_relief_and_then_refuse() {
  pt_memory_trim();
  const int64_t before = live();
  pt_memory_reset_peak();
  expendable = at::ones({20'000});
  pt_memory_set_limit(before + 100'000);
  pt_memory_set_pressure_callback(relieve);
  {
    const at::Tensor tensor = at::ones({15'000});
    EXPECT(wanted == 60'000);
    EXPECT(live() == before + 60'040);
  }
  expendable = at::Tensor();
  const std::string live_now = std::to_string(before) + " bytes in " +
                               std::to_string(counters()[PT_MEMORY_LIVE_ALLOCATIONS]);
  const std::string peak = std::to_string(counters()[PT_MEMORY_PEAK_BYTES]);
  const std::string reserved = std::to_string(counters()[PT_MEMORY_RESERVED_BYTES]);
  std::string message;
  try {
    at::empty({100'000});
  } catch (const c10::OutOfMemoryError& error) {
    message = error.what_without_backtrace();
  }
  EXPECT(message ==
         "CPU allocator: can't allocate memory: you tried to allocate 400000 bytes. "
         "Live: " +
             live_now + " allocations, peak " + peak + " bytes; reserved: " + reserved +
             " bytes; limit: " + std::to_string(before + 100'000) + " bytes");
  EXPECT(counters()[PT_MEMORY_PRESSURE_EVENTS] == 3);
  pt_memory_set_limit(-1);
  pt_memory_set_pressure_callback(nullptr);
  EXPECT(at::empty({100'000}).defined());
  // More than there is address space: the system refuses, before anything is touched.
  message = message_of([] { at::empty({1'000'000'000'000'000}); });
  EXPECT(message.find("you tried to allocate 4000000000000000 bytes") != std::string::npos);
}

struct Report {
  void* data;
  int64_t change;
  size_t live;
  size_t reserved;
};

struct Profiler : c10::MemoryReportingInfoBase {
  std::vector<Report> reports;
  void reportMemoryUsage(void* data, int64_t change, size_t live, size_t reserved,
                         c10::Device device) override {
    EXPECT(device.is_cpu());
    reports.push_back({data, change, live, reserved});
  }
  bool memoryProfilingEnabled() const override { return true; }
};

void should_report_to_libtorchs_profiler() {
  at::Tensor early = at::empty({10});
  const size_t before = static_cast<size_t>(live());
  const auto profiler = std::make_shared<Profiler>();
  {
    c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, profiler);
    const at::Tensor tensor = at::empty({100});
    early = at::Tensor();
  }
  EXPECT(profiler->reports.size() == 3);
  EXPECT(profiler->reports[0].change == 400 && profiler->reports[0].live == before + 400);
  EXPECT(profiler->reports[1].change == -40);
  EXPECT(profiler->reports[2].change == -400);
  EXPECT(profiler->reports[2].data == profiler->reports[0].data);
  EXPECT(profiler->reports[0].reserved >= profiler->reports[0].live);
}

void should_serve_libtorchs_threads() {
  const int64_t before = live();
  at::parallel_for(0, 64, 1, [](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const at::Tensor tensor = at::full({1000 * (i + 1)}, static_cast<double>(i));
      EXPECT(tensor[-1].item<double>() == static_cast<double>(i));
    }
  });
  EXPECT(live() == before);
}

}  // namespace

int main() {
  should_take_over_from_libtorchs_allocator();
  should_count_what_tensors_ask_for();
  should_offer_the_whole_interface_of_an_allocator();
  should_give_the_cache_back_on_trim();
  should_wait_for_a_callback_that_is_set_on_demand();
  should_ask_for_relief_and_then_refuse();
  should_report_to_libtorchs_profiler();
  should_serve_libtorchs_threads();
  return 0;
}
