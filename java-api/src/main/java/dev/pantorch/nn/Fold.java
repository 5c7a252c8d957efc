package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// Adds up columns into the windows of an image, where they overlap too: the transpose of {@link
/// Unfold}.
///
/// ```java
/// Fold fold = new Fold(new long[] {4, 5}, new long[] {2, 2});
/// Tensor y = fold.forward(Torch.randn(1, 3 * 2 * 2, 12)); // (1, 3, 4, 5)
/// ```
///
/// **Shape.** Input $(N, C \prod kernelSize, L)$ or $(C \prod kernelSize, L)$; output $(N, C, H,
/// W)$ or $(C, H, W)$.
///
/// [torch.nn.Fold](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Fold.html)
public final class Fold extends Layer {
  private final Sizes outputSize;
  private final Sizes kernelSize;
  private final Options options;

  /// Options of {@link Fold}.
  public static final class Options extends WindowOptions<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param outputSize the size of the image in both dimensions
  /// @param kernelSize the size of the window in both dimensions
  public Fold(long outputSize, long kernelSize) {
    this(outputSize, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param outputSize the size of the image in both dimensions
  /// @param kernelSize the size of the window in both dimensions
  /// @param settings sets the options
  public Fold(long outputSize, long kernelSize, Consumer<Options> settings) {
    this(new long[] {outputSize}, new long[] {kernelSize}, settings);
  }

  /// A layer with given sizes.
  ///
  /// @param outputSize height and width of the image, or one value for both
  /// @param kernelSize height and width of the window, or one value for both
  public Fold(long[] outputSize, long[] kernelSize) {
    this(outputSize, kernelSize, o -> {});
  }

  /// A layer with given sizes, and with options.
  ///
  /// @param outputSize height and width of the image, or one value for both
  /// @param kernelSize height and width of the window, or one value for both
  /// @param settings sets the options
  public Fold(long[] outputSize, long[] kernelSize, Consumer<Options> settings) {
    this.outputSize = Sizes.of(outputSize);
    this.kernelSize = Sizes.of(kernelSize);
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Adds up the columns.
  ///
  /// @param input a tensor $(N, C \prod kernelSize, L)$ or $(C \prod kernelSize, L)$
  /// @return the image
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x ->
            Functional.fold(
                x,
                outputSize.values(),
                kernelSize.values(),
                options.dilation.values(),
                options.padding.values(),
                options.stride.values()));
  }

  @Override
  protected String extraRepr() {
    return "output_size=%s, kernel_size=%s, %s".formatted(outputSize, kernelSize, options);
  }
}
