package dev.pantorch.nn;

import java.util.function.Consumer;

/// Normalises each channel of each sequence by itself (Ulyanov and others 2016): $y = (x -
/// \mathrm{E}(x)) / \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$.
///
/// Unless asked to, it learns no $\gamma$ and $\beta$ and keeps no running averages; with averages,
/// evaluation uses them.
///
/// ```java
/// Tensor y = new InstanceNorm1d(16, o -> o.affine(true)).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L)$ or $(C, L)$; output the same.
///
/// **Parameters.** With `affine`, `weight` $\gamma$ $(C)$, 1, and `bias` $\beta$ $(C)$, 0.
/// **Buffers.** With `trackRunningStats`, `running_mean` $(C)$, 0, `running_var` $(C)$, 1, and
/// `num_batches_tracked`, int64, which stays 0.
///
/// [torch.nn.InstanceNorm1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.InstanceNorm1d.html)
public final class InstanceNorm1d extends InstanceNorm {
  /// Options of {@link InstanceNorm1d}.
  public static final class Options extends FeatureNorm.Options<Options> {
    private Options() {
      super(false);
    }
  }

  /// A layer with the usual options.
  ///
  /// @param numFeatures the number of channels $C$
  public InstanceNorm1d(long numFeatures) {
    this(numFeatures, o -> {});
  }

  /// A layer with options.
  ///
  /// @param numFeatures the number of channels $C$
  /// @param settings sets the options
  public InstanceNorm1d(long numFeatures, Consumer<Options> settings) {
    super(1, numFeatures, LayerOptions.configure(new Options(), settings));
  }
}
