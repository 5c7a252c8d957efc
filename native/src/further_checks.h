#pragma once

/// More of the checks of argument_checks.h: what OperatorFuzzTest found.

#include <ATen/core/Tensor.h>
#include <c10/core/Scalar.h>
#include <c10/core/SymIntArrayRef.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace pantorch::operators {

/// _neg_view: a quantized tensor with the bit for negatives sends every operator into an endless
/// recursion.
void check_neg_view(const at::Tensor& self);

/// view.dtype, view_copy.dtype: a quantized tensor keeps its kernels under another dtype, and they
/// read a quantizer that is not there.
void check_view_dtype(const at::Tensor& self, at::ScalarType dtype);

/// div.Tensor_mode, div.Scalar_mode and their kin, rounding to zero: the lowest number of a dtype,
/// divided by -1, is none of that dtype, and dividing traps.
void check_div_mode(const at::Tensor& self, const at::Tensor& other,
                    std::optional<std::string_view> rounding_mode);
void check_div_scalar_mode(const at::Tensor& self, const at::Scalar& other,
                           std::optional<std::string_view> rounding_mode);

/// range.step divides by the step as a number of the result's dtype.
void check_range_step(const at::Scalar& step, std::optional<at::ScalarType> dtype);
template <class... Rest>
void check_range(const at::Scalar& /*start*/, const at::Scalar& /*end*/, const at::Scalar& step,
                 std::optional<at::ScalarType> dtype, const Rest&... /*rest*/) {
  check_range_step(step, dtype);
}
/// range.out, the same.
inline void check_range(const at::Scalar& /*start*/, const at::Scalar& /*end*/,
                        const at::Scalar& step, const at::Tensor& out) {
  check_range_step(step, out.scalar_type());
}

/// linalg_eigvals hands LAPACK what linalg_eig refuses.
void check_eigvals(const at::Tensor& self);

/// linalg_lstsq with the driver gelss.
void check_lstsq(const at::Tensor& self, const at::Tensor& b, std::optional<double> rcond,
                 std::optional<std::string_view> driver);

/// linalg_matrix_power, matrix_power: the lowest power has no opposite, so that its loop has no
/// end.
void check_matrix_power(const at::Tensor& self, int64_t n);

/// binomial looks for a number of successes until it finds one, which it never does for a count
/// that is no number.
void check_binomial_count(const at::Tensor& count);
template <class... Rest>
void check_binomial(const at::Tensor& count, const Rest&... /*rest*/) {
  check_binomial_count(count);
}

/// random.from, random_.from: the number after the first one of the range must be one, too.
void check_random_from(const at::Tensor& self, int64_t from, std::optional<int64_t> to);
template <class... Rest>
void check_random(const at::Tensor& self, int64_t from, std::optional<int64_t> to,
                  const Rest&... /*rest*/) {
  check_random_from(self, from, to);
}

/// choose_qparams_optimized goes by steps, which must come to an end.
void check_choose_qparams(const at::Tensor& input, int64_t numel, int64_t n_bins, double ratio,
                          int64_t bit_width);

/// fused_moving_avg_obs_fake_quant, _fused_moving_avg_obs_fq_helper: one number for each state, or
/// one for each row.
void check_observer_states(const at::Tensor& self, const at::Tensor& running_min,
                           const at::Tensor& running_max, const at::Tensor& scale,
                           const at::Tensor& zero_point, bool per_row);
template <class... Rest>
void check_observer(const at::Tensor& self, const at::Tensor& /*observer_on*/,
                    const at::Tensor& /*fake_quant_on*/, const at::Tensor& running_min,
                    const at::Tensor& running_max, const at::Tensor& scale,
                    const at::Tensor& zero_point, double /*averaging_const*/, int64_t /*quant_min*/,
                    int64_t /*quant_max*/, int64_t /*ch_axis*/, bool per_row,
                    const Rest&... /*rest*/) {
  check_observer_states(self, running_min, running_max, scale, zero_point, per_row);
}

