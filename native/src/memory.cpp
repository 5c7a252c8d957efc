#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <pantorch/memory.h>
#include <pantorch/runtime.h>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

#include <mutex>

#include "caching_allocator.h"
#include "on_demand.h"
#include "support.h"

using namespace pantorch;

namespace {

using memory::CachingAllocator;
using memory::Counters;

static_assert(sizeof(Counters) == PT_MEMORY_COUNTERS * sizeof(int64_t));
static_assert(std::atomic<int64_t>::is_always_lock_free);
static_assert(memory::kAlignment >= c10::gAlignment);

constexpr auto kRelaxed = std::memory_order_relaxed;
const c10::Device kCpu(c10::DeviceType::CPU);

/// In the place of the caller's callback until that is set; the allocation is then tried again, and
/// calls it.
int32_t relieve_on_demand(int64_t) {
  return demand_callback(PT_NEED_MEMORY_PRESSURE_CALLBACK) ? 1 : 0;
}

CachingAllocator* new_core() {
  auto* allocator = new CachingAllocator;
  allocator->set_pressure_callback(&relieve_on_demand);
  return allocator;
}

/// Never destroyed: tensors of static lifetime and threads that end late still free their memory.
CachingAllocator& core() {
  static CachingAllocator& instance = *new_core();
  return instance;
}

/// The same without asking whether it exists yet; null until the allocator is installed.
std::atomic<CachingAllocator*> installed_core{nullptr};
CachingAllocator* installed() { return installed_core.load(kRelaxed); }

/// Tells libtorch's profiler what the default allocator would, and what is reserved besides. The
/// sizes come from the blocks: those that were allocated before profiling began are known as well.
void report_to_profiler(void* data, int64_t change) {
  const Counters& counters = installed()->counters();
  c10::reportMemoryUsageToProfiler(
      data, change, static_cast<size_t>(counters.live_bytes.load(kRelaxed)),
      static_cast<size_t>(counters.reserved_bytes.load(kRelaxed)), kCpu);
}

[[noreturn]] void refuse(size_t bytes) {
  const Counters& counters = installed()->counters();
  const int64_t live = counters.live_bytes.load(kRelaxed);
  const int64_t reserved = counters.reserved_bytes.load(kRelaxed);
  c10::reportOutOfMemoryToProfiler(static_cast<int64_t>(bytes), static_cast<size_t>(live),
                                   static_cast<size_t>(reserved), kCpu);
  const int64_t limit = installed()->limit();
  TORCH_CHECK_WITH(OutOfMemoryError, false,
                   "CPU allocator: can't allocate memory: you tried to allocate ", bytes,
                   " bytes. Live: ", live, " bytes in ", counters.live_allocations.load(kRelaxed),
                   " allocations, peak ", counters.peak_bytes.load(kRelaxed),
                   " bytes; reserved: ", reserved, " bytes; limit: ",
                   limit == CachingAllocator::kNoLimit ? "none" : std::to_string(limit) + " bytes");
}

void deallocate(void* data) {
  if (data == nullptr) return;
  if (c10::memoryProfilingEnabled()) [[unlikely]] {
    const int64_t bytes = static_cast<int64_t>(CachingAllocator::bytes_of(data));
    if (bytes > 0) report_to_profiler(data, -bytes);
  }
  if (installed()->deallocate(data)) [[likely]] {
    return;
  }
  // From before the installation, by a caller that pairs raw_allocate and raw_deallocate of
  // whatever allocator is current, as the oneDNN engine does.
  c10::GetDefaultCPUAllocator()->raw_deleter()(data);
}

class Allocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    if (bytes == 0) return {nullptr, nullptr, &deallocate, kCpu};
    TORCH_CHECK(
        static_cast<ptrdiff_t>(bytes) >= 0,
        "CPU allocator: called with a negative number of bytes: ", static_cast<ptrdiff_t>(bytes));
    void* data = installed()->allocate(bytes);
    if (data == nullptr) refuse(bytes);
    if (c10::memoryProfilingEnabled()) [[unlikely]] {
      report_to_profiler(data, static_cast<int64_t>(bytes));
    }
    return {data, data, &deallocate, kCpu};
  }

  c10::DeleterFnPtr raw_deleter() const override { return &deallocate; }

  bool is_simple_data_ptr(const c10::DataPtr& data_ptr) const override {
    return data_ptr.get() == data_ptr.get_context();
  }

  void copy_data(void* dest, const void* src, size_t count) const override {
    default_copy_data(dest, src, count);
  }
};

/// Keeps this library loaded for good: libtorch is about to hold addresses in it.
void pin_library() {
#if !defined(_WIN32)
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&deallocate), &info) != 0) {
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
  }
#endif
}

}  // namespace

pt_error pt_memory_install(void) {
  return guard([] {
    static std::mutex mutex;
    const std::lock_guard<std::mutex> lock(mutex);
    if (installed() != nullptr) return;
    pin_library();
    installed_core.store(&core(), kRelaxed);
    static Allocator& allocator = *new Allocator;
    c10::SetCPUAllocator(&allocator, UINT8_MAX);
  });
}

int32_t pt_memory_installed(void) { return installed() != nullptr; }

pt_address pt_memory_counters(void) { return reinterpret_cast<pt_address>(&core().counters()); }

void pt_memory_reset_peak(void) { core().reset_peak(); }

void pt_memory_trim(void) { core().trim(); }

void pt_memory_trim_idle(int64_t idle_ms) { core().trim_idle(idle_ms); }

void pt_memory_set_cache_limit(int64_t bytes) { core().set_cache_limit(bytes); }

void pt_memory_set_limit(int64_t bytes) {
  core().set_limit(bytes < 0 ? CachingAllocator::kNoLimit : bytes);
}

void pt_memory_set_pressure_callback(pt_memory_pressure_callback callback) {
  core().set_pressure_callback(callback);
  callback_was_set(PT_NEED_MEMORY_PRESSURE_CALLBACK);
}
