package dev.pantorch.nn;

import java.util.function.Consumer;

/// Normalises each feature over the batch (Ioffe and Szegedy 2015): $y = (x - \mathrm{E}(x)) /
/// \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$.
///
/// In training, mean and (biased) variance are those of the batch, and running averages of the mean
/// and of the unbiased variance are kept: $\hat x \leftarrow (1 - m) \hat x + m x$. In evaluation
/// the running averages are used.
///
/// ```java
/// BatchNorm1d norm = new BatchNorm1d(64);
/// Tensor y = norm.forward(lstm.forward(x).output().transpose(1, 2)); // (32, 64, 10)
/// ```
///
/// **Shape.** Input $(N, C)$ or $(N, C, L)$; output the same.
///
/// **Parameters.** `weight` $\gamma$ $(C)$, 1, and `bias` $\beta$ $(C)$, 0. **Buffers.**
/// `running_mean` $(C)$, 0, `running_var` $(C)$, 1, and `num_batches_tracked`, int64.
///
/// [torch.nn.BatchNorm1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.BatchNorm1d.html)
public final class BatchNorm1d extends BatchNorm {
  /// Options of {@link BatchNorm1d}.
  public static final class Options extends FeatureNorm.Options<Options> {
    private Options() {
      super(true);
    }
  }

  /// A layer with the usual options.
  ///
  /// @param numFeatures the number of features $C$
  public BatchNorm1d(long numFeatures) {
    this(numFeatures, o -> {});
  }

  /// A layer with options.
  ///
  /// @param numFeatures the number of features $C$
  /// @param settings sets the options
  public BatchNorm1d(long numFeatures, Consumer<Options> settings) {
    super(numFeatures, LayerOptions.configure(new Options(), settings));
  }

  @Override
  void checkDimensions(long dimensions) {
    require(dimensions == 2 || dimensions == 3, "2D or 3D", dimensions);
  }
}
