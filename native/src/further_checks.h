#pragma once

/// More of the checks of argument_checks.h: what OperatorFuzzTest found.

#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/core/SymIntArrayRef.h>

#include <cstdint>
#include <optional>

namespace pantorch::operators {

/// _neg_view: a quantized tensor with the bit for negatives sends every operator into an endless
/// recursion.
void check_neg_view(const at::Tensor& self);

/// view.dtype, view_copy.dtype: a quantized tensor keeps its kernels under another dtype, and they
/// read a quantizer that is not there.
void check_view_dtype(const at::Tensor& self, at::ScalarType dtype);

/// lcm, lcm_: the lowest number has no absolute value, and dividing by it traps.
void check_lcm(const at::Tensor& self, const at::Tensor& other);

/// _foreach_*.ScalarList: as many numbers as tensors. Recording gradients reads them before the
/// operator counts them.
void check_scalar_list(at::TensorList self, at::ArrayRef<at::Scalar> scalars);
inline void check_scalar_list(at::TensorList self, at::TensorList /*tensors1*/,
                              at::ArrayRef<at::Scalar> scalars) {
  check_scalar_list(self, scalars);
}
inline void check_scalar_list(at::TensorList self, at::TensorList /*tensor1*/,
                              at::TensorList /*tensor2*/, at::ArrayRef<at::Scalar> scalars) {
  check_scalar_list(self, scalars);
}

/// slow_conv_transposeNd, slow_conv_dilatedNd: the kernel size is the weight's.
void check_kernel_size(const at::Tensor& weight, c10::SymIntArrayRef kernel_size);
template <class... Rest>
void check_slow_conv(const at::Tensor& /*self*/, const at::Tensor& weight,
                     c10::SymIntArrayRef kernel_size, const Rest&... /*rest*/) {
  check_kernel_size(weight, kernel_size);
}

/// _native_multi_head_attention divides by the number of heads.
void check_heads(int64_t embed_dim, int64_t num_head);
template <class... Rest>
void check_native_attention(const at::Tensor& /*query*/, const at::Tensor& /*key*/,
                            const at::Tensor& /*value*/, int64_t embed_dim, int64_t num_head,
                            const Rest&... /*rest*/) {
  check_heads(embed_dim, num_head);
}

/// _scaled_dot_product_flash_attention_for_cpu: (batch, heads, length, size) each.
void check_flash_sizes(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value);
template <class... Rest>
void check_flash_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const Rest&... /*rest*/) {
  check_flash_sizes(query, key, value);
}

/// embedding_backward: what embedding_dense_backward wants, where it ends in that.
void check_embedding_backward(const at::Tensor& grad, const at::Tensor& indices,
                              c10::SymInt num_weights, c10::SymInt padding_idx,
                              bool scale_grad_by_freq, bool sparse);

/// batch_norm_update_stats: statistics of one number a channel.
void check_update_stats(const at::Tensor& input, const std::optional<at::Tensor>& running_mean,
                        const std::optional<at::Tensor>& running_var, double momentum);

/// _spdiags: a shape of two sizes that are not negative.
void check_spdiags(const at::Tensor& diagonals, const at::Tensor& offsets, at::IntArrayRef shape,
                   std::optional<at::Layout> layout);

}  // namespace pantorch::operators
