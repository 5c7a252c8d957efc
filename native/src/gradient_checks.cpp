#include "gradient_checks.h"

#include <ATen/ops/result_type.h>
#include <c10/util/accumulate.h>

#include <utility>
#include <vector>

#include "argument_checks.h"

namespace pantorch::operators {

void check_planes(const at::Tensor& grad_output, const at::Tensor& self, int64_t dims) {
  TORCH_CHECK(self.dim() == dims + 1 || self.dim() == dims + 2, "Expected an input of ", dims + 1,
              " or ", dims + 2, " dimensions, got ", self.dim());
  const auto planes = static_cast<size_t>(self.dim() - dims);
  TORCH_CHECK(grad_output.dim() == self.dim() &&
                  grad_output.sizes().slice(0, planes) == self.sizes().slice(0, planes),
              "Expected grad_output of the input's batch and channels, ",
              self.sizes().slice(0, planes), ", got size ", grad_output.sizes());
}

void check_padding(const at::Tensor& grad_output, const at::Tensor& self,
                   c10::SymIntArrayRef padding, int64_t dims, bool reflects) {
  const auto pads = C10_AS_INTARRAYREF_SLOW(padding);
  TORCH_CHECK(static_cast<int64_t>(pads.size()) == 2 * dims, "Expected padding of ", 2 * dims,
              " numbers, got ", pads.size());
  check_planes(grad_output, self, dims);
  for (int64_t i = 0; reflects && i < 2 * dims; i++) {
    const int64_t size = self.size(self.dim() - 1 - i / 2);
    TORCH_CHECK(pads[i] < size, "Expected padding less than the input's size, ", size, ", got ",
                pads[i]);
  }
}

void check_pool_indices(const at::Tensor& grad_output, const at::Tensor& self,
                        const at::Tensor& indices, int64_t dims) {
  TORCH_CHECK(indices.scalar_type() == at::kLong && indices.sizes() == grad_output.sizes(),
              "Expected int64 indices of the size of grad_output, ", grad_output.sizes(), ", got ",
              indices.scalar_type(), " of size ", indices.sizes());
  TORCH_CHECK(indices.is_non_overlapping_and_dense(),
              "Expected indices without holes or overlaps, got strides ", indices.strides(),
              "; clone() them first");
  check_planes(grad_output, self, dims);
  const auto planes = static_cast<size_t>(self.dim() - dims);
  int64_t plane = c10::multiply_integers(self.sizes().slice(planes));
  TORCH_CHECK_INDEX(all_between(indices, 0, plane - 1), "Expected indices between 0 and ",
                    plane - 1, ", the positions of the input");
}

void check_layer_norm_gradient(const at::Tensor& grad_out, const at::Tensor& input,
                               c10::SymIntArrayRef normalized_shape, const at::Tensor& mean,
                               const at::Tensor& rstd) {
  TORCH_CHECK(grad_out.sizes() == input.sizes(), "Expected grad_out of the size of input, ",
              input.sizes(), ", got ", grad_out.sizes());
  if (normalized_shape.size() > static_cast<size_t>(input.dim())) return;  // libtorch's to refuse
  const auto rows = c10::multiply_integers(
      input.sizes().slice(0, static_cast<size_t>(input.dim()) - normalized_shape.size()));
  for (const auto& [tensor, what] : {std::pair(&mean, "mean"), std::pair(&rstd, "rstd")}) {
    TORCH_CHECK(tensor->numel() == rows && tensor->is_contiguous(), "Expected ", what, " to have ",
                rows, " contiguous numbers, one for each normalized row, got size ",
                tensor->sizes(), " with strides ", tensor->strides());
  }
}

void check_grid(const at::Tensor& grad_output, const at::Tensor& input, const at::Tensor& grid) {
  if (input.dim() < 2 || grid.dim() != input.dim()) return;  // libtorch's to refuse
  std::vector<int64_t> expected = grid.sizes().vec();
  expected.pop_back();
  expected.insert(expected.begin() + 1, input.size(1));
  TORCH_CHECK(grad_output.sizes() == at::IntArrayRef(expected), "Expected grad_output of size ",
              at::IntArrayRef(expected), ", that of the output, got ", grad_output.sizes());
}

void check_loss_gradient(const at::Tensor& grad_output, const at::Tensor& self, int64_t reduction) {
  const bool each = reduction == 0 && self.dim() > 1;
  const int64_t expected = each ? self.size(0) : 1;
  TORCH_CHECK(grad_output.numel() == expected, "Expected grad_output of ", expected, " elements, ",
              each ? "one for each sample" : "the loss", ", got size ", grad_output.sizes());
}

void check_multilabel_backward(const at::Tensor& grad_output, const at::Tensor& self,
                               const at::Tensor& /*target*/, int64_t reduction,
                               const at::Tensor& /*is_target*/) {
  check_loss_gradient(grad_output, self, reduction);
}

void check_multi_margin_backward(const at::Tensor& grad_output, const at::Tensor& self,
                                 const at::Tensor& /*target*/, const at::Scalar& /*p*/,
                                 const at::Scalar& /*margin*/,
                                 const std::optional<at::Tensor>& /*weight*/, int64_t reduction) {
  check_loss_gradient(grad_output, self, reduction);
}

void check_smooth_l1_backward(const at::Tensor& /*grad_output*/, const at::Tensor& self,
                              const at::Tensor& target, int64_t /*reduction*/, double beta) {
  TORCH_CHECK(!at::isIntegralType(at::result_type(self, target), true) || beta >= 1,
              "Expected beta of at least 1 for whole numbers, got ", beta);
}

void check_batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                               const at::Tensor& weight,
                               const std::optional<at::Tensor>& running_mean,
                               const std::optional<at::Tensor>& running_var,
                               const std::optional<at::Tensor>& save_mean,
                               const std::optional<at::Tensor>& save_var, bool update, double eps,
                               std::array<bool, 3> output_mask, const at::Tensor& /*reserve*/) {
  check_native_batch_norm_backward(grad_out, input, weight, running_mean, running_var, save_mean,
                                   save_var, update, eps, output_mask);
  TORCH_CHECK(input.numel() > 0, "Expected input to have elements, got size ", input.sizes());
}

}  // namespace pantorch::operators
