package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Gathers the windows of an image as columns: a convolution is a matrix product with them.
///
/// ```java
/// Tensor y = new Unfold(new long[] {2, 3}).forward(Torch.randn(2, 5, 3, 4)); // (2, 30, 4)
/// ```
///
/// **Shape.** Input $(N, C, H, W)$ or $(C, H, W)$; output $(N, C \prod kernelSize, L)$ or $(C \prod
/// kernelSize, L)$ with a column for each of the $L$ places of the window.
///
/// [torch.nn.Unfold](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Unfold.html)
public final class Unfold extends Layer {
  private final Sizes kernelSize;
  private final Options options;

  /// Options of {@link Unfold}.
  public static final class Options extends WindowOptions<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param kernelSize the size of the window in both dimensions
  public Unfold(long kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param kernelSize the size of the window in both dimensions
  /// @param settings sets the options
  public Unfold(long kernelSize, Consumer<Options> settings) {
    this(new long[] {kernelSize}, settings);
  }

  /// A layer with a window of given sizes.
  ///
  /// @param kernelSize height and width of the window
  public Unfold(long[] kernelSize) {
    this(kernelSize, o -> {});
  }

  /// A layer with a window of given sizes, and with options.
  ///
  /// @param kernelSize height and width of the window
  /// @param settings sets the options
  public Unfold(long[] kernelSize, Consumer<Options> settings) {
    this.kernelSize = Sizes.of(kernelSize);
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Gathers the windows.
  ///
  /// @param input a tensor $(N, C, H, W)$ or $(C, H, W)$
  /// @return the columns
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x ->
            Functional.unfold(
                x,
                kernelSize.values(),
                options.dilation.values(),
                options.padding.values(),
                options.stride.values()));
  }

  @Override
  protected String extraRepr() {
    return "kernel_size=%s, %s".formatted(kernelSize, options);
  }
}
