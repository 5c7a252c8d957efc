package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.Substitution;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Layers and losses as functions: `torch.nn.functional`. Most are operators as libtorch has them;
/// those written here check or arrange their arguments first, as Python's do.
///
/// ```java
/// Tensor logits = Functional.linear(Functional.relu(features), w); // (32, 64), (3, 64) -> (32, 3)
/// Tensor loss = Functional.crossEntropy(logits, classes); // classes (32)
/// ```
///
/// [torch.nn.functional](https://docs.pytorch.org/docs/2.13/nn.functional.html)
public final class Functional extends ActivationFunctions {
  private Functional() {}

  /// Reads vectors from a table by index.
  ///
  /// @param input row indices, int64 or int32, of any shape $(*)$
  /// @param weight the table $(rows, H)$
  /// @return the vectors $(*, H)$
  /// @throws dev.pantorch.IndexException if an index is not a row
  public static Tensor embedding(Tensor input, Tensor weight) {
    return embedding(input, weight, null, null, 2, false, false);
  }

  /// Reads vectors from a table by index, with all settings of {@link Embedding}.
  ///
  /// @param input row indices, int64 or int32, of any shape $(*)$
  /// @param weight the table $(rows, H)$
  /// @param paddingIdx the row that gets no gradient, negative ones count from the end; null for
  ///   none
  /// @param maxNorm what the rows that are read are scaled down to, in the table itself; null for
  ///   no limit
  /// @param normType the p of the p-norm that is meant by that
  /// @param scaleGradByFreq whether a row's gradient is divided by how often it is read
  /// @param sparse whether the gradient of the table is a sparse tensor
  /// @return the vectors $(*, H)$
  /// @throws ValueException if the padding row is not a row
  /// @throws dev.pantorch.IndexException if an index is not a row
  public static Tensor embedding(
      Tensor input,
      Tensor weight,
      @Nullable Long paddingIdx,
      @Nullable Double maxNorm,
      double normType,
      boolean scaleGradByFreq,
      boolean sparse) {
    Tensor table = Substitution.value(weight);
    long padding = paddingIdx == null ? -1 : EmbeddingBase.row(paddingIdx, table.size(0));
    if (maxNorm == null) return Torch.embedding(table, input, padding, scaleGradByFreq, sparse);
    Tensor indices = input.contiguous();
    Torch.noGrad(() -> Torch.embeddingRenorm_(table.detach(), indices, maxNorm, normType));
    return Torch.embedding(table, indices, padding, scaleGradByFreq, sparse);
  }

  /// Normalises each feature, with all settings of {@link BatchNorm1d}, for any number of
  /// dimensions.
  ///
  /// @param input a tensor $(N, C, *)$
  /// @param runningMean running means $(C)$, which training changes; null for none
  /// @param runningVar running variances $(C)$, which training changes; null for none
  /// @param weight factors $(C)$; null for 1
  /// @param bias summands $(C)$; null for 0
  /// @param training whether mean and variance are those of the batch instead of the running ones
  /// @param momentum the weight of the batch in the running ones
  /// @param eps what is added to the variance
  /// @return a tensor of the input's shape
  /// @throws ValueException if in training a feature has only one value or eps is not positive
  public static Tensor batchNorm(
      Tensor input,
      @Nullable Tensor runningMean,
      @Nullable Tensor runningVar,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      boolean training,
      double momentum,
      double eps) {
    if (training) {
      requireSeveralValues(input.shape());
      if (eps <= 0) {
        throw new ValueException(
            "batch_norm eps must be positive during training, but got " + PythonText.number(eps));
      }
    }
    return Torch.batchNorm(
        input, weight, bias, runningMean, runningVar, training, momentum, eps, true);
  }

  private static void requireSeveralValues(long[] shape) {
    long values = shape.length == 0 ? 1 : shape[0];
    for (int d = 2; d < shape.length; d++) values *= shape[d];
    if (values == 1) {
      throw new ValueException(
          "Expected more than 1 value per channel when training, got input size "
              + PythonText.size(shape));
    }
  }

