package dev.pantorch.codegen;

import java.util.List;
import java.util.Map;

/// The operators whose kernels trust their arguments: a wrong shape there is a crash or garbage, so
/// the generated function calls a hand-written check of `native/src/recurrent_checks.h` or
/// `native/src/resize_checks.h` first, with the operator's own arguments.
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
          Map.entry("resize_as_", "check_resize_as("));

  private ArgumentChecks() {}

  static boolean covers(Schema schema) {
    return CALLS.containsKey(schema.nameWithOverload());
  }

  /// The call, given how each argument is read from its slots.
  static String call(Schema schema, List<String> values) {
    return CALLS.get(schema.nameWithOverload()) + String.join(", ", values) + ")";
  }
}
