package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The logistic loss of two classes, 1 and -1: $\log(1 + \exp(-y x))$.
///
/// ```java
/// Tensor loss = new SoftMarginLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.SoftMarginLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.SoftMarginLoss.html)
public final class SoftMarginLoss extends Loss {

  /// Options of {@link SoftMarginLoss}.
  public static final class Options extends Loss.Options<Options> {

    private Options() {}
  }

  /// The mean over all elements.
  public SoftMarginLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public SoftMarginLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private SoftMarginLoss(Options options) {
    super(options.reduction);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.softMarginLoss(input, target, reduction);
  }
}
