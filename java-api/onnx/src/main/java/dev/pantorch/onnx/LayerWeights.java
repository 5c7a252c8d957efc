package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;

/// The weights of one layer of a recurrent network in ONNX's arrangement: gates in its order, both
/// directions in one tensor. They are floats, or what quantized layers keep.
final class LayerWeights {
  private final OperatorCall call;
  private final RecurrentLowerings.Kind kind;
  private final String suffix;
  private final List<List<Tensor>> directions = new ArrayList<>();

  LayerWeights(OperatorCall call, RecurrentLowerings.Kind kind, String suffix) {
    this.call = call;
    this.kind = kind;
    this.suffix = suffix;
  }

  /// @param weights of the input, of the state, and the biases of both, if there are such
  void add(List<Tensor> weights) {
    directions.add(weights);
  }

  private List<Tensor> all(int part) {
    return directions.stream().map(each -> each.get(part)).toList();
  }

  /// Gates in ONNX's order (1, gates, ...).
  private Tensor arranged(Tensor weight) {
    List<Tensor> gates = weight.chunk(kind.gates().size(), 0);
    return Torch.cat(kind.gates().stream().map(gates::get).toList(), 0).unsqueeze(0);
  }

  private boolean isQuantized() {
    return directions.getFirst().getFirst().isQuantized();
  }

  /// Whether the layer is computed with bytes, for which ONNX Runtime has an LSTM of its own.
  boolean areBytes() {
    return isQuantized() && kind.operator().equals("LSTM");
  }

  String operator() {
    return areBytes() ? "DynamicQuantizeLSTM" : kind.operator();
  }

  OnnxValue matrix(String name, int part) {
    List<Tensor> weights = all(part);
    if (isQuantized()) return quantized(name, weights);
    Tensor joined = Torch.cat(weights.stream().map(this::arranged).toList(), 0);
    OnnxValue constant = call.constant(name + suffix, joined);
    return joined.dtype() == DType.FLOAT16 ? call.floats(constant) : constant;
  }

  private OnnxValue quantized(String name, List<Tensor> weights) {
    Tensor bytes = Torch.cat(weights.stream().map(each -> arranged(each.intRepr())).toList(), 0);
    if (areBytes()) return call.constant(name + suffix, bytes.transpose(1, 2));
    return QuantizedWeight.dequantized(
        call, call.constant(name + suffix, bytes), scales(weights), 0);
  }

  private Tensor scales(List<Tensor> weights) {
    float[] scales = new float[weights.size()];
    for (int i = 0; i < scales.length; i++) {
      QuantizedWeight each = QuantizedWeight.of(weights.get(i), null);
      if (each.scales() == null || each.scales().dim() > 0) {
        throw call.refuse("weights that are quantized row by row");
      }
      scales[i] = (float) each.scales().item();
    }
    return Torch.tensor(scales);
  }

  /// Scales and zero points of both matrices.
  List<OnnxValue> scales() {
    List<OnnxValue> inputs = new ArrayList<>();
    for (int part = 0; part < 2; part++) {
      Tensor scales = scales(all(part));
      inputs.add(call.constant("scale" + suffix, scales));
      inputs.add(call.constant("zero" + suffix, Torch.zeros(scales.shape(), DType.INT8)));
    }
    return inputs;
  }

  OnnxValue bias() {
    List<Tensor> biases = new ArrayList<>();
    for (List<Tensor> each : directions) {
      biases.add(Torch.cat(List.of(arranged(each.get(2)), arranged(each.get(3))), 1));
    }
    return call.constant("B" + suffix, Torch.cat(biases, 0));
  }
}
