package dev.pantorch.nn;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The losses as functions, a part of {@link Functional}.
abstract class LossFunctions extends AttentionFunctions {

  LossFunctions() {}

  /// The loss of {@link SmoothL1Loss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param reduction what becomes of the single losses
  /// @param beta where squares become absolute values
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor smoothL1Loss(Tensor input, Tensor target, Reduction reduction, double beta) {
    warnOfBroadcast(input, target);
    var both = Torch.broadcastTensors(input, target);
    return beta == 0
        ? l1Loss(both.getFirst(), both.getLast(), reduction.code())
        : smoothL1Loss(both.getFirst(), both.getLast(), reduction.code(), beta);
  }

  /// The loss of {@link HuberLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param reduction what becomes of the single losses
  /// @param delta where squares become absolute values
  /// @param weight factors; null for none
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor huberLoss(
      Tensor input, Tensor target, Reduction reduction, double delta, @Nullable Tensor weight) {
    warnOfBroadcast(input, target);
    var both = Torch.broadcastTensors(input, target);
    if (weight == null) return huberLoss(both.getFirst(), both.getLast(), reduction.code(), delta);
    if (!Arrays.equals(weight.shape(), input.shape())) {
      throw new ValueException("Weights and input must have the same size.");
    }
    Tensor loss = huberLoss(both.getFirst(), both.getLast(), Reduction.NONE.code(), delta);
    return reduced(loss.mul(weight), reduction);
  }

