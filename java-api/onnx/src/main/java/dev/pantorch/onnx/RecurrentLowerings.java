package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Recurrent layers. ONNX has one layer in one or two directions a node, its own order of gates,
/// and both biases in one tensor.
final class RecurrentLowerings {
  /// @param operator ONNX's
  /// @param gates where each of ONNX's gates is among PyTorch's
  /// @param attributes what tells variants apart
  record Kind(String operator, List<Integer> gates, Map<String, Object> attributes) {
    int states() {
      return operator.equals("LSTM") ? 2 : 1;
    }
  }

  private RecurrentLowerings() {}

  static void register(Map<String, Lowering> to) {
    // PyTorch: i, f, g, o; ONNX: i, o, f, c, where c is g.
    Kind lstm = new Kind("LSTM", List.of(0, 3, 1, 2), Map.of());
    // PyTorch: r, z, n; ONNX: z, r, h, where h is n. PyTorch resets after the product.
    Kind gru = new Kind("GRU", List.of(1, 0, 2), Map.of("linear_before_reset", 1));
    to.put("aten::lstm", call -> lower(call, lstm));
    to.put("aten::gru", call -> lower(call, gru));
    to.put("aten::rnn_tanh", call -> lower(call, rnn("Tanh")));
    to.put("aten::rnn_relu", call -> lower(call, rnn("Relu")));
    to.put("aten::quantized_lstm", call -> lower(call, lstm));
    to.put("aten::quantized_gru", call -> lower(call, gru));
  }

  private static Kind rnn(String activation) {
    return new Kind("RNN", List.of(0), Map.of("activations", activation));
  }

  /// `(x, states, weights, hasBiases, layers, dropout, train, bidirectional, batchFirst)`, and for
  /// packed sequences `(data, batchSizes, states, weights, hasBiases, ...)`.
  private static void lower(OperatorCall call, Kind kind) {
    boolean isPacked = !(call.argument(3) instanceof Boolean);
    int at = isPacked ? 2 : 1;
    List<OnnxValue> states = kind.states() == 2 ? call.tensors(at) : List.of(call.tensor(at));
    List<Tensor> weights = weights(call, at + 1);
    boolean hasBiases = call.bool(at + 2);
    int layers = (int) call.integer(at + 3);
    if (call.bool(at + 5) && call.real(at + 4) != 0) throw call.refuse("dropout");
    int directions = call.bool(at + 6) ? 2 : 1;
    boolean batchFirst = !isPacked && call.bool(at + 7);
    int perDirection = hasBiases ? 4 : 2;
    if (weights.size() != layers * directions * perDirection) {
      throw call.refuse("projections, which ONNX's %s does not have".formatted(kind.operator));
    }
    DType dtype = call.dtype();
    PackingLowerings.Padded padded =
        isPacked ? PackingLowerings.padded(call, call.tensor(0), call.tensor(1)) : null;
    OnnxValue lengths = padded == null ? null : call.cast(padded.packing().lengths(), DType.INT32);
    OnnxValue x = padded == null ? call.tensor(0) : padded.padded();
    if (x.rank() != 3) throw call.refuse("an input of %d dimensions".formatted(x.rank()));
    if (batchFirst) x = call.transpose(x, 1, 0, 2);
    List<List<OnnxValue>> last = new ArrayList<>();
    for (int i = 0; i < kind.states(); i++) last.add(new ArrayList<>());
    for (int layer = 0; layer < layers; layer++) {
      int first = layer * directions;
      LayerWeights parts = new LayerWeights(call, kind, "_l" + layer);
      for (int d = 0; d < directions; d++) {
        int from = (first + d) * perDirection;
        parts.add(weights.subList(from, from + perDirection));
      }
      List<@Nullable OnnxValue> inputs = new ArrayList<>();
      inputs.add(x);
      inputs.add(parts.matrix("W", 0));
      inputs.add(parts.matrix("R", 1));
      inputs.add(hasBiases ? parts.bias() : null);
      inputs.add(lengths);
      for (OnnxValue state : states) {
        OnnxValue initial = state;
        if (layers > 1) {
          initial = call.slice(state, first, first + directions, 0);
        }
        inputs.add(isZero(state) ? null : initial);
      }
      if (parts.areBytes()) {
        inputs.add(null);
        inputs.addAll(parts.scales());
      }
      List<OnnxValue> outputs =
          emit(call, kind, parts.operator(), inputs, directions, weights.get(1).size(1));
      x = outputs.getFirst();
      if (directions == 1) {
        x = call.emit("Squeeze", dtype, 3, x, call.ints(1));
      } else {
        // From (time, direction, batch, hidden) to (time, batch, both hidden).
        x = call.emit("Reshape", dtype, 3, call.transpose(x, 0, 2, 1, 3), call.ints(0, 0, -1));
      }
      for (int i = 0; i < kind.states(); i++) last.get(i).add(outputs.get(1 + i));
    }
    List<OnnxValue> results = new ArrayList<>();
    if (padded == null) {
      results.add(batchFirst ? call.transpose(x, 1, 0, 2) : x);
    } else {
      long width = weights.get(1).size(1) * directions;
      results.add(
          PackingLowerings.packed(call, x, List.of(call.ints(width)), padded.packing(), true));
    }
    for (List<OnnxValue> each : last) {
      results.add(
          each.size() == 1
              ? each.getFirst()
              : call.emit("Concat", dtype, 3, Map.of("axis", 0), each));
    }
    call.result(results.toArray(OnnxValue[]::new));
  }

  /// Weights and biases, layer by layer and direction by direction.
  private static List<Tensor> weights(OperatorCall call, int index) {
    List<Tensor> weights = new ArrayList<>();
    if (call.kind().startsWith("aten::quantized_")) {
      List<QuantizedWeight.Packed> packed = call.allPacked(index);
      if (packed.isEmpty()) throw call.refuse("no weights");
      // What is packed cannot be looked into; the module knows what it has packed.
      Module module = packed.getFirst().owner().get();
      module
          .namedBuffers(false)
          .forEach((name, tensor) -> {
            if (name.matches("(weight|bias)_.*")) weights.add(tensor);
          });
      return weights;
    }
    for (OnnxValue weight : call.tensors(index)) {
      Tensor constant = weight.constant();
      if (constant == null) throw call.refuse("weights that depend on an input");
      weights.add(constant);
    }
    return weights;
  }

  private static boolean isZero(OnnxValue state) {
    Tensor constant = state.constant();
    return state.isZero || (constant != null && constant.countNonzero().itemLong() == 0);
  }

  /// The outputs at all steps (time, direction, batch, hidden) and the last states.
  private static List<OnnxValue> emit(
      OperatorCall call,
      Kind kind,
      String operator,
      List<@Nullable OnnxValue> inputs,
      int directions,
      long hiddenSize) {
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("hidden_size", hiddenSize);
    if (directions == 2) attributes.put("direction", "bidirectional");
    kind.attributes.forEach((name, value) ->
        attributes.put(
            name, value instanceof String text ? Collections.nCopies(directions, text) : value));
    List<OnnxValue> outputs = new ArrayList<>();
    outputs.add(GraphBuilder.result(call.dtype(), 4));
    for (int i = 0; i < kind.states(); i++) outputs.add(GraphBuilder.result(call.dtype(), 3));
    return call.emit(operator, outputs, attributes, inputs);
  }
}
