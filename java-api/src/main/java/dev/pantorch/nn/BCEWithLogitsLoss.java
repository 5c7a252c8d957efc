package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The binary cross entropy of logits: $-w [p y \log \sigma(x) + (1 - y) \log(1 - \sigma(x))]$ with
/// the weight $w$ and the positive weight $p$, both 1 unless set. Taking the logistic function and
/// the logarithm as one keeps the accuracy that a {@link Sigmoid} before {@link BCELoss} loses.
///
/// ```java
/// Tensor loss = new BCEWithLogitsLoss().forward(model.forward(x).squeeze(), y);
/// Loss weighted = new BCEWithLogitsLoss(o -> o.posWeight(Torch.full(new long[] {1}, 3.0)));
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.BCEWithLogitsLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.BCEWithLogitsLoss.html)
public final class BCEWithLogitsLoss extends Loss {
  private final @Nullable Tensor weight;
  private final @Nullable Tensor posWeight;

  /// Options of {@link BCEWithLogitsLoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable Tensor weight;
    private @Nullable Tensor posWeight;

    private Options() {}

    /// Factors on the losses.
    ///
    /// @param weight broadcasts to the input; none unless set
    /// @return these options
    public Options weight(Tensor weight) {
      this.weight = weight;
      return this;
    }

    /// Factors on the losses of positive examples, to weigh rare ones up.
    ///
    /// @param posWeight broadcasts to the input; none unless set
    /// @return these options
    public Options posWeight(Tensor posWeight) {
      this.posWeight = posWeight;
      return this;
    }
  }

  /// The mean over all elements.
  public BCEWithLogitsLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public BCEWithLogitsLoss(Consumer<Options> settings) {
    this(configure(new Options(), settings));
  }

  private BCEWithLogitsLoss(Options options) {
    super(options.reduction);
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
    posWeight = options.posWeight == null ? null : registerBuffer("pos_weight", options.posWeight);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.binaryCrossEntropyWithLogits(input, target, weight, posWeight, reduction);
  }
}
