package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Computes nodes of which all inputs are constants: what lowerings add to weights, masks and
/// positions.
final class NodeFolding {
  /// More would rather be computed than kept in the file.
  private static final long MAX_GROWTH = 4096;

  private static final Map<String, UnaryOperator<Tensor>> UNARY =
      Map.ofEntries(
          Map.entry("Abs", Tensor::abs),
          Map.entry("Exp", Tensor::exp),
          Map.entry("Floor", Tensor::floor),
          Map.entry("Log", Tensor::log),
          Map.entry("Neg", Tensor::neg),
          Map.entry("Not", Tensor::logicalNot),
          Map.entry("Reciprocal", Tensor::reciprocal),
          Map.entry("Sign", Tensor::sign),
          Map.entry("Sqrt", Tensor::sqrt));
  private static final Map<String, BinaryOperator<Tensor>> BINARY =
      Map.ofEntries(
          Map.entry("Add", Tensor::add),
          Map.entry("And", Tensor::logicalAnd),
          Map.entry("Equal", Tensor::eq),
          Map.entry("Greater", Tensor::gt),
          Map.entry("GreaterOrEqual", Tensor::ge),
          Map.entry("Less", Tensor::lt),
          Map.entry("LessOrEqual", Tensor::le),
          Map.entry("Max", Tensor::maximum),
          Map.entry("Min", Tensor::minimum),
          Map.entry("Mul", Tensor::mul),
          Map.entry("Or", Tensor::logicalOr),
          Map.entry("Pow", Tensor::pow),
          Map.entry("Sub", Tensor::sub),
          Map.entry("Xor", Tensor::logicalXor));

  private NodeFolding() {}

  /// The result, or null where an input is no constant or the operator is none of these.
  static @Nullable Tensor fold(
      String operator,
      DType dtype,
      Map<String, Object> attributes,
      List<? extends @Nullable OnnxValue> inputs) {
    List<Tensor> constants = new ArrayList<>();
    for (OnnxValue input : inputs) {
      if (input == null) return null;
      Tensor constant = input.constant();
      if (constant == null) return null;
      constants.add(constant);
    }
    if (constants.isEmpty()) return null;
    try (var mode = Torch.noGrad()) {
      Tensor result = compute(operator, dtype, attributes, constants);
      if (result == null) return null;
      long before = constants.stream().mapToLong(Tensor::numel).max().orElse(0);
      return result.numel() > Math.max(before, MAX_GROWTH) ? null : result.to(dtype);
    }
  }

  private static @Nullable Tensor compute(
      String operator, DType dtype, Map<String, Object> attributes, List<Tensor> inputs) {
    Tensor first = inputs.getFirst();
    UnaryOperator<Tensor> unary = UNARY.get(operator);
    if (unary != null && inputs.size() == 1) return unary.apply(first);
    BinaryOperator<Tensor> binary = BINARY.get(operator);
    if (binary != null && inputs.size() == 2) return binary.apply(first, inputs.get(1));
    return switch (operator) {
      case "Cast" -> first.to(dtype);
      case "Concat" -> Torch.cat(inputs, axis(attributes));
      case "Div" -> first.div(inputs.get(1), dtype.isFloatingPoint() ? null : "trunc");
      case "Expand" -> expand(first, inputs.get(1).toLongArray());
      case "Gather" -> gather(first, axis(attributes), inputs.get(1));
      case "Range" -> Torch.arange(first.item(), inputs.get(1).item(), inputs.get(2).item());
      case "Reshape" -> reshape(first, inputs.get(1).toLongArray(), attributes);
      case "Shape" -> attributes.isEmpty() ? Torch.tensor(first.shape()) : null;
      case "Squeeze" -> first.squeeze(inputs.get(1).toLongArray());
      case "Transpose" -> first.permute(order(attributes));
      case "Unsqueeze" -> unsqueeze(first, inputs.get(1).toLongArray());
      case "Where" -> Torch.where(first, inputs.get(1), inputs.get(2));
      default -> null;
    };
  }

  private static long axis(Map<String, Object> attributes) {
    return attributes.get("axis") instanceof Number axis ? axis.longValue() : 0;
  }

  private static long[] order(Map<String, Object> attributes) {
    List<?> order = attributes.get("perm") instanceof List<?> list ? list : List.of();
    return order.stream().mapToLong(each -> (Long) each).toArray();
  }

  private static Tensor gather(Tensor x, long axis, Tensor positions) {
    Tensor flat = positions.reshape(-1);
    Tensor valid = Torch.where(flat.lt(0), flat.add(x.size((int) axis)), flat);
    Tensor picked = x.indexSelect(axis, valid);
    if (positions.dim() == 1) return picked;
    return positions.dim() == 0 ? picked.squeeze(axis) : picked.unflatten(axis, positions.shape());
  }

  private static Tensor expand(Tensor x, long[] sizes) {
    return Torch.broadcastTensors(List.of(x, Torch.empty(1).expand(sizes))).getFirst();
  }

  private static Tensor reshape(Tensor x, long[] sizes, Map<String, Object> attributes) {
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] == 0 && !attributes.containsKey("allowzero")) sizes[i] = x.size(i);
    }
    return x.reshape(sizes);
  }

  private static Tensor unsqueeze(Tensor x, long[] axes) {
    Tensor result = x;
    int rank = x.dim() + axes.length;
    for (long axis :
        java.util.Arrays.stream(axes).map(a -> a < 0 ? a + rank : a).sorted().toArray()) {
      result = result.unsqueeze(axis);
    }
    return result;
  }
}
