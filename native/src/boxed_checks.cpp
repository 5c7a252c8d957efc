// The checks by the name of the operator, with arguments from the stack of the boxed dispatcher.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "argument_checks.h"
#include "further_checks.h"
#include "gradient_checks.h"
#include "layout_checks.h"
#include "recurrent_checks.h"
#include "resize_checks.h"

namespace pantorch::operators {

namespace {

using Stack = std::vector<c10::IValue>;

/// One argument taken off the stack, as what a check takes it as.
template <class T>
struct Unboxed {
  T value;
  explicit Unboxed(const c10::IValue& boxed) : value(boxed.to<T>()) {}
  const T& get() const { return value; }
};
template <>
struct Unboxed<at::TensorList> {
  std::vector<at::Tensor> tensors;
  explicit Unboxed(const c10::IValue& boxed)
      : tensors(boxed.isTensor() ? std::vector{boxed.toTensor()} : boxed.toTensorVector()) {}
  at::TensorList get() const { return tensors; }
};
template <>
struct Unboxed<at::IntArrayRef> {
  std::vector<int64_t> numbers;
  explicit Unboxed(const c10::IValue& boxed) : numbers(boxed.toIntVector()) {}
  at::IntArrayRef get() const { return numbers; }
};
template <>
struct Unboxed<c10::SymIntArrayRef> {
  std::vector<c10::SymInt> numbers;
  explicit Unboxed(const c10::IValue& boxed) : numbers(boxed.toSymIntVector()) {}
  c10::SymIntArrayRef get() const { return numbers; }
};
template <size_t kSize>
struct Unboxed<std::array<bool, kSize>> {
  std::array<bool, kSize> flags;
  explicit Unboxed(const c10::IValue& boxed) {
    std::vector<bool> values = boxed.toBoolList().vec();
    TORCH_CHECK_VALUE(values.size() == kSize, "expected ", kSize, " booleans, got ", values.size());
    std::copy(values.begin(), values.end(), flags.begin());
  }
  std::array<bool, kSize> get() const { return flags; }
};
template <>
struct Unboxed<std::string_view> {
  std::string_view text;
  explicit Unboxed(const c10::IValue& boxed) : text(boxed.toStringView()) {}
  std::string_view get() const { return text; }
};
template <>
struct Unboxed<std::optional<std::string_view>> {
  std::optional<std::string_view> text;
  explicit Unboxed(const c10::IValue& boxed) {
    if (!boxed.isNone()) text = boxed.toStringView();
  }
  const std::optional<std::string_view>& get() const { return text; }
};
template <>
struct Unboxed<at::Scalar> {
  at::Scalar value;
  explicit Unboxed(const c10::IValue& boxed) : value(boxed.toScalar()) {}
  const at::Scalar& get() const { return value; }
};
template <>
struct Unboxed<c10::SymInt> {
  c10::SymInt value;
  explicit Unboxed(const c10::IValue& boxed) : value(boxed.toSymInt()) {}
  const c10::SymInt& get() const { return value; }
};

/// A check with its arguments from the stack.
template <auto kCheck>
void boxed(const Stack& stack) {
  [&]<class... T>(void (*check)(T...)) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      check(Unboxed<std::decay_t<T>>(stack.at(kIndex)).get()...);
    }
    (std::index_sequence_for<T...>());
  }(kCheck);
}

/// The same for a check that is told the kind of cell first.
template <auto kCheck, Gates kGates>
void boxed(const Stack& stack) {
  [&]<class... T>(void (*check)(Gates, T...)) {
    [&]<size_t... kIndex>(std::index_sequence<kIndex...>) {
      check(kGates, Unboxed<std::decay_t<T>>(stack.at(kIndex)).get()...);
    }
    (std::index_sequence_for<T...>());
  }(kCheck);
}

/// A quantized layer's weights are packed objects, which check what they are multiplied with; only
/// the counts of a packed sequence are read unchecked.
void quantized_packed(const at::Tensor& data, const at::Tensor& batch_sizes) {
  check_batch_sizes(batch_sizes, data.dim() > 0 ? data.size(0) : 0);
}

void pack_backward(const at::Tensor& /*grad*/, at::IntArrayRef /*input_size*/,
                   const at::Tensor& batch_sizes) {
  check_counts(batch_sizes, "batch_sizes");
}

/// The numbers are the last argument of each operator that takes a list of them.
void scalar_list(const Stack& stack) {
  std::vector<at::Scalar> scalars;
  for (const c10::IValue& value : stack.back().toListRef()) scalars.push_back(value.toScalar());
  check_scalar_list(stack.front().toTensorVector(), scalars);
}

