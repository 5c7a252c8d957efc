package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The power average of each window of a volume: $f(X) = (\sum_{x \in X} x^p)^{1/p}$. At $p = 1$ it
/// is the sum, and it tends to the maximum as $p$ grows. Where the sum is negative it gives 0.
///
/// ```java
/// Tensor y = new LPPool3d(2, 3, o -> o.stride(2)).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$ with $D_{out} = \lfloor
/// (D_{in} - kernelSize) / stride + 1 \rfloor$ and the others alike, rounded up with `ceilMode`.
///
/// [torch.nn.LPPool3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LPPool3d.html)
public final class LPPool3d extends LPPoolNd {
  /// Options of {@link LPPool3d}.
  public static final class Options extends LPPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in every dimension
  public LPPool3d(Number normType, long kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public LPPool3d(Number normType, long kernelSize, Consumer<Options> settings) {
    this(normType, new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  public LPPool3d(Number normType, long[] kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public LPPool3d(Number normType, long[] kernelSize, Consumer<Options> settings) {
    super(normType, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input, double norm) {
    return Functional.lpPool3d(input, norm, kernelSize.expand(3), stride(3), ceilMode);
  }
}
