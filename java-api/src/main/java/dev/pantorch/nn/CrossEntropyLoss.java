package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The cross entropy between logits and classes: $-w_y \log \frac{e^{x_y}}{\sum_c e^{x_c}}$; or
/// class probabilities: $-\sum_c w_c y_c \log \frac{e^{x_c}}{\sum_d e^{x_d}}$. The mean over
/// classes is weighted by $w$.
///
/// ```java
/// Tensor loss = new CrossEntropyLoss().forward(logits, classes); // (32, 10) and (32)
/// Loss tagging = new CrossEntropyLoss(o -> o.ignoreIndex(0).labelSmoothing(0.1));
/// ```
///
/// **Shape.** Input $(C)$, $(N, C)$ or $(N, C, d_1, ...)$; target int64 $()$, $(N)$ or $(N, d_1,
/// ...)$, or probabilities of the input's shape; output a scalar, or the shape of class indices
/// with {@link Reduction#NONE}.
///
/// [torch.nn.CrossEntropyLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CrossEntropyLoss.html)
public final class CrossEntropyLoss extends Loss {
  private final @Nullable Tensor weight;
  private final long ignoreIndex;
  private final double labelSmoothing;

  /// Options of {@link CrossEntropyLoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable Tensor weight;
    private long ignoreIndex = -100;
    private double labelSmoothing;

    private Options() {}

    /// A factor for each class.
    ///
    /// @param weight a tensor $(C)$; none unless set
    /// @return these options
    public Options weight(Tensor weight) {
      this.weight = weight;
      return this;
    }

    /// The class that is left out, of the mean, too: padding.
    ///
    /// @param ignoreIndex -100 unless set
    /// @return these options
    public Options ignoreIndex(long ignoreIndex) {
      this.ignoreIndex = ignoreIndex;
      return this;
    }

    /// How much of the target is spread evenly over all classes (Szegedy and others 2015).
    ///
    /// @param labelSmoothing from 0, unless set, to 1
    /// @return these options
    public Options labelSmoothing(double labelSmoothing) {
      this.labelSmoothing = labelSmoothing;
      return this;
    }
  }

  /// The mean over all elements.
  public CrossEntropyLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public CrossEntropyLoss(Consumer<Options> settings) {
    this(configure(new Options(), settings));
  }

  private CrossEntropyLoss(Options options) {
    super(options.reduction);
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
    ignoreIndex = options.ignoreIndex;
    labelSmoothing = options.labelSmoothing;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.crossEntropy(input, target, weight, reduction, ignoreIndex, labelSmoothing);
  }
}
