#include <algorithm>

#include "argument_checks.h"

namespace pantorch::operators {

namespace {

/// Padding behind the end of a target may be any number, so each is looked at by itself.
void check_labels(const int64_t* labels, int64_t count, int64_t classes) {
  for (int64_t i = 0; i < count; i++) {
    TORCH_CHECK_INDEX(labels[i] >= 0 && labels[i] < classes, "Expected targets between 0 and ",
                      classes - 1, ", the classes of log_probs, got ", labels[i]);
  }
}

}  // namespace

void check_ctc_targets(const at::Tensor& log_probs, const at::Tensor& targets,
                       at::IntArrayRef target_lengths) {
  // Wrong lengths and dimensions are libtorch's to refuse; on other devices it looks itself.
  if (!targets.is_cpu() || log_probs.dim() == 0 || targets.dim() == 0) {
    return;
  }
  int64_t classes = log_probs.size(-1);
  at::Tensor labels = targets.to(at::kLong).contiguous();
  const int64_t* data = labels.const_data_ptr<int64_t>();
  if (targets.dim() == 1) {
    // The kernel counts where each target begins in elements, not in steps of the view.
    TORCH_CHECK(targets.is_contiguous(),
                "Expected targets of one dimension to be contiguous; call contiguous() first");
    int64_t wanted = 0;
    for (int64_t length : target_lengths) {
      wanted += std::clamp<int64_t>(length, 0, labels.numel() - wanted);
    }
    check_labels(data, wanted, classes);
    return;
  }
  int64_t width = labels.size(-1);
  int64_t rows = std::min<int64_t>(labels.numel() / std::max<int64_t>(width, 1),
                                   static_cast<int64_t>(target_lengths.size()));
  for (int64_t row = 0; row < rows; row++) {
    check_labels(data + row * width, std::clamp<int64_t>(target_lengths[row], 0, width), classes);
  }
}

void check_ctc_targets(const at::Tensor& log_probs, const at::Tensor& targets,
                       const at::Tensor& target_lengths) {
  if (!at::isIntegralType(target_lengths.scalar_type(), false)) {
    return;
  }
  at::Tensor lengths = target_lengths.to(at::kCPU, at::kLong).contiguous();
  check_ctc_targets(
      log_probs, targets,
      at::IntArrayRef(lengths.const_data_ptr<int64_t>(), static_cast<size_t>(lengths.numel())));
}

}  // namespace pantorch::operators
