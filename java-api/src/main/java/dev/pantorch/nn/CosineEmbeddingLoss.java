package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Measures whether two vectors are alike by the cosine between them: $1 - \cos$ if $y = 1$,
/// $\max(0, \cos - margin)$ if $y = -1$.
///
/// ```java
/// Tensor loss = new CosineEmbeddingLoss().forward(input1, input2, target);
/// ```
///
/// **Shape.** Inputs $(N, D)$ or $(D)$, target $(N)$ or a scalar; output a scalar, or the shape of
/// the target with {@link Reduction#NONE}.
///
/// [torch.nn.CosineEmbeddingLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CosineEmbeddingLoss.html)
public final class CosineEmbeddingLoss extends Module {
  private final Reduction reduction;
  private final double margin;

  /// Options of {@link CosineEmbeddingLoss}.
  public static final class Options extends Loss.Options<Options> {
    private double margin;

    private Options() {}

    /// Sets the margin.
    ///
    /// @param margin how far apart is far enough; 0 unless set
    /// @return these options
    public Options margin(double margin) {
      this.margin = margin;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input1 the first values
  /// @param input2 the second values
  /// @param target 1 or -1
  public record Input(Tensor input1, Tensor input2, Tensor target) {}

  /// The mean over all elements.
  public CosineEmbeddingLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public CosineEmbeddingLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private CosineEmbeddingLoss(Options options) {
    reduction = options.reduction;
    margin = options.margin;
  }

  /// Computes the loss.
  ///
  /// @param input1 the first values
  /// @param input2 the second values
  /// @param target 1 or -1
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Tensor forward(Tensor input1, Tensor input2, Tensor target) {
    return hooked(new Input(input1, input2, target), this::compute);
  }

  private Tensor compute(Input in) {
    return Functional.cosineEmbeddingLoss(in.input1, in.input2, in.target, margin, reduction);
  }
}
