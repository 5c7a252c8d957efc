#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <pantorch/device.h>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

#include <algorithm>

#include "support.h"

using namespace pantorch;

namespace {

at::DeviceType type_of(int32_t type) { return static_cast<at::DeviceType>(type); }

// libtorch has no device-agnostic name. Its CUDA build exports at::cuda::getDeviceProperties, whose
// result begins with the name: reached by symbol, so that this library needs no CUDA headers.
std::string name_of(at::Device device) {
#if !defined(_WIN32)
  if (device.is_cuda()) {
    using GetProperties = const char* (*)(signed char);
    auto properties =
        reinterpret_cast<GetProperties>(dlsym(RTLD_DEFAULT, "_ZN2at4cuda19getDevicePropertiesEa"));
    if (properties != nullptr) return properties(device.index());
  }
#endif
  return "";
}

c10::DeviceAllocator& allocator_of(int32_t type) {
  const at::DeviceType device_type = type_of(type);
  auto* allocator = device_type == at::kCPU
                        ? nullptr
                        : dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device_type));
  TORCH_CHECK_NOT_IMPLEMENTED(allocator != nullptr, "libtorch counts no memory of ", device_type,
                              " devices");
  return *allocator;
}

}  // namespace

int32_t pt_device_count(int32_t type) {
  const at::DeviceType device_type = type_of(type);
  if (device_type == at::kCPU || device_type == at::kMeta) return 1;
  // A driver that fails to initialise means no device, as in Python's is_available().
  try {
    if (!c10::impl::hasDeviceGuardImpl(device_type)) return 0;
    return c10::impl::VirtualGuardImpl(device_type).deviceCount();
  } catch (...) {
    return 0;
  }
}

int32_t pt_device_accelerator(void) {
  try {
    const auto accelerator = at::accelerator::getAccelerator(false);
    return accelerator.has_value() && at::accelerator::deviceCount() > 0
               ? static_cast<int32_t>(*accelerator)
               : -1;
  } catch (...) {
    return -1;
  }
}

pt_error pt_device_name(int32_t type, int32_t index, pt_address* out_name) {
  return guard([&] {
    *out_name = copy_text(name_of(at::Device(type_of(type), static_cast<at::DeviceIndex>(index))));
  });
}

pt_error pt_device_synchronize(int32_t type, int32_t index) {
  return guard([&] {
    const at::DeviceType device_type = type_of(type);
    if (device_type == at::kCPU || device_type == at::kMeta) return;
    c10::impl::VirtualGuardImpl implementation(device_type);
    const auto device =
        index < 0 ? implementation.getDevice().index() : static_cast<at::DeviceIndex>(index);
    implementation.synchronizeDevice(device);
  });
}

pt_error pt_device_current(int32_t type, int32_t* out_index) {
  return guard([&] {
    const at::DeviceType device_type = type_of(type);
    *out_index = device_type == at::kCPU || device_type == at::kMeta
                     ? 0
                     : c10::impl::VirtualGuardImpl(device_type).getDevice().index();
  });
}

pt_error pt_device_set_current(int32_t type, int32_t index) {
  return guard([&] {
    const at::DeviceType device_type = type_of(type);
    if (device_type == at::kCPU || device_type == at::kMeta) return;
    c10::impl::VirtualGuardImpl(device_type)
        .setDevice(at::Device(device_type, static_cast<at::DeviceIndex>(index)));
  });
}

pt_error pt_device_memory_stats(int32_t type, int32_t index, pt_address out) {
  return guard([&] {
    c10::DeviceAllocator& allocator = allocator_of(type);
    auto* values = reinterpret_cast<int64_t*>(out);
    std::fill_n(values, PT_DEVICE_MEMORY_STATS, 0);
    if (!allocator.initialized()) return;
    const auto stats = allocator.getDeviceStats(static_cast<at::DeviceIndex>(index));
    constexpr auto kAll = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
    values[PT_DEVICE_MEMORY_ALLOCATED] = stats.allocated_bytes[kAll].current;
    values[PT_DEVICE_MEMORY_PEAK_ALLOCATED] = stats.allocated_bytes[kAll].peak;
    values[PT_DEVICE_MEMORY_RESERVED] = stats.reserved_bytes[kAll].current;
    values[PT_DEVICE_MEMORY_PEAK_RESERVED] = stats.reserved_bytes[kAll].peak;
    values[PT_DEVICE_MEMORY_ALLOCATIONS] = stats.allocation[kAll].current;
    values[PT_DEVICE_MEMORY_RETRIES] = stats.num_alloc_retries;
    values[PT_DEVICE_MEMORY_REFUSED] = stats.num_ooms;
  });
}

pt_error pt_device_memory_reset_peak(int32_t type, int32_t index) {
  return guard([&] {
    c10::DeviceAllocator& allocator = allocator_of(type);
    if (allocator.initialized()) allocator.resetPeakStats(static_cast<at::DeviceIndex>(index));
  });
}

pt_error pt_device_memory_empty_cache(int32_t type) {
  return guard([&] {
    c10::DeviceAllocator& allocator = allocator_of(type);
    if (allocator.initialized()) allocator.emptyCache();
  });
}

pt_error pt_device_memory_info(int32_t type, int32_t index, int64_t* out_free, int64_t* out_total) {
  return guard([&] {
    const auto [free, total] =
        allocator_of(type).getMemoryInfo(static_cast<at::DeviceIndex>(index));
    *out_free = static_cast<int64_t>(free);
    *out_total = static_cast<int64_t>(total);
  });
}
