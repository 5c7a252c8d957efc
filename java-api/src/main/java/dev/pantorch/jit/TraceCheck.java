package dev.pantorch.jit;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.JitCalls.SizeRuns;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.Structure;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Compares a trace with further runs of what was traced, as Python's `check_trace` does.
final class TraceCheck {
  private static final int MAX_NODES = 20;

  private final ScriptModule script;
  private final TraceOptions options;
  private final Function<List<Object>, Object> function;
  private boolean warnedOfRandomness;

  TraceCheck(ScriptModule script, TraceOptions options, Function<List<Object>, Object> function) {
    this.script = script;
    this.options = options;
    this.function = function;
  }

  /// @param base a further run on the example's inputs
  /// @param record makes a further run on other inputs
  void run(
      List<Object> inputs,
      NativeHandle traced,
      SizeRuns runs,
      @Nullable NativeHandle base,
      Function<List<Object>, NativeHandle> record) {
    try (var mode = Torch.noGrad()) {
      if (options.checkInputs.isEmpty() && base != null) {
        check(inputs, traced, base, SizeProbes.sizesOf(runs, inputs));
      }
      for (List<Object> fresh : options.checkInputs) {
        check(fresh, traced, record.apply(fresh), SizeProbes.sizesOf(runs, fresh));
      }
    }
  }

  private void check(
      List<Object> inputs, NativeHandle traced, NativeHandle other, List<Long> sizes) {
    List<Tensor> fromTrace =
        outputs(
            "trace",
            traced,
            other,
            sizes,
            () -> script.callMethod(options.method, Tracer.copies(inputs).toArray()));
    List<Tensor> fromFunction =
        outputs("Java function", traced, other, sizes, () -> function.apply(Tracer.copies(inputs)));
    compareOutputs(fromTrace, fromFunction);
    List<@Nullable Object> differences = JitCalls.compare(traced, other, sizes);
    if (differences.stream().anyMatch(difference -> difference != null)) {
      throw failure(differences, null);
    }
  }

  private interface Computation {
    @Nullable Object compute();
  }

  private static List<Tensor> outputs(
      String what,
      NativeHandle traced,
      NativeHandle other,
      List<Long> sizes,
      Computation computation) {
    try {
      return Structure.tensors(computation.compute());
    } catch (RuntimeException e) {
      TracingCheckException failure =
          failure(
              JitCalls.compare(traced, other, sizes),
              "encountered an exception while running the %s with test inputs.\nException:\n%s"
                  .formatted(what, indented(String.valueOf(e.getMessage()))));
      failure.initCause(e);
      throw failure;
    }
  }

  private static TracingCheckException failure(
      List<@Nullable Object> differences, @Nullable String extra) {
    StringBuilder text = new StringBuilder("Tracing failed sanity checks!\n");
    if (extra != null) text.append(extra).append('\n');
    Object operators = differences.get(0);
    if (operators != null) {
      text.append("ERROR: Graphs differed across invocations!\n");
      text.append(indented(operators.toString())).append('\n');
    }
    Object constants = differences.get(1);
    if (constants != null) {
      text.append(
          "ERROR: Tensor-valued Constant nodes differed in value across invocations. This often"
              + " indicates that the tracer has encountered untraceable code.\n");
      text.append(indented(constants.toString())).append('\n');
    }
    return new TracingCheckException(text.toString());
  }

  private static String indented(String text) {
    return text.lines().map(line -> "\t" + line).collect(Collectors.joining("\n"));
  }

  private void compareOutputs(List<Tensor> traced, List<Tensor> computed) {
    for (int i = 0; i < Math.min(traced.size(), computed.size()); i++) {
      String difference = difference(traced.get(i), computed.get(i));
      if (difference == null) continue;
      warnOfRandomness();
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "Output nr %d. of the traced function does not match the corresponding output of the Java function. Detailed error:\n%s"
              .formatted(i + 1, difference));
    }
  }

  /// How two outputs differ, in the words of `torch.testing.assert_close`, or null.
  private @Nullable String difference(Tensor traced, Tensor computed) {
    Tensor a = comparable(traced);
    Tensor b = comparable(computed);
    if (!java.util.Arrays.equals(a.shape(), b.shape())) {
      return "The values for attribute 'shape' do not match: %s != %s."
          .formatted(java.util.Arrays.toString(a.shape()), java.util.Arrays.toString(b.shape()));
    }
    double absolute = absoluteTolerance(computed.dtype());
    Tensor close = a.isclose(b, options.checkTolerance, absolute, true);
    long mismatched = close.logicalNot().sum().itemLong();
    if (mismatched == 0) return null;
    Tensor distance = a.sub(b).abs().maskedFill(close, 0);
    Tensor relative = distance.div(b.abs());
    return "Tensor-likes are not close!\n\nMismatched elements: %d / %d (%.1f%%)\nGreatest absolute difference: %s (up to %s allowed)\nGreatest relative difference: %s (up to %s allowed)"
        .formatted(
            mismatched,
            a.numel(),
            100.0 * mismatched / a.numel(),
            distance.max().item(),
            absolute,
            relative.nanToNum(0.0, Double.POSITIVE_INFINITY, null).max().item(),
            options.checkTolerance);
  }

  private static Tensor comparable(Tensor tensor) {
    Tensor plain = tensor.isQuantized() ? tensor.dequantize() : tensor;
    return plain.to(plain.dtype().isComplex() ? DType.COMPLEX128 : DType.FLOAT64);
  }

  /// Those of `torch.testing.assert_close`.
  private static double absoluteTolerance(DType dtype) {
    return switch (dtype) {
      case FLOAT64, COMPLEX128 -> 1e-7;
      case FLOAT32, COMPLEX64, FLOAT16, BFLOAT16 -> 1e-5;
      default -> 0;
    };
  }

  private void warnOfRandomness() {
    if (warnedOfRandomness) return;
    warnedOfRandomness = true;
    List<Node> random =
        script.inlinedGraph(options.method).nodes().stream()
            .filter(Node::isNondeterministic)
            .toList();
    if (random.isEmpty()) return;
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "Trace had nondeterministic nodes. Did you forget call .eval() on your model? Nodes:\n%s\nThis may cause errors in trace checking. To disable trace checking, set checkTrace(false)"
            .formatted(
                random.stream()
                    .limit(MAX_NODES)
                    .map(node -> indented(node.toString()))
                    .collect(Collectors.joining("\n"))));
  }
}