/// The size of its workspace is known to oneDNN only; backward() does not come this way.
void refuse_layer_backward() {
  TORCH_CHECK_NOT_IMPLEMENTED(
      false,
      "mkldnn_rnn_layer_backward reads an opaque workspace unchecked and is not callable: "
      "call backward() on a result of lstm instead");
}

using Check = void (*)(const Stack&);
using Scale = std::optional<double>;

const std::unordered_map<std::string_view, Check>& checks() {
  static const std::unordered_map<std::string_view, Check> table = {
      {"lstm.input", boxed<check_padded, Gates::kLstm>},
      {"lstm.data", boxed<check_packed, Gates::kLstm>},
      {"lstm_cell", boxed<check_cell, Gates::kLstm>},
      {"gru.input", boxed<check_padded, Gates::kGru>},
      {"gru.data", boxed<check_packed, Gates::kGru>},
      {"gru_cell", boxed<check_cell, Gates::kGru>},
      {"rnn_tanh.input", boxed<check_padded, Gates::kRnn>},
      {"rnn_tanh.data", boxed<check_packed, Gates::kRnn>},
      {"rnn_tanh_cell", boxed<check_cell, Gates::kRnn>},
      {"rnn_relu.input", boxed<check_padded, Gates::kRnn>},
      {"rnn_relu.data", boxed<check_packed, Gates::kRnn>},
      {"rnn_relu_cell", boxed<check_cell, Gates::kRnn>},
      {"quantized_lstm.data", boxed<quantized_packed>},
      {"quantized_lstm.data_legacy", boxed<quantized_packed>},
      {"quantized_gru.data", boxed<quantized_packed>},
      {"quantized_gru.data_legacy", boxed<quantized_packed>},
      {"quantized_lstm_cell", boxed<check_two_states<>>},
      {"mkldnn_rnn_layer", boxed<check_layer>},
      {"mkldnn_rnn_layer_backward", boxed<refuse_layer_backward>},
      {"_pack_padded_sequence", boxed<check_pack>},
      {"_pack_padded_sequence_backward", boxed<pack_backward>},
      {"_pad_packed_sequence", boxed<check_unpack>},
      {"resize_", boxed<check_resize>},
      {"resize_as_", boxed<check_resize_as>},
      {"set_.source_Tensor_storage_offset", boxed<check_set<>>},
      {"native_batch_norm", boxed<check_native_batch_norm>},
      {"_native_batch_norm_legit", boxed<check_native_batch_norm>},
      {"native_batch_norm_backward", boxed<check_native_batch_norm_backward>},
      {"_batch_norm_with_update", boxed<check_batch_norm_with_update>},
      {"lu_unpack", boxed<check_lu_unpack>},
      {"_native_batch_norm_legit.no_stats", boxed<check_batch_norm_without_statistics>},
      {"_weight_norm", boxed<check_weight_norm>},
      {"_weight_norm_interface", boxed<check_weight_norm>},
      {"reflection_pad1d_backward", boxed<check_reflection_backward<1>>},
      {"reflection_pad2d_backward", boxed<check_reflection_backward<2>>},
      {"reflection_pad3d_backward", boxed<check_reflection_backward<3>>},
      {"replication_pad1d_backward", boxed<check_replication_backward<1>>},
      {"replication_pad2d_backward", boxed<check_replication_backward<2>>},
      {"replication_pad3d_backward", boxed<check_replication_backward<3>>},
      {"max_pool2d_with_indices_backward", boxed<check_max_pool_backward<2>>},
      {"max_pool3d_with_indices_backward", boxed<check_max_pool_backward<3>>},
      {"adaptive_max_pool2d_backward", boxed<check_adaptive_pool_backward<2>>},
      {"adaptive_max_pool3d_backward", boxed<check_adaptive_pool_backward<3>>},
      {"fractional_max_pool2d_backward", boxed<check_fractional_pool_backward<2>>},
      {"fractional_max_pool3d_backward", boxed<check_fractional_pool_backward<3>>},
      {"sparse_coo_tensor.size", boxed<check_sparse_tensors>},
      {"sparse_coo_tensor.indices", boxed<check_sparse_tensors>},
      {"sparse_coo_tensor.indices_size", boxed<check_sparse_tensors>},
      {"sparse_csr_tensor.crow_col_value", boxed<check_sparse_tensors>},
      {"sparse_csr_tensor.crow_col_value_size", boxed<check_sparse_tensors>},
      {"sparse_csc_tensor.ccol_row_value", boxed<check_sparse_tensors>},
      {"sparse_csc_tensor.ccol_row_value_size", boxed<check_sparse_tensors>},
      {"sparse_bsr_tensor.crow_col_value", boxed<check_sparse_tensors>},
      {"sparse_bsr_tensor.crow_col_value_size", boxed<check_sparse_tensors>},
      {"sparse_bsc_tensor.ccol_row_value", boxed<check_sparse_tensors>},
      {"sparse_bsc_tensor.ccol_row_value_size", boxed<check_sparse_tensors>},
      {"sparse_compressed_tensor.comp_plain_value", boxed<check_sparse_tensors>},
      {"sparse_compressed_tensor.comp_plain_value_size", boxed<check_sparse_tensors>},
      {"_sparse_coo_tensor_unsafe", boxed<check_sparse_tensors>},
      {"_sparse_csr_tensor_unsafe", boxed<check_sparse_tensors>},
      {"_sparse_csc_tensor_unsafe", boxed<check_sparse_tensors>},
      {"_sparse_bsr_tensor_unsafe", boxed<check_sparse_tensors>},
      {"_sparse_bsc_tensor_unsafe", boxed<check_sparse_tensors>},
      {"_sparse_compressed_tensor_unsafe", boxed<check_sparse_tensors>},
      {"segment_reduce", boxed<check_segment_reduce>},
      {"embedding_dense_backward", boxed<check_embedding_dense_backward>},
      {"ctc_loss.IntList", boxed<check_ctc_loss<at::IntArrayRef>>},
      {"ctc_loss.Tensor", boxed<check_ctc_loss<at::Tensor>>},
      {"_ctc_loss", boxed<check_ctc_loss<at::IntArrayRef>>},
      {"_ctc_loss.Tensor", boxed<check_ctc_loss<at::Tensor>>},
      {"_foreach_copy", boxed<check_foreach_copy>},
      {"_sobol_engine_draw", boxed<check_sobol_points>},
      {"_sobol_engine_ff_", boxed<check_sobol_points>},
      {"_sobol_engine_initialize_state_", boxed<check_sobol_state>},
      {"_sobol_engine_scramble_", boxed<check_sobol_scramble>},
      {"_neg_view", boxed<check_neg_view>},
      {"view.dtype", boxed<check_view_dtype>},
      {"view_copy.dtype", boxed<check_view_dtype>},
      {"lcm", boxed<check_lcm>},
      {"lcm_", boxed<check_lcm>},
      {"slow_conv_transpose2d", boxed<check_slow_conv<>>},
      {"slow_conv_transpose3d", boxed<check_slow_conv<>>},
      {"slow_conv_dilated2d", boxed<check_slow_conv<>>},
      {"slow_conv_dilated3d", boxed<check_slow_conv<>>},
      {"_native_multi_head_attention", boxed<check_native_attention<>>},
      {"_scaled_dot_product_flash_attention_for_cpu", boxed<check_flash_attention<>>},
      {"embedding_backward", boxed<check_embedding_backward>},
      {"batch_norm_update_stats", boxed<check_update_stats>},
      {"_spdiags", boxed<check_spdiags>},
      {"fbgemm_linear_quantize_weight", boxed<check_packed_matrix<>>},
      {"fbgemm_pack_quantized_matrix", boxed<check_packed_matrix<>>},
      {"fbgemm_pack_quantized_matrix.KN", boxed<check_packed_matrix<>>},
      {"fbgemm_pack_gemm_matrix_fp16", boxed<check_packed_matrix<>>},
      {"_saturate_weight_to_fp16", boxed<check_packed_matrix<>>},
      {"avg_pool3d_backward", boxed<check_avg_pool3d_backward<>>},
      {"mkldnn_linear", boxed<check_mkldnn_linear<>>},
      {"mkldnn_reorder_conv2d_weight", boxed<check_mkldnn_reorder<>>},
      {"mkldnn_reorder_conv3d_weight", boxed<check_mkldnn_reorder<>>},
      {"copy", boxed<check_copy<>>},
      {"index_copy_", boxed<check_index_source<>>},
      {"index_add_", boxed<check_index_source<>>},
      {"index_reduce_", boxed<check_index_source<>>},
      {"scatter_.src", boxed<check_index_source<>>},
      {"scatter_.reduce", boxed<check_index_source<>>},
      {"scatter_add_", boxed<check_index_source<>>},
      {"scatter_reduce_.two", boxed<check_index_source<>>},
      {"_weight_int8pack_mm", boxed<check_int8pack_mm>},
      {"rrelu_with_noise", boxed<check_rrelu<>>},
      {"rrelu_with_noise_", boxed<check_rrelu<>>},
      {"_reshape_alias", boxed<check_reshape_alias>},
      {"as_strided_", boxed<check_as_strided>},
      {"_nested_view_from_buffer", boxed<check_nested_view>},
      {"_nested_from_padded", boxed<check_nested_from_padded>},
      {"native_layer_norm_backward", boxed<check_layer_norm_backward<>>},
      {"grid_sampler_2d_backward", boxed<check_grid_backward<>>},
      {"grid_sampler_3d_backward", boxed<check_grid_backward<>>},
      {"multilabel_margin_loss_backward", boxed<check_multilabel_backward>},
      {"multi_margin_loss_backward", boxed<check_multi_margin_backward>},
      {"smooth_l1_loss_backward", boxed<check_smooth_l1_backward>},
      {"batch_norm_backward", boxed<check_batch_norm_backward>},
      {"div.Tensor_mode", boxed<check_div_mode>},
      {"div_.Tensor_mode", boxed<check_div_mode>},
      {"divide.Tensor_mode", boxed<check_div_mode>},
      {"divide_.Tensor_mode", boxed<check_div_mode>},
      {"div.Scalar_mode", boxed<check_div_scalar_mode>},
      {"div_.Scalar_mode", boxed<check_div_scalar_mode>},
      {"divide.Scalar_mode", boxed<check_div_scalar_mode>},
      {"divide_.Scalar_mode", boxed<check_div_scalar_mode>},
      {"range.step", boxed<check_range<>>},
      {"linalg_eigvals", boxed<check_eigvals>},
      {"linalg_lstsq", boxed<check_lstsq>},
      {"linalg_matrix_power", boxed<check_matrix_power>},
      {"matrix_power", boxed<check_matrix_power>},
      {"binomial", boxed<check_binomial<>>},
      {"random.from", boxed<check_random<>>},
      {"random_.from", boxed<check_random<>>},
      {"choose_qparams_optimized", boxed<check_choose_qparams>},
      {"fused_moving_avg_obs_fake_quant", boxed<check_observer<>>},
      {"_fused_moving_avg_obs_fq_helper", boxed<check_observer<>>},
      {"native_group_norm", boxed<check_group_norm>},
      {"_pdist_forward", boxed<check_pdist>},
      {"embedding_bag", boxed<check_embedding_bag<>>},
      {"embedding_bag.padding_idx", boxed<check_embedding_bag<>>},
      {"_embedding_bag", boxed<check_embedding_bag<>>},
      {"upsample_nearest1d", boxed<check_nearest<Scale>>},
      {"_upsample_nearest_exact1d", boxed<check_nearest<Scale>>},
      {"upsample_nearest2d", boxed<check_nearest<Scale, Scale>>},
      {"_upsample_nearest_exact2d", boxed<check_nearest<Scale, Scale>>},
      {"upsample_nearest3d", boxed<check_nearest<Scale, Scale, Scale>>},
      {"_upsample_nearest_exact3d", boxed<check_nearest<Scale, Scale, Scale>>},
      {"upsample_bilinear2d", boxed<check_linear<Scale, Scale>>},
      {"_upsample_bilinear2d_aa", boxed<check_antialias>},
      {"_upsample_bicubic2d_aa", boxed<check_antialias>},
      {"_upsample_lanczos2d_aa", boxed<check_antialias>},
      {"slow_conv3d", boxed<check_slow_conv<>>},
      {"slow_conv3d_forward", boxed<check_slow_conv<>>},
      {"_transformer_encoder_layer_fwd", boxed<check_encoder_layer<>>},
      {"_transform_bias_rescale_qkv", boxed<check_qkv>},
      {"_scaled_dot_product_attention_math", boxed<check_attention_math>},
      {"_embedding_bag_forward_only", boxed<check_embedding_bag<>>},
      {"_nested_view_from_buffer_copy", boxed<check_nested_view>},
      {"_fused_adam_", boxed<check_fused_adam<double>>},
      {"_fused_adam_.tensor_lr", boxed<check_fused_adam<at::Tensor>>},
      {"_fused_adamw_", boxed<check_fused_adam<double>>},
      {"_fused_adamw_.tensor_lr", boxed<check_fused_adam<at::Tensor>>},
      {"_fused_sgd_", boxed<check_fused_sgd<double>>},
      {"_fused_sgd_.tensor_lr", boxed<check_fused_sgd<at::Tensor>>},
      {"_fused_adagrad_", boxed<check_fused_adagrad<double>>},
      {"_fused_adagrad_.tensor_lr", boxed<check_fused_adagrad<at::Tensor>>},
  };
  return table;
}

}  // namespace

void check_arguments(std::string_view name, const std::vector<c10::IValue>& stack) {
  constexpr std::string_view kNamespace = "aten::";
  if (!name.starts_with(kNamespace)) {
    return;
  }
  name.remove_prefix(kNamespace.size());
  if (name.starts_with("_foreach_") && name.ends_with(".ScalarList")) {
    scalar_list(stack);
    return;
  }
  auto found = checks().find(name);
  if (found != checks().end()) {
    found->second(stack);
  }
}

}  // namespace pantorch::operators
