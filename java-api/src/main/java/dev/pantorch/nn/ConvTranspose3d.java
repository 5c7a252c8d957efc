package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The transpose of a convolution over a volume: the gradient of {@link Conv3d} with respect to its
/// input, as a layer. Also called a deconvolution, which it is not.
///
/// ```java
/// ConvTranspose3d up = new ConvTranspose3d(16, 33, 3, o -> o.stride(2).padding(1));
/// Tensor y = up.forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C_{in}, D_{in}, H_{in}, W_{in})$ or $(C_{in}, D_{in}, H_{in}, W_{in})$;
/// output $(N, C_{out}, D_{out}, H_{out}, W_{out})$ or $(C_{out}, D_{out}, H_{out}, W_{out})$ with
/// $D_{out} = (D_{in} - 1) stride - 2 padding + dilation (kernelSize - 1) + outputPadding + 1$ and
/// the others alike.
///
/// **Parameters.** `weight` $(C_{in}, C_{out} / groups, kernelSize)$ and `bias` $(C_{out})$, both
/// drawn from $U(-\sqrt k, \sqrt k)$ with $k = groups / (C_{out} \prod kernelSize)$.
///
/// [torch.nn.ConvTranspose3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ConvTranspose3d.html)
public final class ConvTranspose3d extends ConvTransposeNd {
  /// Options of {@link ConvTranspose3d}.
  public static final class Options extends ConvTransposeNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in every dimension
  public ConvTranspose3d(long inChannels, long outChannels, long kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in every dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels
  public ConvTranspose3d(
      long inChannels, long outChannels, long kernelSize, Consumer<Options> settings) {
    this(inChannels, outChannels, new long[] {kernelSize}, settings);
  }

  /// A layer with a kernel of given sizes.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  public ConvTranspose3d(long inChannels, long outChannels, long[] kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with a kernel of given sizes, and with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels
  public ConvTranspose3d(
      long inChannels, long outChannels, long[] kernelSize, Consumer<Options> settings) {
    super(
        3,
        inChannels,
        outChannels,
        Sizes.of(kernelSize),
        LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor convolve(Tensor input, long[] outputPadding) {
    return Functional.convTranspose3d(
        input, weight(), bias(), stride, padding, outputPadding, groups, dilation);
  }
}
