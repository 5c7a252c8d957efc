package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.ops.GruResult;
import dev.pantorch.ops.LstmCellResult;
import dev.pantorch.ops.LstmResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Weights as Python's `quantize_dynamic` quantizes and packs them, and the operators that take
/// them. A weight of dtype float16 stands for packed halves, one of qint8 for packed bytes.
final class QuantizedKernels {
  private static final Operator PREPACK = Torch.op("quantized::linear_prepack");
  private static final Operator PREPACK_HALF = Torch.op("quantized::linear_prepack_fp16");
  private static final Operator CELL = Torch.op("quantized::make_quantized_cell_params_dynamic");
  private static final Operator CELL_HALF = Torch.op("quantized::make_quantized_cell_params_fp16");
  private static final Operator LINEAR = Torch.op("quantized::linear_dynamic");
  private static final Operator LINEAR_HALF = Torch.op("quantized::linear_dynamic_fp16");
  private static final Operator LSTM_PADDED = Torch.op("aten::quantized_lstm.input");
  private static final Operator LSTM_PACKED = Torch.op("aten::quantized_lstm.data");
  private static final Operator GRU_PADDED = Torch.op("aten::quantized_gru.input");
  private static final Operator GRU_PACKED = Torch.op("aten::quantized_gru.data");
  private static final Operator LSTM_CELL = Torch.op("quantized::quantized_lstm_cell_dynamic");
  private static final Operator GRU_CELL = Torch.op("quantized::quantized_gru_cell_dynamic");
  private static final Operator TANH_CELL = Torch.op("quantized::quantized_rnn_tanh_cell_dynamic");
  private static final Operator RELU_CELL = Torch.op("quantized::quantized_rnn_relu_cell_dynamic");

  /// Half of the values from -128 to 127, as the symmetric observers divide by.
  private static final float HALF_RANGE = 255 / 2f;

  private static final float EPSILON = Math.ulp(1f);
  private static final float LARGEST_HALF = 65504;

  private QuantizedKernels() {}

  /// The two matrices of a cell, or of a layer of one direction.
  record Packed(ScriptObject ih, ScriptObject hh) {}

  // Quantizing.

  /// What Python's observer of weights makes of them: `MinMaxObserver` with a symmetric scheme.
  static Tensor quantize(String name, Tensor weight, DType dtype) {
    Tensor floats = weight.detach().to(DType.FLOAT32);
    if (dtype == DType.QUINT8 || dtype == DType.QUINT4X2) {
      return QuantizedRows.quantize(name, floats, dtype);
    }
    if (dtype == DType.FLOAT16) {
      return floats.clamp(-LARGEST_HALF, LARGEST_HALF).to(DType.FLOAT16);
    }
    float scale = 1;
    if (floats.numel() > 0) {
      float largest = (float) floats.abs().max().item();
      scale = Math.max(largest / HALF_RANGE, EPSILON);
    }
    if (!Float.isFinite(scale)) {
      throw new ValueException("'%s' has NaN or infinite elements".formatted(name));
    }
    return Torch.quantizePerTensor(floats, scale, 0, DType.QINT8);
  }

  static ScriptObject pack(Tensor weight, @Nullable Tensor bias) {
    // Operators keep the bias as it is given, and it goes on living in a state dict.
    try (var scope = TensorScope.open()) {
      Tensor own = bias == null ? null : Torch.clone(bias);
      return isHalf(weight)
          ? object(PREPACK_HALF.call(weight.to(DType.FLOAT32), own))
          : object(PREPACK.call(weight, own));
    }
  }

  static Packed pack(Tensor ih, Tensor hh, Tensor biasIh, Tensor biasHh) {
    return new Packed(pack(ih, biasIh), pack(hh, biasHh));
  }

