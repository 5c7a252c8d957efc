package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The negative log likelihood of classes: $-w_y x_y$ for log-probabilities $x$, as {@link
/// LogSoftmax} returns them. The mean is weighted by $w$.
///
/// ```java
/// Tensor loss = new NLLLoss().forward(new LogSoftmax(1).forward(logits), classes);
/// ```
///
/// **Shape.** Input $(C)$, $(N, C)$ or $(N, C, d_1, ...)$; target int64 $()$, $(N)$ or $(N, d_1,
/// ...)$; output a scalar, or the target's shape with {@link Reduction#NONE}.
///
/// [torch.nn.NLLLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.NLLLoss.html)
public final class NLLLoss extends Loss {
  private final @Nullable Tensor weight;
  private final long ignoreIndex;

  /// Options of {@link NLLLoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable Tensor weight;
    private long ignoreIndex = -100;

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
  }

  /// The mean over all elements.
  public NLLLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public NLLLoss(Consumer<Options> settings) {
    this(configure(new Options(), settings));
  }

  private NLLLoss(Options options) {
    super(options.reduction);
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
    ignoreIndex = options.ignoreIndex;
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    return Functional.nllLoss(input, target, weight, reduction, ignoreIndex);
  }
}
