package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Measures whether the first value is the higher one, $y = 1$, or the second, $y = -1$: $\max(0,
/// -y (x_1 - x_2) + margin)$.
///
/// ```java
/// Tensor loss = new MarginRankingLoss().forward(input1, input2, target);
/// ```
///
/// **Shape.** Inputs and target any, and the same; output a scalar, or the shape of the inputs with
/// {@link Reduction#NONE}.
///
/// [torch.nn.MarginRankingLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MarginRankingLoss.html)
public final class MarginRankingLoss extends Module {
  private final Reduction reduction;
  private final double margin;

  /// Options of {@link MarginRankingLoss}.
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
  public MarginRankingLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public MarginRankingLoss(Consumer<Options> settings) {
    this(LayerOptions.configure(new Options(), settings));
  }

  private MarginRankingLoss(Options options) {
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
    return Functional.marginRankingLoss(in.input1, in.input2, in.target, margin, reduction);
  }
}
