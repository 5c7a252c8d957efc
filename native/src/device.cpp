#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <pantorch/device.h>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

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