  /// The cross entropy between logits and classes or class probabilities, with all settings of
  /// {@link CrossEntropyLoss}.
  ///
  /// @param input logits $(C)$, $(N, C)$ or $(N, C, d_1, ...)$
  /// @param target class indices, of the input's shape without $C$, or probabilities, of its shape
  /// @param weight a factor for each class; null for none
  /// @param reduction what becomes of the single losses
  /// @param ignoreIndex the class that is left out
  /// @param labelSmoothing how much of the target is spread over all classes, 0 to 1
  /// @return the loss: a scalar, or of the target's shape for {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor crossEntropy(
      Tensor input,
      Tensor target,
      @Nullable Tensor weight,
      Reduction reduction,
      long ignoreIndex,
      double labelSmoothing) {
    return crossEntropyLoss(input, target, weight, reduction.code(), ignoreIndex, labelSmoothing);
  }

  /// The mean cross entropy between logits and classes or class probabilities.
  ///
  /// @param input logits $(C)$, $(N, C)$ or $(N, C, d_1, ...)$
  /// @param target class indices, of the input's shape without $C$, or probabilities, of its shape
  /// @return a scalar
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor crossEntropy(Tensor input, Tensor target) {
    return crossEntropyLoss(input, target);
  }

  /// The negative log likelihood of classes.
  ///
  /// @param input log-probabilities $(C)$, $(N, C)$ or $(N, C, d_1, ...)$
  /// @param target class indices, of the input's shape without $C$
  /// @param weight a factor for each class; null for none
  /// @param reduction what becomes of the single losses
  /// @param ignoreIndex the class that is left out
  /// @return the loss: a scalar, or of the target's shape for {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor nllLoss(
      Tensor input, Tensor target, @Nullable Tensor weight, Reduction reduction, long ignoreIndex) {
    return nllLossNd(input, target, weight, reduction.code(), ignoreIndex);
  }

  /// The binary cross entropy between logits and targets, with the logistic function and the
  /// logarithm taken as one, which is exact where they would each round.
  ///
  /// @param input logits of any shape
  /// @param target values from 0 to 1, of the same shape
  /// @param weight factors that broadcast to the shape; null for none
  /// @param posWeight factors on the positive part that broadcast to the shape; null for none
  /// @param reduction what becomes of the single losses
  /// @return the loss: a scalar, or of the input's shape for {@link Reduction#NONE}
  /// @throws ValueException if the shapes differ
  public static Tensor binaryCrossEntropyWithLogits(
      Tensor input,
      Tensor target,
      @Nullable Tensor weight,
      @Nullable Tensor posWeight,
      Reduction reduction) {
    long[] wanted = input.shape();
    long[] given = target.shape();
    if (!Arrays.equals(wanted, given)) {
      throw new ValueException(
          "Target size (%s) must be the same as input size (%s)"
              .formatted(PythonText.size(given), PythonText.size(wanted)));
    }
    return binaryCrossEntropyWithLogits(input, target, weight, posWeight, reduction.code());
  }

  /// The binary cross entropy between probabilities and targets.
  ///
  /// @param input probabilities of any shape
  /// @param target values from 0 to 1, of the same shape
  /// @param weight factors that broadcast to the shape; null for none
  /// @param reduction what becomes of the single losses
  /// @return the loss: a scalar, or of the input's shape for {@link Reduction#NONE}
  /// @throws ValueException if the shapes differ
  public static Tensor binaryCrossEntropy(
      Tensor input, Tensor target, @Nullable Tensor weight, Reduction reduction) {
    long[] wanted = input.shape();
    long[] given = target.shape();
    if (!Arrays.equals(wanted, given)) {
      throw new ValueException(
          "Using a target size (%s) that is different to the input size (%s) is deprecated. Please ensure they have the same size."
              .formatted(PythonText.size(given), PythonText.size(wanted)));
    }
    Tensor expanded =
        weight == null ? null : Torch.broadcastTensors(weight, target.detach()).getFirst();
    return binaryCrossEntropy(input, target, expanded, reduction.code());
  }

  /// The squared error. Shapes that differ are broadcast, with a warning.
  ///
  /// @param input values of any shape
  /// @param target values of the same shape
  /// @param reduction what becomes of the single losses
  /// @return the loss: a scalar, or of the input's shape for {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if the shapes do not broadcast
  public static Tensor mseLoss(Tensor input, Tensor target, Reduction reduction) {
    warnOfBroadcast(input, target);
    var both = Torch.broadcastTensors(input, target);
    return mseLoss(both.getFirst(), both.getLast(), reduction.code());
  }

  /// The absolute error. Shapes that differ are broadcast, with a warning.
  ///
  /// @param input values of any shape
  /// @param target values of the same shape
  /// @param reduction what becomes of the single losses
  /// @return the loss: a scalar, or of the input's shape for {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if the shapes do not broadcast
  public static Tensor l1Loss(Tensor input, Tensor target, Reduction reduction) {
    warnOfBroadcast(input, target);
    var both = Torch.broadcastTensors(input, target);
    return l1Loss(both.getFirst(), both.getLast(), reduction.code());
  }
}
