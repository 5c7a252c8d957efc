package dev.pantorch.onnx;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.BoxedCalls;
import dev.pantorch.jit.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Computes at export what depends on no input.
final class ConstantFolding {
  private ConstantFolding() {}

  /// The result, or null if it depends on an input, or no overload takes the arguments as they are.
  static @Nullable Object fold(Node node, List<@Nullable Object> arguments, OperatorCall call) {
    if (node.isNondeterministic() || node.outputs().size() != 1 || node.kind().endsWith("_")) {
      return null;
    }
    List<@Nullable Object> plain = new ArrayList<>();
    boolean hasTensor = false;
    for (Object argument : arguments) {
      if (argument instanceof SizeValue || argument instanceof List<?>) return null;
      if (argument instanceof OnnxValue value) {
        if (value.constant() == null) return null;
        hasTensor = true;
        plain.add(value.constant());
      } else {
        plain.add(argument);
      }
    }
    if (!hasTensor) return null;
    for (String schema : BoxedCalls.schemas(node.kind())) {
      try (var mode = Torch.noGrad()) {
        List<@Nullable Object> results =
            Torch.op(schema.substring(0, schema.indexOf('('))).call(plain.toArray());
        if (results.size() == 1 && results.getFirst() instanceof Tensor tensor) {
          return call.constant("folded", tensor);
        }
      } catch (TorchException | IllegalArgumentException refused) {
        // The arguments of another overload.
      }
    }
    return null;
  }
}