/// native_group_norm divides by the number of groups.
void check_group_norm(const at::Tensor& input, const std::optional<at::Tensor>& weight,
                      const std::optional<at::Tensor>& bias, c10::SymInt N, c10::SymInt C,
                      c10::SymInt HxW, int64_t group, double eps);

/// _pdist_forward: rows to compare.
void check_pdist(const at::Tensor& self, double p);

/// embedding_bag, _embedding_bag and their kin: bags that lie within the indices.
void check_bags(const at::Tensor& indices, const at::Tensor& offsets, bool include_last_offset);
template <class... Rest>
void check_embedding_bag(const at::Tensor& /*weight*/, const at::Tensor& indices,
                         const at::Tensor& offsets, bool /*scale_grad_by_freq*/, int64_t /*mode*/,
                         bool /*sparse*/, const std::optional<at::Tensor>& /*per_sample_weights*/,
                         bool include_last_offset, const Rest&... /*rest*/) {
  check_bags(indices, offsets, include_last_offset);
}

/// upsample_nearestNd, upsample_bilinear2d and their kin compute where to read from the scales.
void check_scales(c10::SymIntArrayRef output_size,
                  std::initializer_list<std::optional<double>> scales);
template <class... Scales>
void check_nearest(const at::Tensor& /*self*/, c10::SymIntArrayRef output_size,
                   const Scales&... scales) {
  check_scales(output_size, {scales...});
}
template <class... Scales>
void check_linear(const at::Tensor& /*self*/, c10::SymIntArrayRef output_size,
                  bool /*align_corners*/, const Scales&... scales) {
  check_scales(output_size, {scales...});
}

/// _upsample_bilinear2d_aa, _upsample_bicubic2d_aa read where the scales say, within the input or
/// not.
void check_antialias(const at::Tensor& self, c10::SymIntArrayRef output_size, bool align_corners,
                     std::optional<double> scales_h, std::optional<double> scales_w);

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

/// _native_multi_head_attention divides by the number of heads, and reads the bias as numbers of
/// the weight's dtype.
void check_heads(int64_t embed_dim, int64_t num_head);
void check_bias_dtype(const at::Tensor& weight, const at::Tensor& bias);
template <class... Rest>
void check_native_attention(const at::Tensor& /*query*/, const at::Tensor& /*key*/,
                            const at::Tensor& /*value*/, int64_t embed_dim, int64_t num_head,
                            const at::Tensor& qkv_weight, const at::Tensor& qkv_bias,
                            const Rest&... /*rest*/) {
  check_heads(embed_dim, num_head);
  check_bias_dtype(qkv_weight, qkv_bias);
}

/// _transformer_encoder_layer_fwd: the same.
template <class... Rest>
void check_encoder_layer(const at::Tensor& /*src*/, int64_t embed_dim, int64_t num_heads,
                         const Rest&... /*rest*/) {
  check_heads(embed_dim, num_heads);
}

/// _transform_bias_rescale_qkv: a bias of the dtype and size of what it is added to.
void check_qkv(const at::Tensor& qkv, const at::Tensor& qkv_bias, int64_t num_heads);

/// _scaled_dot_product_attention_math divides query's heads by key's and value's.
void check_attention_math(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          const std::optional<at::Tensor>& attn_mask, double dropout_p,
                          bool is_causal, const std::optional<at::Tensor>& dropout_mask,
                          std::optional<double> scale, bool enable_gqa);

/// With enable_gqa scaled_dot_product_attention divides by key's heads unless value has none
/// either, and the choice of its kernel where neither has any.
void check_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const std::optional<at::Tensor>& attn_mask, double dropout_p, bool is_causal,
                     std::optional<double> scale, bool enable_gqa);
void check_attention_choice(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                            const std::optional<at::Tensor>& attn_mask, double dropout_p,
                            bool is_causal, std::optional<double> scale, bool enable_gqa);

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

/// _spdiags: a shape of two sizes that are not negative, and diagonals of it.
void check_spdiags(const at::Tensor& diagonals, const at::Tensor& offsets, at::IntArrayRef shape,
                   std::optional<at::Layout> layout);

}  // namespace pantorch::operators
