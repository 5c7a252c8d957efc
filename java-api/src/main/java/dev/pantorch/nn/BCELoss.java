package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The binary cross entropy of probabilities: $-w [y \log x + (1 - y) \log(1 - x)]$ with the weight
/// $w$, 1 unless set. Logarithms are cut off at -100. For logits see {@link BCEWithLogitsLoss}.
///
/// ```java
/// Tensor loss = new BCELoss().forward(model.forward(x).sigmoid(), y);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.BCELoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.BCELoss.html)
public final class BCELoss extends Loss {
  private final @Nullable Tensor weight;

  /// Options of {@link BCELoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable Tensor weight;

    private Options() {}

    /// Factors on the losses.
    ///
    /// @param weight broadcasts to the input; none unless set
    /// @return these options
    public Options weight(Tensor weight) {
      this.weight = weight;
      return this;
    }
  }

  /// The mean over all elements.
  public BCELoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public BCELoss(Consumer<Options> settings) {
    this(configure(new Options(), settings));
  }

  private BCELoss(Options options) {
    super(options.reduction);
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.binaryCrossEntropy(input, target, weight, reduction);
  }
}