  /// The loss of {@link SoftMarginLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor softMarginLoss(Tensor input, Tensor target, Reduction reduction) {
    return softMarginLoss(input, target, reduction.code());
  }

  /// The loss of {@link MultiLabelMarginLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor multilabelMarginLoss(Tensor input, Tensor target, Reduction reduction) {
    return multilabelMarginLoss(input, target, reduction.code());
  }

  /// The loss of {@link HingeEmbeddingLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param margin how far apart is far enough
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor hingeEmbeddingLoss(
      Tensor input, Tensor target, double margin, Reduction reduction) {
    return hingeEmbeddingLoss(input, target, margin, reduction.code());
  }

  /// The loss of {@link PoissonNLLLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param logInput whether the input is a logarithm
  /// @param full whether what does not depend on the input is added
  /// @param eps what keeps the loss finite
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor poissonNllLoss(
      Tensor input,
      Tensor target,
      boolean logInput,
      boolean full,
      double eps,
      Reduction reduction) {
    return Torch.poissonNllLoss(input, target, logInput, full, eps, reduction.code());
  }

  /// The loss of {@link KLDivLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param reduction what becomes of the single losses
  /// @param logTarget whether the target is log-probabilities
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor klDiv(Tensor input, Tensor target, Reduction reduction, boolean logTarget) {
    if (reduction != Reduction.BATCHMEAN) return klDiv(input, target, reduction.code(), logTarget);
    Tensor sum = klDiv(input, target, Reduction.SUM.code(), logTarget);
    return input.dim() == 0 ? sum : sum.div(input.size(0));
  }

  /// The loss of {@link MultiLabelSoftMarginLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param weight factors; null for none
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor multilabelSoftMarginLoss(
      Tensor input, Tensor target, @Nullable Tensor weight, Reduction reduction) {
    Tensor loss =
        target.mul(logSigmoid(input)).add(Torch.rsub(target, 1).mul(logSigmoid(input.neg()))).neg();
    if (weight != null) loss = loss.mul(weight);
    int last = input.dim() - 1;
    return reduced(loss.sum(last).div(input.size(last)), reduction);
  }

  /// The loss of {@link MultiMarginLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param p the power or norm
  /// @param margin how far apart is far enough
  /// @param weight factors; null for none
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor multiMarginLoss(
      Tensor input,
      Tensor target,
      long p,
      double margin,
      @Nullable Tensor weight,
      Reduction reduction) {
    if (p != 1 && p != 2) throw new ValueException("only p == 1 and p == 2 supported");
    if (weight != null && weight.dim() != 1) {
      throw new ValueException("weight must be one-dimensional");
    }
    return multiMarginLoss(input, target, p, margin, weight, reduction.code());
  }

  /// The loss of {@link MarginRankingLoss}, with all settings.
  ///
  /// @param input1 the first values
  /// @param input2 the second values
  /// @param target what it should have returned
  /// @param margin how far apart is far enough
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor marginRankingLoss(
      Tensor input1, Tensor input2, Tensor target, double margin, Reduction reduction) {
    if (input1.dim() != input2.dim() || input1.dim() != target.dim()) {
      throw new ShapeException(
          "margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: %s, input2: %s, target: %s "
              .formatted(
                  PythonText.size(input1.shape()),
                  PythonText.size(input2.shape()),
                  PythonText.size(target.shape())));
    }
    return marginRankingLoss(input1, input2, target, margin, reduction.code());
  }

  /// The loss of {@link CosineEmbeddingLoss}, with all settings.
  ///
  /// @param input1 the first values
  /// @param input2 the second values
  /// @param target what it should have returned
  /// @param margin how far apart is far enough
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor cosineEmbeddingLoss(
      Tensor input1, Tensor input2, Tensor target, double margin, Reduction reduction) {
    return cosineEmbeddingLoss(input1, input2, target, margin, reduction.code());
  }

  /// The loss of {@link GaussianNLLLoss}, with all settings.
  ///
  /// @param input what the model returned
  /// @param target what it should have returned
  /// @param var the variances
  /// @param full whether what does not depend on the input is added
  /// @param eps what keeps the loss finite
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor gaussianNllLoss(
      Tensor input, Tensor target, Tensor var, boolean full, double eps, Reduction reduction) {
    if (var.lt(0).any().itemBoolean()) throw new ValueException("var has negative entry/entries");
    Tensor variance = Torch.clone(fitting(var, input));
    Torch.noGrad(() -> variance.clamp_(eps, null));
    Tensor loss = variance.log().add(input.sub(target).pow(2).div(variance)).mul(0.5);
    return reduced(full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss, reduction);
  }

  /// The loss of {@link TripletMarginLoss}, with all settings.
  ///
  /// @param anchor what is compared
  /// @param positive what is like it
  /// @param negative what is not
  /// @param margin how far apart is far enough
  /// @param p the power or norm
  /// @param eps what keeps the loss finite
  /// @param swap whether the distance of positive and negative counts where smaller
  /// @param reduction what becomes of the single losses
  /// @return the loss
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public static Tensor tripletMarginLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      double margin,
      double p,
      double eps,
      boolean swap,
      Reduction reduction) {
    if (margin <= 0) {
      throw new ValueException("margin must be greater than 0, got " + PythonText.number(margin));
    }
    return tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, reduction.code());
  }

  /// The variances with a last dimension of 1 where they have none, so that they broadcast.
  private static Tensor fitting(Tensor var, Tensor input) {
    long[] given = var.shape();
    long[] wanted = input.shape();
    if (Arrays.equals(given, wanted)) return var;
    if (Arrays.equals(given, Arrays.copyOf(wanted, Math.max(0, wanted.length - 1)))) {
      return var.unsqueeze(-1);
    }
    long sum = 0;
    for (int d = 0; d < Math.min(given.length, wanted.length); d++) {
      if (given[d] != wanted[d]) sum += given[d];
    }
    if (given.length != wanted.length || sum != 1) {
      throw new ValueException("var is of incorrect size");
    }
    return var;
  }

  static Tensor reduced(Tensor loss, Reduction reduction) {
    return switch (reduction) {
      case NONE -> loss;
      case MEAN -> loss.mean();
      case SUM -> loss.sum();
      case BATCHMEAN -> throw new ValueException("batchmean is not a valid value for reduction");
    };
  }

  static void warnOfBroadcast(Tensor input, Tensor target) {
    long[] wanted = input.shape();
    long[] given = target.shape();
    if (Arrays.equals(wanted, given)) return;
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "Using a target size (%s) that is different to the input size (%s). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size."
            .formatted(PythonText.size(given), PythonText.size(wanted)));
  }
}
