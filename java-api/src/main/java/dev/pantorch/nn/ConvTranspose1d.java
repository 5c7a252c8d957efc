package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The transpose of a convolution over a sequence: the gradient of {@link Conv1d} with respect to
/// its input, as a layer. Also called a deconvolution, which it is not.
///
/// ```java
/// ConvTranspose1d up = new ConvTranspose1d(16, 33, 3, o -> o.stride(2).padding(1));
/// Tensor y = up.forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C_{in}, L_{in})$ or $(C_{in}, L_{in})$; output $(N, C_{out}, L_{out})$ or
/// $(C_{out}, L_{out})$ with $L_{out} = (L_{in} - 1) stride - 2 padding + dilation (kernelSize - 1)
/// + outputPadding + 1$.
///
/// **Parameters.** `weight` $(C_{in}, C_{out} / groups, kernelSize)$ and `bias` $(C_{out})$, both
/// drawn from $U(-\sqrt k, \sqrt k)$ with $k = groups / (C_{out} \prod kernelSize)$.
///
/// [torch.nn.ConvTranspose1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ConvTranspose1d.html)
public final class ConvTranspose1d extends ConvTransposeNd {
  /// Options of {@link ConvTranspose1d}.
  public static final class Options extends ConvTransposeNd.Options<Options> {
    private Options() {}
  }

  /// A layer with the usual options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel
  public ConvTranspose1d(long inChannels, long outChannels, long kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels
  public ConvTranspose1d(
      long inChannels, long outChannels, long kernelSize, Consumer<Options> settings) {
    this(inChannels, outChannels, new long[] {kernelSize}, settings);
  }

  /// A layer with a kernel of given sizes.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  public ConvTranspose1d(long inChannels, long outChannels, long[] kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with a kernel of given sizes, and with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels
  public ConvTranspose1d(
      long inChannels, long outChannels, long[] kernelSize, Consumer<Options> settings) {
    super(
        1,
        inChannels,
        outChannels,
        Sizes.of(kernelSize),
        LayerOptions.configure(new Options(), settings));
  }

  @Override
  Tensor convolve(Tensor input, long[] outputPadding) {
    return Functional.convTranspose1d(
        input, weight(), bias(), stride, padding, outputPadding, groups, dilation);
  }
}
