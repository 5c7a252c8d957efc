package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The hinge loss of several labels: $\sum_{ij} \max(0, 1 - (x_{y_j} - x_i)) / C$, over the labels
/// $y_j$ and all other classes $i$.
///
/// ```java
/// Tensor loss = new MultiLabelMarginLoss().forward(input, target);
/// ```
///
/// **Shape.** Input $(N, C)$ or $(C)$; target the same, class indices of which those from the first
/// negative one on do not count; output a scalar, or $(N)$ with {@link Reduction#NONE}.
///
/// [torch.nn.MultiLabelMarginLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MultiLabelMarginLoss.html)
public final class MultiLabelMarginLoss extends Loss {

  /// Options of {@link MultiLabelMarginLoss}.
  public static final class Options extends Loss.Options<Options> {

    private Options() {}
  }

  /// The mean over all elements.
  public MultiLabelMarginLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public MultiLabelMarginLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private MultiLabelMarginLoss(Options options) {
    super(options.reduction);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.multilabelMarginLoss(input, target, reduction);
  }
}
