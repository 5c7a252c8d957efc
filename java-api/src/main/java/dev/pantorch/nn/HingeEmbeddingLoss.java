package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Measures whether two things are alike, from their distance $x$: $x$ if $y = 1$, $\max(0, margin
/// - x)$ if $y = -1$.
///
/// ```java
/// Tensor loss = new HingeEmbeddingLoss().forward(input, target);
/// ```
///
/// **Shape.** Input and target any, and the same; output a scalar, or the input's shape with {@link
/// Reduction#NONE}.
///
/// [torch.nn.HingeEmbeddingLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.HingeEmbeddingLoss.html)
public final class HingeEmbeddingLoss extends Loss {
  private final double margin;

  /// Options of {@link HingeEmbeddingLoss}.
  public static final class Options extends Loss.Options<Options> {
    private double margin = 1.0;

    private Options() {}

    /// Sets the margin.
    ///
    /// @param margin how far apart is far enough; 1.0 unless set
    /// @return these options
    public Options margin(double margin) {
      this.margin = margin;
      return this;
    }
  }

  /// The mean over all elements.
  public HingeEmbeddingLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public HingeEmbeddingLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private HingeEmbeddingLoss(Options options) {
    super(options.reduction);
    margin = options.margin;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.hingeEmbeddingLoss(input, target, margin, reduction);
  }
}
