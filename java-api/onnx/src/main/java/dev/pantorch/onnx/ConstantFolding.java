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
  /// A tensor that is made of numbers is rather made again than kept in the file, if it is larger.
  private static final long MOST_MADE = 4096;

  private ConstantFolding() {}

  /// The result, or null if it depends on an input, or no overload takes the arguments as they are.
  static @Nullable Object fold(Node node, List<@Nullable Object> arguments, OperatorCall call) {
    if (node.isNondeterministic() || node.kind().endsWith("_") || node.kind().contains("empty")) {
      return null;
    }
    Arguments plain = new Arguments();
    for (Object argument : arguments) plain.list.add(plain.plain(argument));
    if (plain.dependsOnInputs) return null;
    for (String schema : BoxedCalls.schemas(node.kind())) {
      try (var mode = Torch.noGrad()) {
        List<@Nullable Object> results =
            Torch.op(schema.substring(0, schema.indexOf('('))).call(plain.list.toArray());
        List<@Nullable Object> constants = new ArrayList<>();
        for (Object each : results) constants.add(constant(each, plain, call));
        if (constants.contains(null)) return null;
        return results.size() == 1 ? constants.getFirst() : constants;
      } catch (TorchException | IllegalArgumentException refused) {
        // The arguments of another overload.
      }
    }
    return null;
  }

  private static @Nullable Object constant(
      @Nullable Object result, Arguments arguments, OperatorCall call) {
    return switch (result) {
      case Tensor tensor -> {
        if (tensor.numel() > Math.max(arguments.elements, MOST_MADE)) yield null;
        yield call.constant("folded", tensor);
      }
      case List<?> list -> {
        List<@Nullable Object> constants = new ArrayList<>();
        for (Object each : list) constants.add(constant(each, arguments, call));
        yield constants.contains(null) ? null : constants;
      }
      case null, default -> null;
    };
  }

  /// Arguments as libtorch takes them.
  private static final class Arguments {
    private final List<@Nullable Object> list = new ArrayList<>();
    private long elements;
    private boolean dependsOnInputs;

    private @Nullable Object plain(@Nullable Object argument) {
      return switch (argument) {
        case OnnxValue value -> {
          Tensor constant = value.constant();
          if (constant == null) dependsOnInputs = true;
          else elements = Math.max(elements, constant.numel());
          yield constant;
        }
        case SizeValue size -> {
          dependsOnInputs = true;
          yield null;
        }
        case QuantizedWeight.Packed packed -> packed.object();
        case List<?> items -> {
          List<@Nullable Object> plain = new ArrayList<>();
          for (Object item : items) plain.add(plain(item));
          yield plain;
        }
        case null, default -> argument;
      };
    }
  }
}
