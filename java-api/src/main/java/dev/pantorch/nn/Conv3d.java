package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// A convolution over a volume: each output channel is the sum of the cross-correlations of the
/// input channels with its kernels, plus its bias.
///
/// ```java
/// Conv3d conv = new Conv3d(16, 33, 3, o -> o.stride(2).padding(1));
/// Tensor y = conv.forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C_{in}, D_{in}, H_{in}, W_{in})$ or $(C_{in}, D_{in}, H_{in}, W_{in})$;
/// output $(N, C_{out}, D_{out}, H_{out}, W_{out})$ or $(C_{out}, D_{out}, H_{out}, W_{out})$ with
/// $D_{out} = \lfloor (D_{in} + 2 padding - dilation (kernelSize - 1) - 1) / stride + 1 \rfloor$
/// and the others alike.
///
/// **Parameters.** `weight` $(C_{out}, C_{in} / groups, kernelSize)$ and `bias` $(C_{out})$, both
/// drawn from $U(-\sqrt k, \sqrt k)$ with $k = groups / (C_{in} \prod kernelSize)$.
///
/// [torch.nn.Conv3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Conv3d.html)
public final class Conv3d extends ConvNd {
  /// Options of {@link Conv3d}.
  public static final class Options extends ConvNd.Options<Options> {
    private Options() {}

    /// A padding by name instead of by size.
    ///
    /// @param padding {@link Padding#SAME} or {@link Padding#VALID}
    /// @return these options
    public Options padding(Padding padding) {
      this.padding = Sizes.of(0);
      namedPadding = padding;
      return this;
    }
  }

  /// A layer with the usual options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in every dimension
  public Conv3d(long inChannels, long outChannels, long kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in every dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels, or a padding by
  ///   name does not fit the stride
  public Conv3d(long inChannels, long outChannels, long kernelSize, Consumer<Options> settings) {
    this(inChannels, outChannels, new long[] {kernelSize}, settings);
  }

  /// A layer with a kernel of given sizes.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  public Conv3d(long inChannels, long outChannels, long[] kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with a kernel of given sizes, and with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels, or a padding by
  ///   name does not fit the stride
  public Conv3d(long inChannels, long outChannels, long[] kernelSize, Consumer<Options> settings) {
    super(
        3,
        false,
        inChannels,
        outChannels,
        Sizes.of(kernelSize),
        LayerOptions.configure(new Options(), settings));
  }

  /// Applies the convolution.
  ///
  /// @param input a tensor $(N, C_{in}, D_{in}, H_{in}, W_{in})$ or $(C_{in}, D_{in}, H_{in},
  ///   W_{in})$
  /// @return a tensor $(N, C_{out}, D_{out}, H_{out}, W_{out})$ or $(C_{out}, D_{out}, H_{out},
  ///   W_{out})$
  /// @throws dev.pantorch.TorchException if dimensions or channels do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          String name = operatorPaddingName();
          return name == null
              ? Functional.conv3d(
                  bordered(x), weight(), bias(), stride, operatorPadding(), dilation, groups)
              : Functional.conv3d(x, weight(), bias(), stride, name, dilation, groups);
        });
  }
}
