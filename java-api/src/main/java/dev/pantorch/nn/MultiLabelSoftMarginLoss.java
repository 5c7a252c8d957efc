package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The logistic loss of several labels: $-\sum_i y_i \log \sigma(x_i) + (1 - y_i) \log
/// \sigma(-x_i)$, over the $C$ classes and divided by their number.
///
/// ```java
/// Tensor loss = new MultiLabelSoftMarginLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target $(N, C)$, the target 0 or 1; output a scalar, or $(N)$ with {@link
/// Reduction#NONE}.
///
/// [torch.nn.MultiLabelSoftMarginLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MultiLabelSoftMarginLoss.html)
public final class MultiLabelSoftMarginLoss extends Loss {
  private final @Nullable Tensor weight;

  /// Options of {@link MultiLabelSoftMarginLoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable Tensor weight;

    private Options() {}

    /// Factors on the classes.
    ///
    /// @param weight a factor for each class; none unless set
    /// @return these options
    public Options weight(Tensor weight) {
      this.weight = weight;
      return this;
    }
  }

  /// The mean over all elements.
  public MultiLabelSoftMarginLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public MultiLabelSoftMarginLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private MultiLabelSoftMarginLoss(Options options) {
    super(options.reduction);
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.multilabelSoftMarginLoss(input, target, weight, reduction);
  }
}
