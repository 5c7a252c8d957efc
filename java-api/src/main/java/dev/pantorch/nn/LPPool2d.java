package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The power average of each window of an image: $f(X) = (\sum_{x \in X} x^p)^{1/p}$. At $p = 1$ it
/// is the sum, and it tends to the maximum as $p$ grows. Where the sum is negative it gives 0.
///
/// ```java
/// Tensor y = new LPPool2d(2, 3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$ with $H_{out} = \lfloor (H_{in} - kernelSize) / stride + 1
/// \rfloor$ and the others alike, rounded up with `ceilMode`.
///
/// [torch.nn.LPPool2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LPPool2d.html)
public final class LPPool2d extends LPPoolNd {
  /// Options of {@link LPPool2d}.
  public static final class Options extends LPPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in every dimension
  public LPPool2d(Number normType, long kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in every dimension
  /// @param settings sets the options
  public LPPool2d(Number normType, long kernelSize, Consumer<Options> settings) {
    this(normType, new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  public LPPool2d(Number normType, long[] kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public LPPool2d(Number normType, long[] kernelSize, Consumer<Options> settings) {
    super(normType, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input, double norm) {
    return Functional.lpPool2d(input, norm, kernelSize.expand(2), stride(2), ceilMode);
  }
}
