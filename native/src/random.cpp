#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <pantorch/random.h>

#include "support.h"

using namespace pantorch;

namespace {

pt_generator release_generator(at::Generator generator) {
  return reinterpret_cast<pt_generator>(generator.unsafeReleaseGeneratorImpl());
}

// A generator is not safe for concurrent use by itself; its mutex is the caller's to take.
template <class Body>
pt_error with_generator(pt_generator handle, Body&& body) {
  return guard([&] {
    at::Generator generator = borrow_generator(handle);
    std::scoped_lock lock(generator.mutex());
    body(generator);
  });
}

at::Device device_of(int32_t type, int32_t index) {
  return {static_cast<at::DeviceType>(type), static_cast<at::DeviceIndex>(index)};
}

}  // namespace

pt_error pt_random_manual_seed(uint64_t seed) {
  return guard([&] { at::manual_seed(seed); });
}

pt_error pt_generator_create(int32_t device_type, int32_t device_index,
                             pt_generator* out_generator) {
  return guard([&] {
    const at::Device device = device_of(device_type, device_index);
    *out_generator =
        release_generator(device.is_cpu() ? at::detail::createCPUGenerator()
                                          : at::globalContext()
                                                .getAcceleratorHooksInterface(device.type())
                                                .getNewGenerator(device.index()));
  });
}

pt_error pt_generator_default(int32_t device_type, int32_t device_index,
                              pt_generator* out_generator) {
  return guard([&] {
    *out_generator = release_generator(
        at::globalContext().defaultGenerator(device_of(device_type, device_index)));
  });
}

void pt_generator_free(pt_generator generator) {
  if (generator != 0) {
    c10::intrusive_ptr<c10::GeneratorImpl>::reclaim(
        reinterpret_cast<c10::GeneratorImpl*>(generator))
        .reset();
  }
}

pt_error pt_generator_set_seed(pt_generator generator, uint64_t seed) {
  return with_generator(generator, [&](at::Generator& g) { g.set_current_seed(seed); });
}

pt_error pt_generator_seed(pt_generator generator, uint64_t* out_seed) {
  return with_generator(generator, [&](at::Generator& g) { *out_seed = g.seed(); });
}

pt_error pt_generator_initial_seed(pt_generator generator, uint64_t* out_seed) {
  return with_generator(generator, [&](at::Generator& g) { *out_seed = g.current_seed(); });
}

pt_error pt_generator_state(pt_generator generator, pt_tensor* out_state) {
  return with_generator(generator, [&](at::Generator& g) { *out_state = release(g.get_state()); });
}

pt_error pt_generator_set_state(pt_generator generator, pt_tensor state) {
  return with_generator(generator, [&](at::Generator& g) { g.set_state(borrow(state)); });
}

pt_error pt_generator_device(pt_generator generator, int32_t* out_type, int32_t* out_index) {
  return guard([&] {
    const at::Device device = borrow_generator(generator).device();
    *out_type = static_cast<int32_t>(device.type());
    *out_index = device.index();
  });
}
