package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.Tracing;
import java.util.Arrays;
import java.util.function.BinaryOperator;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Losses that are more than a call of an operator, a part of {@link Functional}.
abstract class ComposedLossFunctions extends LossFunctions {

  ComposedLossFunctions() {}

  /// The loss of {@link CTCLoss}, with all settings.
  ///
  /// @param logProbs log-probabilities $(T, N, C)$ or $(T, C)$
  /// @param targets labels $(N, S)$ or $(\sum lengths)$
  /// @param inputLengths how many steps of each input count $(N)$ or $()$
  /// @param targetLengths how many labels of each target count $(N)$ or $()$
  /// @param blank the class that stands for no label
  /// @param reduction what becomes of the single losses
  /// @param zeroInfinity whether infinite losses count as zero
  /// @return the loss
  /// @throws dev.pantorch.IndexException if a label is no class
  /// @throws TorchException if shapes, dtypes or lengths do not fit
  public static Tensor ctcLoss(
      Tensor logProbs,
      Tensor targets,
      Tensor inputLengths,
      Tensor targetLengths,
      long blank,
      Reduction reduction,
      boolean zeroInfinity) {
    return Torch.ctcLoss(
        logProbs, targets, inputLengths, targetLengths, blank, reduction.code(), zeroInfinity);
  }

  /// The loss of {@link TripletMarginWithDistanceLoss}, with all settings.
  ///
  /// @param anchor what is compared
  /// @param positive what is like it
  /// @param negative what is not
  /// @param distanceFunction how far two tensors are apart; null for the Euclidean distance
  /// @param margin how far apart is far enough
  /// @param swap whether the distance of positive and negative counts where smaller
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws ValueException if the margin is not positive
  /// @throws TorchException if shapes or dtypes do not fit
  public static Tensor tripletMarginWithDistanceLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      @Nullable BinaryOperator<Tensor> distanceFunction,
      double margin,
      boolean swap,
      Reduction reduction) {
    if (margin <= 0) {
      throw new ValueException("margin must be greater than 0, got " + PythonText.number(margin));
    }
    if (anchor.dim() != positive.dim() || positive.dim() != negative.dim()) {
      throw new ShapeException(
          "The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor %dD, positive %dD, and negative %dD inputs"
              .formatted(anchor.dim(), positive.dim(), negative.dim()));
    }
    BinaryOperator<Tensor> distance =
        distanceFunction == null ? Torch::pairwiseDistance : distanceFunction;
    Tensor near = distance.apply(anchor, positive);
    Tensor far = distance.apply(anchor, negative);
    if (swap) far = far.minimum(distance.apply(positive, negative));
    return reduced(near.add(margin).sub(far).clampMin(0), reduction);
  }

  /// The loss of {@link LinearCrossEntropyLoss}, with all settings.
  ///
  /// @param input features $(N, H)$ or $(H)$
  /// @param linearWeight what makes logits of them $(C, d_1, ..., H)$
  /// @param target class indices $(N, d_1, ...)$, $(N)$ or $()$, or probabilities $(N, C, d_1,
  ///   ...)$ or $(C)$
  /// @param linearBias summands of the logits $(C, d_1, ...)$; null for none
  /// @param weight a factor for each class $(C)$; null for none
  /// @param reduction what becomes of the single losses
  /// @param ignoreIndex the class that is left out; null for -100, or none where the target is
  ///   probabilities
  /// @param labelSmoothing how much of the target is spread over all classes, 0 to 1
  /// @param options how to compute in pieces of the batch; null for all of it at once
  /// @return the loss: a scalar, or of the target's shape for {@link Reduction#NONE}
  /// @throws TorchException if shapes or dtypes do not fit
  public static Tensor linearCrossEntropy(
      Tensor input,
      Tensor linearWeight,
      Tensor target,
      @Nullable Tensor linearBias,
      @Nullable Tensor weight,
      Reduction reduction,
      @Nullable Long ignoreIndex,
      double labelSmoothing,
      @Nullable LinearCrossEntropyOptions options) {
    checkLinear(input, linearWeight, linearBias);
    int code = reduction.code();
    long[] sizes = linearWeight.shape();
    long[] outputs = Arrays.copyOf(sizes, sizes.length - 1);
    long[] batch = Arrays.copyOf(input.shape(), input.dim() - 1);
    long[] logitsShape = LongStream.concat(LongStream.of(batch), LongStream.of(outputs)).toArray();
    if (ignoreIndex != null && Arrays.equals(target.shape(), logitsShape)) {
      throw new TorchException(
          "ignore_index cannot be specified when target contains probabilities");
    }
    boolean flat = outputs.length == 1;
    if (options != null) {
      boolean tracing = Tracing.isTracing();
      if (flat && labelSmoothing == 0 && target.dtype() == DType.INT64 && !tracing) {
        boolean single = input.dim() == 1;
        Tensor rows = single ? input.unsqueeze(0) : input;
        Tensor loss =
            ChunkedLinearCrossEntropy.loss(
                new ChunkedLinearCrossEntropy.Task(
                    rows,
                    linearWeight,
                    single ? target.unsqueeze(0) : target,
                    linearBias,
                    weight,
                    reduction,
                    ignoreIndex == null ? -100 : ignoreIndex,
                    options.resolve(rows, sizes[0])));
        return single ? loss.squeeze(0) : loss;
      }
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "linear_cross_entropy: ``options`` ignored; chunked path needs label_smoothing == 0, target.dtype == int64, out_features == (). Got label_smoothing=%s, target.dtype=%s, out_features=%s, tracing=%s."
              .formatted(
                  PythonText.number(labelSmoothing),
                  target.dtype(),
                  PythonText.tuple(Arrays.copyOfRange(outputs, 1, outputs.length)),
                  PythonText.bool(tracing)));
    }
    Tensor matrix = flat ? linearWeight : linearWeight.reshape(-1, input.size(-1));
    Tensor summands = flat || linearBias == null ? linearBias : linearBias.reshape(-1);
    Tensor logits = linear(input, matrix, summands).reshape(logitsShape);
    return crossEntropyLoss(
        logits, target, weight, code, ignoreIndex == null ? -100 : ignoreIndex, labelSmoothing);
  }

  private static void checkLinear(Tensor input, Tensor linearWeight, @Nullable Tensor linearBias) {
    int dim = input.dim();
    if (dim < 1 || dim > 2) {
      throw new ShapeException("expected input with dimensionality 1 or 2, got " + dim);
    }
    long[] sizes = linearWeight.shape();
    if (sizes.length < 2) {
      throw new ShapeException(
          "expected linear_weight with dimensionality at least 2, got " + sizes.length);
    }
    long features = input.size(-1);
    if (features != sizes[sizes.length - 1]) {
      throw new ShapeException(
          "expected equal input and linear_weight last dimensions (in_features), got %d and %d, respectively"
              .formatted(features, sizes[sizes.length - 1]));
    }
    long[] outputs = Arrays.copyOf(sizes, sizes.length - 1);
    if (linearBias != null && !Arrays.equals(linearBias.shape(), outputs)) {
      throw new ShapeException(
          "expected linear_bias shape %s, got %s"
              .formatted(PythonText.tuple(outputs), PythonText.tuple(linearBias.shape())));
    }
    if (outputs.length > 1 && dim == 1) {
      throw new ShapeException(
          "K-dimensional loss defined by linear_weight shape %s requires batched input, (N, %d), got unbatched input with shape %s"
              .formatted(PythonText.tuple(sizes), features, PythonText.tuple(input.shape())));
    }
  }
}
