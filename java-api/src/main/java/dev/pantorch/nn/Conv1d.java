package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// A convolution over a sequence: each output channel is the sum of the cross-correlations of the
/// input channels with its kernels, plus its bias.
///
/// ```java
/// Conv1d conv = new Conv1d(16, 33, 3, o -> o.stride(2).padding(1));
/// Tensor y = conv.forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C_{in}, L_{in})$ or $(C_{in}, L_{in})$; output $(N, C_{out}, L_{out})$ or
/// $(C_{out}, L_{out})$ with $L_{out} = \lfloor (L_{in} + 2 padding - dilation (kernelSize - 1) -
/// 1) / stride + 1 \rfloor$.
///
/// **Parameters.** `weight` $(C_{out}, C_{in} / groups, kernelSize)$ and `bias` $(C_{out})$, both
/// drawn from $U(-\sqrt k, \sqrt k)$ with $k = groups / (C_{in} \prod kernelSize)$.
///
/// [torch.nn.Conv1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Conv1d.html)
public final class Conv1d extends ConvNd {
  /// Options of {@link Conv1d}.
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
  /// @param kernelSize the size of the kernel
  public Conv1d(long inChannels, long outChannels, long kernelSize) {
    this(inChannels, outChannels, kernelSize, o -> {});
  }

  /// A layer with options.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the groups do not divide the channels, or a padding by
  ///   name does not fit the stride
  public Conv1d(long inChannels, long outChannels, long kernelSize, Consumer<Options> settings) {
    this(inChannels, outChannels, new long[] {kernelSize}, settings);
  }

  /// A layer with a kernel of given sizes.
  ///
  /// @param inChannels the number of channels $C_{in}$ of an input
  /// @param outChannels the number of channels $C_{out}$ of an output
  /// @param kernelSize the size of the kernel in each dimension
  public Conv1d(long inChannels, long outChannels, long[] kernelSize) {
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
  public Conv1d(long inChannels, long outChannels, long[] kernelSize, Consumer<Options> settings) {
    super(
        1,
        false,
        inChannels,
        outChannels,
        Sizes.of(kernelSize),
        LayerOptions.configure(new Options(), settings));
  }

  /// Applies the convolution.
  ///
  /// @param input a tensor $(N, C_{in}, L_{in})$ or $(C_{in}, L_{in})$
  /// @return a tensor $(N, C_{out}, L_{out})$ or $(C_{out}, L_{out})$
  /// @throws dev.pantorch.TorchException if dimensions or channels do not fit
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          String name = operatorPaddingName();
          return name == null
              ? Functional.conv1d(
                  bordered(x), weight(), bias(), stride, operatorPadding(), dilation, groups)
              : Functional.conv1d(x, weight(), bias(), stride, name, dilation, groups);
        });
  }
}
