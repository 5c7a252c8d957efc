#include <ATen/core/grad_mode.h>
#include <c10/core/InferenceMode.h>

#include <optional>

#include "support.h"

namespace pantorch {

thread_local int64_t applied_mode = kNeverApplied;

namespace {
thread_local std::optional<c10::InferenceMode> inference_guard;
}

void change_mode(int64_t mode) {
  if (applied_mode == kNeverApplied) install_warning_handler();
  const bool inference = (mode & PT_MODE_INFERENCE) != 0;
  if (inference != inference_guard.has_value()) {
    if (inference) {
      inference_guard.emplace(true);
    } else {
      inference_guard.reset();
    }
  }
  at::GradMode::set_enabled((mode & PT_MODE_NO_GRAD) == 0);
  applied_mode = mode;
}

int64_t observed_mode() {
  int64_t mode = 0;
  if (!at::GradMode::is_enabled()) mode |= PT_MODE_NO_GRAD;
  if (c10::InferenceMode::is_enabled()) mode |= PT_MODE_INFERENCE;
  if (applied_mode != kNeverApplied) mode |= applied_mode & PT_MODE_SAVED_TENSOR_HOOKS;
  return mode;
}

ModeRestore::ModeRestore() : applied_(applied_mode), observed_(observed_mode()) {
  applied_mode = observed_;
}

ModeRestore::~ModeRestore() {
  apply_mode(observed_);
  applied_mode = applied_;
}

}  // namespace pantorch
