package dev.pantorch.nn;

import java.util.function.Consumer;

/// Normalises each channel of a batch of images (Ioffe and Szegedy 2015): $y = (x - \mathrm{E}(x))
/// / \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$, with mean and variance over all
/// dimensions but the channels.
///
/// In training, mean and (biased) variance are those of the batch, and running averages of the mean
/// and of the unbiased variance are kept: $\hat x \leftarrow (1 - m) \hat x + m x$. In evaluation
/// the running averages are used.
///
/// ```java
/// Tensor y = new BatchNorm2d(16).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H, W)$; output the same.
///
/// **Parameters.** `weight` $\gamma$ $(C)$, 1, and `bias` $\beta$ $(C)$, 0. **Buffers.**
/// `running_mean` $(C)$, 0, `running_var` $(C)$, 1, and `num_batches_tracked`, int64.
///
/// [torch.nn.BatchNorm2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.BatchNorm2d.html)
public final class BatchNorm2d extends BatchNorm {
  /// Options of {@link BatchNorm2d}.
  public static final class Options extends FeatureNorm.Options<Options> {
    private Options() {
      super(true);
    }
  }

  /// A layer with the usual options.
  ///
  /// @param numFeatures the number of features $C$
  public BatchNorm2d(long numFeatures) {
    this(numFeatures, o -> {});
  }

  /// A layer with options.
  ///
  /// @param numFeatures the number of features $C$
  /// @param settings sets the options
  public BatchNorm2d(long numFeatures, Consumer<Options> settings) {
    super(numFeatures, LayerOptions.configure(new Options(), settings));
  }

  @Override
  void checkDimensions(long dimensions) {
    require(dimensions == 4, "4D", dimensions);
  }
}
