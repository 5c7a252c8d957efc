#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include <array>
#include <atomic>
#include <optional>

#include "support.h"

namespace pantorch {

constinit thread_local Told told{kNeverApplied, 0};

std::atomic<int64_t> times_threads_set{0};

void hear_num_threads() {
  told.times_threads_set = times_threads_set.load(std::memory_order_acquire);
  at::init_num_threads();
}

void set_num_threads(int count) {
  at::set_num_threads(count);
  times_threads_set.fetch_add(1, std::memory_order_release);
}

namespace {
thread_local std::optional<c10::InferenceMode> inference_guard;
}

namespace {

constexpr int64_t kByte = 0xff;
constexpr int64_t kAutocast = PT_MODE_AUTOCAST_CPU | PT_MODE_AUTOCAST_ACCELERATOR;
constexpr int64_t kAutocastDtypes = kByte << PT_MODE_AUTOCAST_CPU_DTYPE_SHIFT |
                                    kByte << PT_MODE_AUTOCAST_ACCELERATOR_DTYPE_SHIFT |
                                    kByte << PT_MODE_AUTOCAST_ACCELERATOR_TYPE_SHIFT;
constexpr int64_t kAllOfAutocast = kAutocast | PT_MODE_AUTOCAST_UNCACHED | kAutocastDtypes;

int64_t byte_of(int64_t mode, int shift) { return mode >> shift & kByte; }

// Which accelerator mode words have spoken of; there is one in a process at most. 0, the CPU,
// before.
std::atomic<int64_t> accelerator_type{0};

// libtorch's cache of converted weights knows neither dtypes nor whether gradients were recorded:
// what it holds is right only for modes that agree with this one in both.
std::atomic<int64_t> cache_filled_in{0};

void check_cache(int64_t mode) {
  if ((mode & kAutocast) == 0 || (mode & PT_MODE_AUTOCAST_UNCACHED) != 0) return;
  const int64_t kind = mode & (kAutocastDtypes | PT_MODE_NO_GRAD | PT_MODE_INFERENCE);
  if (cache_filled_in.exchange(kind) != kind) at::autocast::clear_cache();
}

void set_autocast(at::DeviceType type, bool enabled, int64_t dtype) {
  const at::ScalarType usual = default_autocast_dtype(type);
  at::autocast::set_autocast_dtype(type, dtype == 0 ? usual : static_cast<at::ScalarType>(dtype));
  at::autocast::set_autocast_enabled(type, enabled);
}

void change_autocast(int64_t mode) {
  set_autocast(at::kCPU, (mode & PT_MODE_AUTOCAST_CPU) != 0,
               byte_of(mode, PT_MODE_AUTOCAST_CPU_DTYPE_SHIFT));
  if (const int64_t type = byte_of(mode, PT_MODE_AUTOCAST_ACCELERATOR_TYPE_SHIFT)) {
    accelerator_type = type;
  }
  if (const int64_t type = accelerator_type) {
    set_autocast(static_cast<at::DeviceType>(type), (mode & PT_MODE_AUTOCAST_ACCELERATOR) != 0,
                 byte_of(mode, PT_MODE_AUTOCAST_ACCELERATOR_DTYPE_SHIFT));
  }
  at::autocast::set_autocast_cache_enabled((mode & PT_MODE_AUTOCAST_UNCACHED) == 0);
}

// The bits of one kind of device, in their places.
int64_t observed_autocast(at::DeviceType type, int64_t enabled_bit, int dtype_shift) {
  const auto dtype = at::autocast::get_autocast_dtype(type);
  const bool enabled = at::autocast::is_autocast_enabled(type);
  const int64_t code = dtype == default_autocast_dtype(type) ? 0 : static_cast<int64_t>(dtype);
  return (enabled ? enabled_bit : 0) | code << dtype_shift;
}

}  // namespace

at::ScalarType default_autocast_dtype(at::DeviceType type) {
  TORCH_CHECK(at::autocast::is_autocast_available(type),
              "User specified an unsupported autocast device_type '",
              c10::DeviceTypeName(type, /*lower_case=*/true), "'");
  // Per thread in libtorch, and the same in each until it is set, which is done here only.
  static std::array<std::atomic<int>, at::COMPILE_TIME_MAX_DEVICE_TYPES> found{};
  auto& entry = found[static_cast<size_t>(type)];
  if (entry == 0) entry = static_cast<int>(at::autocast::get_autocast_dtype(type)) + 1;
  return static_cast<at::ScalarType>(entry - 1);
}

void change_mode(int64_t mode) {
  if (told.mode == kNeverApplied) install_warning_handler();
  const bool inference = (mode & PT_MODE_INFERENCE) != 0;
  const bool inference_changes = inference != inference_guard.has_value();
  if (inference_changes) {
    if (inference) {
      inference_guard.emplace(true);
    } else {
      inference_guard.reset();
    }
  }
  at::GradMode::set_enabled((mode & PT_MODE_NO_GRAD) == 0);
  const int64_t before = told.mode == kNeverApplied ? 0 : told.mode;
  // A guard of inference mode puts all keys back as it found them: autocast's, and a trace's.
  if (inference_changes || ((mode ^ before) & kAllOfAutocast) != 0) change_autocast(mode);
  check_cache(mode);
  c10::impl::tls_set_dispatch_key_included(c10::DispatchKey::Tracer,
                                           torch::jit::tracer::isTracing());
  c10::impl::tls_set_dispatch_key_excluded(c10::DispatchKey::Tracer,
                                           (mode & PT_MODE_NO_TRACE) != 0);
  told.mode = mode;
}

int64_t observed_mode() {
  int64_t mode = 0;
  if (!at::GradMode::is_enabled()) mode |= PT_MODE_NO_GRAD;
  if (c10::InferenceMode::is_enabled()) mode |= PT_MODE_INFERENCE;
  if (told.mode != kNeverApplied) mode |= told.mode & PT_MODE_SAVED_TENSOR_HOOKS;
  mode |= observed_autocast(at::kCPU, PT_MODE_AUTOCAST_CPU, PT_MODE_AUTOCAST_CPU_DTYPE_SHIFT);
  if (const int64_t type = accelerator_type) {
    mode |= observed_autocast(static_cast<at::DeviceType>(type), PT_MODE_AUTOCAST_ACCELERATOR,
                              PT_MODE_AUTOCAST_ACCELERATOR_DTYPE_SHIFT) |
            type << PT_MODE_AUTOCAST_ACCELERATOR_TYPE_SHIFT;
  }
  if (!at::autocast::is_autocast_cache_enabled()) mode |= PT_MODE_AUTOCAST_UNCACHED;
  if (c10::impl::tls_is_dispatch_key_excluded(c10::DispatchKey::Tracer)) mode |= PT_MODE_NO_TRACE;
  return mode;
}

ModeRestore::ModeRestore() : applied_(told.mode), observed_(observed_mode()) {
  told.mode = observed_;
  check_cache(observed_);
}

ModeRestore::~ModeRestore() {
  apply_mode(observed_);
  told.mode = applied_;
  if (applied_ != kNeverApplied) check_cache(applied_);
}

}  // namespace pantorch