  /// The weights of all layers and directions, each of them ih, hh and their biases.
  static List<ScriptObject> packLayers(List<Tensor> weights) {
    List<ScriptObject> cells = new ArrayList<>();
    for (int i = 0; i < weights.size(); i += 4) {
      Tensor biasIh = weights.get(i + 2);
      Tensor biasHh = weights.get(i + 3);
      Packed packed = pack(weights.get(i), weights.get(i + 1), biasIh, biasHh);
      cells.add(
          isHalf(weights.get(i))
              ? object(CELL_HALF.call(packed.ih, packed.hh))
              : object(CELL.call(packed.ih, packed.hh, biasIh, biasHh, true)));
    }
    return List.copyOf(cells);
  }

  /// How the values of a quantized weight are scaled, in Python's words.
  static String scheme(Tensor weight) {
    return switch (TensorCalls.qscheme(weight)) { // numbers of c10::QScheme
      case 1 -> "torch.per_channel_affine";
      case 4 -> "torch.per_channel_affine_float_qparams";
      default -> "torch.per_tensor_affine";
    };
  }

  private static boolean isHalf(Tensor weight) {
    return weight.dtype() == DType.FLOAT16;
  }

  static ScriptObject object(List<@Nullable Object> results) {
    return (ScriptObject) Objects.requireNonNull(results.getFirst());
  }

  // Computing.

  static Tensor linear(Tensor input, ScriptObject packed, Tensor weight) {
    Tensor floats = input.to(DType.FLOAT32);
    Tensor output =
        isHalf(weight)
            ? LINEAR_HALF.callTensor(floats, packed)
            : LINEAR.callTensor(floats, packed, true);
    return output.to(input.dtype());
  }

  static LstmResult lstm(
      LSTM layer,
      List<ScriptObject> weights,
      Tensor input,
      @Nullable Tensor batchSizes,
      List<Tensor> state) {
    List<Tensor> results =
        tensors(
            (batchSizes == null ? LSTM_PADDED : LSTM_PACKED)
                .call(
                    arguments(layer, weights, input, batchSizes, state),
                    Map.of("dtype", layer.flatWeights.getFirst().dtype(), "use_dynamic", true)));
    return new LstmResult(results.get(0), results.get(1), results.get(2));
  }

  static GruResult gru(
      GRU layer,
      List<ScriptObject> weights,
      Tensor input,
      @Nullable Tensor batchSizes,
      Tensor state) {
    List<Tensor> results =
        tensors(
            (batchSizes == null ? GRU_PADDED : GRU_PACKED)
                .call(arguments(layer, weights, input, batchSizes, state), Map.of()));
    return new GruResult(results.get(0), results.get(1));
  }

  private static List<Object> arguments(
      RecurrentModule layer,
      List<ScriptObject> weights,
      Tensor input,
      @Nullable Tensor batchSizes,
      Object state) {
    RecurrentOptions<?> options = layer.options;
    List<Object> arguments = new ArrayList<>();
    arguments.add(input);
    if (batchSizes != null) arguments.add(batchSizes);
    arguments.addAll(List.of(state, weights, options.bias, options.numLayers, options.dropout));
    arguments.addAll(List.of(layer.isTraining(), options.bidirectional));
    if (batchSizes == null) arguments.add(options.batchFirst);
    return arguments;
  }

  static LstmCellResult lstmCell(LSTMCell cell, Packed packed, Tensor input, List<Tensor> state) {
    List<Tensor> results = cell(LSTM_CELL, cell, packed, input, state);
    return new LstmCellResult(results.get(0), results.get(1));
  }

  static Tensor gruCell(GRUCell cell, Packed packed, Tensor input, Tensor state) {
    return cell(GRU_CELL, cell, packed, input, state).getFirst();
  }

  static Tensor rnnCell(RNNCell cell, Packed packed, Tensor input, Tensor state, boolean relu) {
    return cell(relu ? RELU_CELL : TANH_CELL, cell, packed, input, state).getFirst();
  }

  private static List<Tensor> cell(
      Operator operator, RNNCellBase cell, Packed packed, Tensor input, Object state) {
    return tensors(operator.call(input, state, packed.ih, packed.hh, cell.biasIh, cell.biasHh));
  }

  private static List<Tensor> tensors(List<@Nullable Object> results) {
    return results.stream().map(result -> (Tensor) Objects.requireNonNull(result)).toList();
  }
}
