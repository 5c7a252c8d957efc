package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The hinge loss of several classes: $\sum_{i \ne y} \max(0, margin - x_y + x_i)^p / C$.
///
/// ```java
/// Tensor loss = new MultiMarginLoss().forward(input, target);
/// ```
///
/// **Shape.** Input $(N, C)$ or $(C)$; target $(N)$ or a scalar, class indices; output a scalar, or
/// the shape of the target with {@link Reduction#NONE}.
///
/// [torch.nn.MultiMarginLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MultiMarginLoss.html)
public final class MultiMarginLoss extends Loss {
  private final long p;
  private final double margin;
  private final @Nullable Tensor weight;

  /// Options of {@link MultiMarginLoss}.
  public static final class Options extends Loss.Options<Options> {
    private long p = 1;
    private double margin = 1.0;
    private @Nullable Tensor weight;

    private Options() {}

    /// Sets the power.
    ///
    /// @param p 1 or 2; 1 unless set
    /// @return these options
    public Options p(long p) {
      this.p = p;
      return this;
    }

    /// Sets the margin.
    ///
    /// @param margin how far apart is far enough; 1.0 unless set
    /// @return these options
    public Options margin(double margin) {
      this.margin = margin;
      return this;
    }

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
  public MultiMarginLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public MultiMarginLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private MultiMarginLoss(Options options) {
    super(options.reduction);
    p = options.p;
    margin = options.margin;
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.multiMarginLoss(input, target, p, margin, weight, reduction);
  }
}
