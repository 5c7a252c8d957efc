#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/autocast_mode.h>
#include <ATen/cpu/Utils.h>
#include <c10/core/DefaultDtype.h>
#include <c10/util/Exception.h>
#include <pantorch/memory.h>
#include <pantorch/runtime.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "on_demand.h"
#include "support.h"

using namespace pantorch;

namespace {

std::atomic<pt_warning_callback> warning_callback{nullptr};

class CallbackWarningHandler : public c10::WarningHandler {
 public:
  void process(const c10::Warning& warning) override {
    auto callback = warning_callback.load();
    if (callback == nullptr && demand_callback(PT_NEED_WARNING_CALLBACK)) {
      callback = warning_callback.load();
    }
    if (callback == nullptr) {
      c10::WarningHandler::process(warning);
      return;
    }
    ModeRestore modes;
    const bool deprecation =
        std::holds_alternative<c10::Warning::DeprecationWarning>(warning.type());
    callback(deprecation ? 1 : 0, warning.msg().c_str());
  }
};

}  // namespace

void pantorch::install_warning_handler() {
  static CallbackWarningHandler handler;
  c10::WarningUtils::set_warning_handler(&handler);
}

int32_t pt_abi_version(void) { return PT_ABI_VERSION; }

const char* pt_libtorch_version(void) { return TORCH_VERSION; }

void pt_free(pt_address memory) { std::free(reinterpret_cast<void*>(memory)); }

pt_error pt_runtime_config(pt_address* out_text) {
  return guard([&] { *out_text = copy_text(at::show_config()); });
}

pt_error pt_runtime_parallel_info(pt_address* out_text) {
  return guard([&] { *out_text = copy_text(at::get_parallel_info()); });
}

pt_error pt_runtime_cpu_capabilities(pt_address* out_text) {
  return guard([&] {
    std::string names;
    for (const auto& [name, value] : at::cpu::get_cpu_capabilities()) {
      if (value.isBool() && value.toBool()) names += name + " ";
    }
    *out_text = copy_text(names);
  });
}

pt_error pt_runtime_clear_autocast_cache(void) {
  return guard([] { at::autocast::clear_cache(); });
}

pt_error pt_runtime_autocast_dtype(int32_t device_type, int32_t* out_dtype) {
  return guard([&] {
    *out_dtype =
        static_cast<int32_t>(default_autocast_dtype(static_cast<at::DeviceType>(device_type)));
  });
}

int32_t pt_runtime_num_threads(void) {
  follow_num_threads();
  return at::get_num_threads();
}

pt_error pt_runtime_set_num_threads(int64_t which, int64_t threads) {
  return guard([&] {
    const int count = static_cast<int>(threads);
    which == PT_THREADS_INTEROP ? at::set_num_interop_threads(count) : set_num_threads(count);
  });
}

int32_t pt_runtime_num_interop_threads(void) {
  return static_cast<int32_t>(at::get_num_interop_threads());
}

pt_error pt_runtime_quantized_engines(int32_t* engines, int32_t capacity, int32_t* out_count) {
  return guard([&] {
    const auto& supported = at::globalContext().supportedQEngines();
    for (size_t i = 0; i < supported.size() && i < static_cast<size_t>(capacity); ++i) {
      engines[i] = static_cast<int32_t>(supported[i]);
    }
    *out_count = static_cast<int32_t>(supported.size());
  });
}

pt_error pt_runtime_quantized_engine(int32_t* out_engine) {
  return guard([&] { *out_engine = static_cast<int32_t>(at::globalContext().qEngine()); });
}

pt_error pt_runtime_set_quantized_engine(int32_t engine) {
  return guard([&] { at::globalContext().setQEngine(static_cast<at::QEngine>(engine)); });
}

int32_t pt_runtime_deterministic(void) {
  return at::globalContext().deterministicAlgorithms() ? 1 : 0;
}

void pt_runtime_set_deterministic(int32_t enabled, int32_t warn_only) {
  at::globalContext().setDeterministicAlgorithms(enabled != 0, warn_only != 0);
}

int32_t pt_runtime_default_dtype(void) {
  return static_cast<int32_t>(c10::get_default_dtype_as_scalartype());
}

pt_error pt_runtime_set_default_dtype(int32_t dtype) {
  return guard([&] {
    const auto type = static_cast<at::ScalarType>(dtype);
    TORCH_CHECK_TYPE(at::isFloatingType(type), "the default dtype must be floating, not ", type);
    c10::set_default_dtype(c10::scalarTypeToTypeMeta(type));
  });
}

void pt_runtime_set_warning_callback(pt_warning_callback callback) {
  warning_callback = callback;
  callback_was_set(PT_NEED_WARNING_CALLBACK);
}

int64_t pt_runtime_identify(int64_t capacity, pt_address out_identity) {
  const std::array identity{int64_t{pt_abi_version()},
                            reinterpret_cast<pt_address>(pt_libtorch_version())};
  const auto count = static_cast<int64_t>(identity.size());
  std::copy_n(identity.begin(), std::min(capacity, count),
              reinterpret_cast<int64_t*>(out_identity));
  return count;
}

pt_error pt_runtime_start(int64_t what, pt_address out_counters) {
  if ((what & PT_START_CALLBACKS_ON_DEMAND) != 0) {
    expect_callbacks_on_demand();
  }
  if ((what & PT_START_CACHING_ALLOCATOR) != 0) {
    if (const pt_error error = pt_memory_install()) return error;
  }
  *reinterpret_cast<pt_address*>(out_counters) = pt_memory_counters();
  return 0;
}
