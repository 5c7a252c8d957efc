package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The power average of each window of a sequence: $f(X) = (\sum_{x \in X} x^p)^{1/p}$. At $p = 1$
/// it is the sum, and it tends to the maximum as $p$ grows. Where the sum is negative it gives 0.
///
/// ```java
/// Tensor y = new LPPool1d(2, 3, o -> o.stride(2)).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$
/// with $L_{out} = \lfloor (L_{in} - kernelSize) / stride + 1 \rfloor$, rounded up with `ceilMode`.
///
/// [torch.nn.LPPool1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LPPool1d.html)
public final class LPPool1d extends LPPoolNd {
  /// Options of {@link LPPool1d}.
  public static final class Options extends LPPoolNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window
  public LPPool1d(Number normType, long kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window
  /// @param settings sets the options
  public LPPool1d(Number normType, long kernelSize, Consumer<Options> settings) {
    this(normType, new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  public LPPool1d(Number normType, long[] kernelSize) {
    this(normType, kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param normType the power $p$, infinity for the maximum
  /// @param kernelSize the size of the window in each dimension
  /// @param settings sets the options
  public LPPool1d(Number normType, long[] kernelSize, Consumer<Options> settings) {
    super(normType, Sizes.of(kernelSize), LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor pool(Tensor input, double norm) {
    return Functional.lpPool1d(input, norm, kernelSize.expand(1), stride(1), ceilMode);
  }
}
