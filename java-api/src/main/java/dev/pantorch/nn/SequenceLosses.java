package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;

/// Losses over sequences of different lengths in one padded batch, batch first. What stands at
/// padding has no influence on values or gradients, even where it is NaN or, as a class, -100.
/// Without any step the loss is 0. Not in PyTorch.
///
/// ```java
/// Tensor mask = SequenceLosses.mask(lengths, x.size(1));
/// Tensor loss =
///     SequenceLosses.crossEntropy(logits, tags, mask, SequenceReduction.TOKEN_MEAN);
/// ```
///
/// **Shape.** Mask $(N, L)$ bool, true where there are steps. Where the input has further
/// dimensions $(N, L, *)$, a step's loss is the mean over them. The result is a scalar, or $(N, L)$
/// with {@link SequenceReduction#NONE}.
public final class SequenceLosses {
  private SequenceLosses() {}

  private interface Elementwise {
    Tensor apply(Tensor input, Tensor target);
  }

  /// Where sequences have steps: position smaller than length.
  ///
  /// @param lengths $(N)$ integers
  /// @param steps the padded length $L$
  /// @return $(N, L)$ bool, on the device of the lengths
  public static Tensor mask(Tensor lengths, long steps) {
    if (lengths.dim() != 1) {
      throw new ShapeException("lengths must have 1 dimension, got %d".formatted(lengths.dim()));
    }
    return Torch.arange(steps, DType.INT64.on(lengths.device())).lt(lengths.unsqueeze(1));
  }

  /// The cross entropy of classes, a class a step.
  ///
  /// @param input logits $(N, L, C)$
  /// @param target classes $(N, L)$ int64
  /// @param mask where there are steps, $(N, L)$ bool
  /// @param reduction over steps and sequences
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes, dtypes or classes do not fit
  public static Tensor crossEntropy(
      Tensor input, Tensor target, Tensor mask, SequenceReduction reduction) {
    check(input, mask);
    long[] size = input.shape();
    if (size.length != 3) {
      throw new ShapeException("input must have 3 dimensions, got " + size.length);
    }
    same(target.shape(), mask.shape(), "target and mask");
    return TensorScope.scope(() -> {
      Tensor logits = input.where(mask.unsqueeze(2), 0).reshape(-1, size[2]);
      Tensor classes = target.where(mask, 0).reshape(-1);
      Tensor losses =
          Functional.crossEntropy(logits, classes, null, Reduction.NONE, -100, 0)
              .view(size[0], size[1]);
      return reduced(losses, mask, reduction);
    });
  }

  /// The squared errors.
  ///
  /// @param input $(N, L, *)$
  /// @param target of the input's shape
  /// @param mask where there are steps, $(N, L)$ bool
  /// @param reduction over steps and sequences
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor mse(Tensor input, Tensor target, Tensor mask, SequenceReduction reduction) {
    return elementwise(
        input, target, mask, reduction, (x, y) -> Functional.mseLoss(x, y, Reduction.NONE));
  }

  /// The absolute errors.
  ///
  /// @param input $(N, L, *)$
  /// @param target of the input's shape
  /// @param mask where there are steps, $(N, L)$ bool
  /// @param reduction over steps and sequences
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor l1(Tensor input, Tensor target, Tensor mask, SequenceReduction reduction) {
    return elementwise(
        input, target, mask, reduction, (x, y) -> Functional.l1Loss(x, y, Reduction.NONE));
  }

  /// The binary cross entropy of logits.
  ///
  /// @param input logits $(N, L, *)$
  /// @param target probabilities of the input's shape and dtype
  /// @param mask where there are steps, $(N, L)$ bool
  /// @param reduction over steps and sequences
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor bceWithLogits(
      Tensor input, Tensor target, Tensor mask, SequenceReduction reduction) {
    return elementwise(
        input,
        target,
        mask,
        reduction,
        (x, y) -> Functional.binaryCrossEntropyWithLogits(x, y, null, null, Reduction.NONE));
  }

  private static Tensor elementwise(
      Tensor input, Tensor target, Tensor mask, SequenceReduction reduction, Elementwise loss) {
    check(input, mask);
    same(target.shape(), input.shape(), "target and input");
    return TensorScope.scope(() -> {
      Tensor steps = mask;
      for (int i = 2; i < input.dim(); i++) steps = steps.unsqueeze(-1);
      Tensor losses = loss.apply(input.where(steps, 0), target.where(steps, 0));
      return reduced(input.dim() == 2 ? losses : losses.flatten(2).mean(2), mask, reduction);
    });
  }

  private static Tensor reduced(Tensor losses, Tensor mask, SequenceReduction reduction) {
    Tensor kept = losses.where(mask, 0);
    return switch (reduction) {
      case NONE -> kept;
      case SUM -> kept.sum();
      case TOKEN_MEAN -> kept.sum().div(mask.sum().clampMin(1));
      case SEQUENCE_MEAN -> {
        Tensor counts = mask.sum(1);
        yield kept.sum(1).div(counts.clampMin(1)).sum().div(counts.gt(0).sum().clampMin(1));
      }
    };
  }

  private static void check(Tensor input, Tensor mask) {
    long[] size = input.shape();
    if (size.length < 2) {
      throw new ShapeException("input must have at least 2 dimensions, got " + size.length);
    }
    if (mask.dtype() != DType.BOOL) {
      throw new ValueException("mask must be of dtype torch.bool, got " + mask.dtype());
    }
    same(new long[] {size[0], size[1]}, mask.shape(), "the first two dimensions of input and mask");
  }

  private static void same(long[] one, long[] other, String names) {
    if (!Arrays.equals(one, other)) {
      throw new ShapeException(
          "%s must match, got %s and %s"
              .formatted(names, PythonText.tuple(one), PythonText.tuple(other)));
    }
  }
}
