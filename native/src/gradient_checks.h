#pragma once

/// More of the checks of argument_checks.h: operators that compute gradients, whose kernels take it
/// for granted that the gradient is of what the forward pass returned.

#include <ATen/core/Tensor.h>
#include <c10/core/SymIntArrayRef.h>

#include <array>
#include <cstdint>
#include <optional>

namespace pantorch::operators {

/// A gradient of the padded input: of its batch and channels, two numbers for each of the last
/// `dims` dimensions; a reflection is smaller than what it reflects.
void check_padding(const at::Tensor& grad_output, const at::Tensor& self,
                   c10::SymIntArrayRef padding, int64_t dims, bool reflects);

/// replication_padNd_backward.
template <int64_t kDims>
void check_replication_backward(const at::Tensor& grad_output, const at::Tensor& self,
                                c10::SymIntArrayRef padding) {
  check_padding(grad_output, self, padding, kDims, false);
}

/// reflection_padNd_backward.
template <int64_t kDims>
void check_reflection_backward(const at::Tensor& grad_output, const at::Tensor& self,
                               c10::SymIntArrayRef padding) {
  check_padding(grad_output, self, padding, kDims, true);
}

/// A gradient of the batch and channels of `self`, an input with or without a batch.
void check_planes(const at::Tensor& grad_output, const at::Tensor& self, int64_t dims);

/// avg_pool3d_backward, whose kernel goes by the input's batch.
template <class... Rest>
void check_avg_pool3d_backward(const at::Tensor& grad_output, const at::Tensor& self,
                               const Rest&... /*rest*/) {
  check_planes(grad_output, self, 3);
}

/// The positions that a pooling over the last `dims` dimensions of `self` found its maxima at.
void check_pool_indices(const at::Tensor& grad_output, const at::Tensor& self,
                        const at::Tensor& indices, int64_t dims);

/// adaptive_max_pool2d_backward, adaptive_max_pool3d_backward.
template <int64_t kDims>
void check_adaptive_pool_backward(const at::Tensor& grad_output, const at::Tensor& self,
                                  const at::Tensor& indices) {
  check_pool_indices(grad_output, self, indices, kDims);
}

/// max_pool2d_with_indices_backward, max_pool3d_with_indices_backward.
template <int64_t kDims>
void check_max_pool_backward(const at::Tensor& grad_output, const at::Tensor& self,
                             at::IntArrayRef /*kernel_size*/, at::IntArrayRef /*stride*/,
                             at::IntArrayRef /*padding*/, at::IntArrayRef /*dilation*/,
                             bool /*ceil_mode*/, const at::Tensor& indices) {
  check_pool_indices(grad_output, self, indices, kDims);
}

/// fractional_max_pool2d_backward, fractional_max_pool3d_backward.
template <int64_t kDims>
void check_fractional_pool_backward(const at::Tensor& grad_output, const at::Tensor& self,
                                    at::IntArrayRef kernel_size, at::IntArrayRef output_size,
                                    const at::Tensor& indices) {
  TORCH_CHECK(static_cast<int64_t>(kernel_size.size()) == kDims, "Expected kernel_size of ", kDims,
              " numbers, got ", kernel_size.size());
  TORCH_CHECK(static_cast<int64_t>(output_size.size()) == kDims, "Expected output_size of ", kDims,
              " numbers, got ", output_size.size());
  check_pool_indices(grad_output, self, indices, kDims);
}

/// native_layer_norm_backward: a gradient of the input's size, a mean and a deviation for each row.
void check_layer_norm_gradient(const at::Tensor& grad_out, const at::Tensor& input,
                               c10::SymIntArrayRef normalized_shape, const at::Tensor& mean,
                               const at::Tensor& rstd);
template <class... Rest>
void check_layer_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                               c10::SymIntArrayRef normalized_shape, const at::Tensor& mean,
                               const at::Tensor& rstd, const Rest&... /*rest*/) {
  check_layer_norm_gradient(grad_out, input, normalized_shape, mean, rstd);
}

/// grid_sampler_2d_backward, grid_sampler_3d_backward: a gradient of the size of the output.
void check_grid(const at::Tensor& grad_output, const at::Tensor& input, const at::Tensor& grid);
template <class... Rest>
void check_grid_backward(const at::Tensor& grad_output, const at::Tensor& input,
                         const at::Tensor& grid, const Rest&... /*rest*/) {
  check_grid(grad_output, input, grid);
}

/// A gradient of a loss: one number, or with reduction none one for each sample.
void check_loss_gradient(const at::Tensor& grad_output, const at::Tensor& self, int64_t reduction);

/// multilabel_margin_loss_backward.
void check_multilabel_backward(const at::Tensor& grad_output, const at::Tensor& self,
                               const at::Tensor& target, int64_t reduction,
                               const at::Tensor& is_target);

/// multi_margin_loss_backward.
void check_multi_margin_backward(const at::Tensor& grad_output, const at::Tensor& self,
                                 const at::Tensor& target, const at::Scalar& p,
                                 const at::Scalar& margin, const std::optional<at::Tensor>& weight,
                                 int64_t reduction);

/// smooth_l1_loss_backward divides by beta as a number of the tensor's dtype.
void check_smooth_l1_backward(const at::Tensor& grad_output, const at::Tensor& self,
                              const at::Tensor& target, int64_t reduction, double beta);

/// batch_norm_backward: what native_batch_norm_backward wants, and elements.
void check_batch_norm_backward(const at::Tensor& grad_out, const at::Tensor& input,
                               const at::Tensor& weight,
                               const std::optional<at::Tensor>& running_mean,
                               const std::optional<at::Tensor>& running_var,
                               const std::optional<at::Tensor>& save_mean,
                               const std::optional<at::Tensor>& save_var, bool update, double eps,
                               std::array<bool, 3> output_mask, const at::Tensor& reserve);

}  // namespace pantorch::operators
