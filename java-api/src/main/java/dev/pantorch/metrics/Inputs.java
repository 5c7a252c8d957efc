package dev.pantorch.metrics;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Brings a batch to the host.
final class Inputs {
  private Inputs() {}

  /// Runs native calls that record no gradient and leave no tensor.
  static <T> T read(Supplier<T> body) {
    return Torch.noGrad(() -> dev.pantorch.TensorScope.scope(body));
  }

  static long[] longs(Tensor labels) {
    return labels.to(DType.INT64).toLongArray();
  }

  static double[] doubles(Tensor values) {
    return values.to(DType.FLOAT64).toDoubleArray();
  }

  /// What counts, or null where everything does.
  static boolean @Nullable [] mask(@Nullable Tensor mask, Tensor targets) {
    if (mask == null) return null;
    if (mask.dtype() != DType.BOOL) {
      throw new TypeException("Expected a mask of torch.bool, but got " + mask.dtype());
    }
    same("mask", mask, targets);
    return mask.toBooleanArray();
  }

  static void same(String what, Tensor tensor, Tensor targets) {
    if (!Arrays.equals(tensor.shape(), targets.shape())) {
      throw new ShapeException(
          "Expected %s and targets of the same shape, but got %s and %s"
              .formatted(what, Arrays.toString(tensor.shape()), Arrays.toString(targets.shape())));
    }
  }

  /// Checks scores of shape $(N, C, ...)$ against targets of shape $(N, ...)$.
  static void scores(Tensor scores, Tensor targets, long classes) {
    long[] shape = scores.shape();
    boolean fits = shape.length == targets.dim() + 1 && shape.length >= 2 && shape[1] == classes;
    for (int i = 0; fits && i < targets.dim(); i++) {
      fits = targets.size(i) == shape[i == 0 ? 0 : i + 1];
    }
    if (!fits) {
      throw new ShapeException(
          "Expected scores of shape (N, %d, ...) and targets of shape (N, ...), but got %s and %s"
              .formatted(classes, Arrays.toString(shape), Arrays.toString(targets.shape())));
    }
  }

  /// Scores $(N, C, ...)$ as rows of `classes` scores.
  static Tensor rows(Tensor scores, long classes) {
    return scores.movedim(1, -1).reshape(-1, classes);
  }
}
