package dev.pantorch.codegen;

import java.util.List;
import java.util.Map;

/// The operators whose CPU kernels trust their arguments: a wrong one there is a crash or garbage,
/// so the generated function calls a hand-written check of `native/src/recurrent_checks.h`,
/// `resize_checks.h`, `argument_checks.h` or `further_checks.h` first, with the operator's own
/// arguments. The boxed dispatcher has the same list in `argument_checks.cpp`.
final class ArgumentChecks {
  /// The opening of the call that checks an operator's arguments.
  private static final Map<String, String> CALLS =
      Map.ofEntries(
          Map.entry("lstm.input", "check_padded(Gates::kLstm, "),
          Map.entry("lstm.data", "check_packed(Gates::kLstm, "),
          Map.entry("lstm_cell", "check_cell(Gates::kLstm, "),
          Map.entry("gru.input", "check_padded(Gates::kGru, "),
          Map.entry("gru.data", "check_packed(Gates::kGru, "),
          Map.entry("gru_cell", "check_cell(Gates::kGru, "),
          Map.entry("rnn_tanh.input", "check_padded(Gates::kRnn, "),
          Map.entry("rnn_tanh.data", "check_packed(Gates::kRnn, "),
          Map.entry("rnn_tanh_cell", "check_cell(Gates::kRnn, "),
          Map.entry("rnn_relu.input", "check_padded(Gates::kRnn, "),
          Map.entry("rnn_relu.data", "check_packed(Gates::kRnn, "),
          Map.entry("rnn_relu_cell", "check_cell(Gates::kRnn, "),
          Map.entry("mkldnn_rnn_layer", "check_layer("),
          Map.entry("_pack_padded_sequence", "check_pack("),
          Map.entry("_pad_packed_sequence", "check_unpack("),
          Map.entry("resize_", "check_resize("),
          Map.entry("resize_as_", "check_resize_as("),
          Map.entry("native_batch_norm", "check_native_batch_norm("),
          Map.entry("_native_batch_norm_legit", "check_native_batch_norm("),
          Map.entry("native_batch_norm_backward", "check_native_batch_norm_backward("),
          Map.entry("lu_unpack", "check_lu_unpack("),
          Map.entry("_native_batch_norm_legit.no_stats", "check_batch_norm_without_statistics("),
          Map.entry("_weight_norm", "check_weight_norm("),
          Map.entry("_weight_norm_interface", "check_weight_norm("),
          Map.entry("reflection_pad1d_backward", "check_padding_backward<2>("),
          Map.entry("reflection_pad2d_backward", "check_padding_backward<4>("),
          Map.entry("reflection_pad3d_backward", "check_padding_backward<6>("),
          Map.entry("replication_pad1d_backward", "check_padding_backward<2>("),
          Map.entry("replication_pad2d_backward", "check_padding_backward<4>("),
          Map.entry("replication_pad3d_backward", "check_padding_backward<6>("),
          Map.entry("max_pool2d_with_indices_backward", "check_max_pool_backward<2>("),
          Map.entry("max_pool3d_with_indices_backward", "check_max_pool_backward<3>("),
          Map.entry("adaptive_max_pool2d_backward", "check_adaptive_pool_backward<2>("),
          Map.entry("adaptive_max_pool3d_backward", "check_adaptive_pool_backward<3>("),
          Map.entry("fractional_max_pool2d_backward", "check_fractional_pool_backward<2>("),
          Map.entry("fractional_max_pool3d_backward", "check_fractional_pool_backward<3>("),
          Map.entry("sparse_coo_tensor.size", "check_sparse("),
          Map.entry("sparse_coo_tensor.indices", "check_sparse("),
          Map.entry("sparse_coo_tensor.indices_size", "check_sparse("),
          Map.entry("sparse_csr_tensor.crow_col_value", "check_sparse("),
          Map.entry("sparse_csr_tensor.crow_col_value_size", "check_sparse("),
          Map.entry("sparse_csc_tensor.ccol_row_value", "check_sparse("),
          Map.entry("sparse_csc_tensor.ccol_row_value_size", "check_sparse("),
          Map.entry("sparse_bsr_tensor.crow_col_value", "check_sparse("),
          Map.entry("sparse_bsr_tensor.crow_col_value_size", "check_sparse("),
          Map.entry("sparse_bsc_tensor.ccol_row_value", "check_sparse("),
          Map.entry("sparse_bsc_tensor.ccol_row_value_size", "check_sparse("),
          Map.entry("sparse_compressed_tensor.comp_plain_value", "check_sparse("),
          Map.entry("sparse_compressed_tensor.comp_plain_value_size", "check_sparse("),
          Map.entry("segment_reduce", "check_segment_reduce("),
          Map.entry("embedding_dense_backward", "check_embedding_dense_backward("),
          Map.entry("quantized_lstm_cell", "check_two_states("),
          Map.entry("ctc_loss.IntList", "check_ctc_loss("),
          Map.entry("ctc_loss.Tensor", "check_ctc_loss("),
          Map.entry("_ctc_loss", "check_ctc_loss("),
          Map.entry("_ctc_loss.Tensor", "check_ctc_loss("),
          Map.entry("_foreach_copy", "check_foreach_copy("),
          Map.entry("_sobol_engine_draw", "check_sobol_draw("),
          Map.entry("_sobol_engine_ff_", "check_sobol_points("),
          Map.entry("_sobol_engine_initialize_state_", "check_sobol_state("),
          Map.entry("_sobol_engine_scramble_", "check_sobol_scramble("),
          Map.entry("_neg_view", "check_neg_view("),
          Map.entry("view.dtype", "check_view_dtype("),
          Map.entry("view_copy.dtype", "check_view_dtype("),
          Map.entry("lcm", "check_lcm("),
          Map.entry("lcm_", "check_lcm("),
          Map.entry("slow_conv_transpose2d", "check_slow_conv("),
          Map.entry("slow_conv_transpose3d", "check_slow_conv("),
          Map.entry("slow_conv_dilated2d", "check_slow_conv("),
          Map.entry("slow_conv_dilated3d", "check_slow_conv("),
          Map.entry("_native_multi_head_attention", "check_native_attention("),
          Map.entry("_scaled_dot_product_flash_attention_for_cpu", "check_flash_attention("),
          Map.entry("embedding_backward", "check_embedding_backward("),
          Map.entry("batch_norm_update_stats", "check_update_stats("),
          Map.entry("_spdiags", "check_spdiags("),
          Map.entry("_fused_adam_", "check_fused_adam("),
          Map.entry("_fused_adam_.tensor_lr", "check_fused_adam("),
          Map.entry("_fused_adamw_", "check_fused_adam("),
          Map.entry("_fused_adamw_.tensor_lr", "check_fused_adam("),
          Map.entry("_fused_sgd_", "check_fused_sgd("),
          Map.entry("_fused_sgd_.tensor_lr", "check_fused_sgd("),
          Map.entry("_fused_adagrad_", "check_fused_adagrad("),
          Map.entry("_fused_adagrad_.tensor_lr", "check_fused_adagrad("));

  private ArgumentChecks() {}

  static boolean covers(Schema schema) {
    return callee(schema.nameWithOverload()) != null;
  }

  private static String callee(String name) {
    boolean ofNumbers = name.startsWith("_foreach_") && name.endsWith(".ScalarList");
    return ofNumbers ? "check_scalar_list(" : CALLS.get(name);
  }

  /// The call, given how each argument is read from its slots.
  static String call(Schema schema, List<String> values) {
    return callee(schema.nameWithOverload()) + String.join(", ", values) + ")";
  }
}
