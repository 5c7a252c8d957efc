package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.RuntimeCalls;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What convolutions of all dimensions, transposed or not, have in common.
abstract class ConvNd extends Layer {
  final int dimensions;
  final long inChannels;
  final long outChannels;
  final long[] kernelSize;
  final long[] stride;
  final long[] padding;
  final long[] dilation;
  final long[] outputPadding;
  final long groups;
  final PaddingMode paddingMode;
  final @Nullable Padding namedPadding;
  private Tensor weight;
  private @Nullable Tensor bias;

  /// Options that all convolutions have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends LayerOptions<S> {
    private Sizes stride = Sizes.of(1);
    private Sizes dilation = Sizes.of(1);
    private long groups = 1;
    private boolean bias = true;
    private PaddingMode paddingMode = PaddingMode.ZEROS;
    Sizes padding = Sizes.of(0);
    @Nullable Padding namedPadding;
    Sizes outputPadding = Sizes.of(0);

    Options() {}

    /// By how much the window moves.
    ///
    /// @param stride one value, or one for each dimension; 1 unless set
    /// @return these options
    public S stride(long... stride) {
      this.stride = Sizes.of(stride);
      return self();
    }

    /// By how much the input is padded on both sides; of a transposed convolution, by how much less
    /// than $dilation (kernelSize - 1)$.
    ///
    /// @param padding one value, or one for each dimension; 0 unless set
    /// @return these options
    public S padding(long... padding) {
      this.padding = Sizes.of(padding);
      namedPadding = null;
      return self();
    }

    /// How far the elements of the kernel are apart.
    ///
    /// @param dilation one value, or one for each dimension; 1 unless set
    /// @return these options
    public S dilation(long... dilation) {
      this.dilation = Sizes.of(dilation);
      return self();
    }

    /// Into how many groups the channels are divided, each of which sees its own only.
    ///
    /// @param groups a divisor of both numbers of channels, 1 unless set
    /// @return these options
    public S groups(long groups) {
      this.groups = groups;
      return self();
    }

    /// Whether a bias is learned.
    ///
    /// @param bias true unless set
    /// @return these options
    public S bias(boolean bias) {
      this.bias = bias;
      return self();
    }

    /// What is seen beyond the border. Transposed convolutions know zeros only.
    ///
    /// @param mode zeros unless set
    /// @return these options
    public S paddingMode(PaddingMode mode) {
      paddingMode = mode;
      return self();
    }
  }

  ConvNd(
      int dimensions,
      boolean transposed,
      long inChannels,
      long outChannels,
      Sizes kernelSize,
      Options<?> options) {
    this.dimensions = dimensions;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize.expand(dimensions);
    stride = options.stride.expand(dimensions);
    padding = options.padding.expand(dimensions);
    dilation = options.dilation.expand(dimensions);
    outputPadding = options.outputPadding.expand(dimensions);
    groups = options.groups;
    paddingMode = options.paddingMode;
    namedPadding = options.namedPadding;
    check(transposed);
    long[] shape = new long[dimensions + 2];
    shape[0] = transposed ? inChannels : outChannels;
    shape[1] = (transposed ? outChannels : inChannels) / groups;
    System.arraycopy(this.kernelSize, 0, shape, 2, Math.min(dimensions, this.kernelSize.length));
    weight = registerParameter("weight", Torch.empty(options.tensors(), shape));
    bias =
        options.bias
            ? registerParameter("bias", Torch.empty(options.tensors(), outChannels))
            : null;
    resetParameters();
  }

  private void check(boolean transposed) {
    if (transposed && paddingMode != PaddingMode.ZEROS) {
      throw new ValueException(
          "Only \"zeros\" padding mode is supported for " + getClass().getSimpleName());
    }
    if (groups <= 0) throw new ValueException("groups must be a positive integer");
    if (inChannels % groups != 0) {
      throw new ValueException("in_channels must be divisible by groups");
    }
    if (outChannels % groups != 0) {
      throw new ValueException("out_channels must be divisible by groups");
    }
    if (namedPadding == Padding.SAME && !Sizes.all(stride, 1)) {
      throw new ValueException("padding='same' is not supported for strided convolutions");
    }
    requireDimensions("kernel_size", kernelSize);
    requireDimensions("stride", stride);
    requireDimensions("padding", padding);
    requireDimensions("dilation", dilation);
    requireDimensions("output_padding", outputPadding);
  }

  private void requireDimensions(String name, long[] values) {
    if (values.length != dimensions) {
      throw new ValueException(
          "%s of %s must be one value or %d, got %s"
              .formatted(name, getClass().getSimpleName(), dimensions, PythonText.tuple(values)));
    }
  }

  /// Draws the parameters anew.
  public void resetParameters() {
    Init.kaimingUniform_(weight, o -> o.a(Math.sqrt(5)));
    if (bias != null) {
      double fanIn = weight.size(1);
      for (long size : kernelSize) fanIn *= size;
      double bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
      Init.uniform_(bias, -bound, bound);
    }
  }

  /// The kernels.
  ///
  /// @return the parameter; the quantized kernels once the layer is quantized
  public Tensor weight() {
    return weight;
  }

  /// The summand of each output channel.
  ///
  /// @return the parameter, null without bias
  public @Nullable Tensor bias() {
    return bias;
  }

  /// What is left to the operator after the border has been put around the input.
  final long[] operatorPadding() {
    return paddingMode == PaddingMode.ZEROS ? padding : new long[dimensions];
  }

  /// The input with its border, unless the operator adds that itself.
  final Tensor bordered(Tensor input) {
    if (paddingMode == PaddingMode.ZEROS) return input;
    // The operator counts from the last dimension.
    long[] both = new long[2 * dimensions];
    for (int d = 0; d < dimensions; d++) {
      int at = 2 * (dimensions - 1 - d);
      if (namedPadding == null) {
        both[at] = padding[d];
        both[at + 1] = padding[d];
      } else if (namedPadding == Padding.SAME) {
        long total = dilation[d] * (kernelSize[d] - 1);
        both[at] = total / 2;
        both[at + 1] = total - total / 2;
      }
    }
    return Functional.pad(input, both, paddingMode.word(), (Double) null);
  }

  /// Python's word for a padding that the operator takes by name, or null.
  final @Nullable String operatorPaddingName() {
    Padding name = namedPadding;
    return name == null || paddingMode != PaddingMode.ZEROS ? null : name.word();
  }

  @Override
  void adopt(String name, Tensor value) {
    if (name.equals("weight")) weight = value;
    if (name.equals("bias")) bias = value;
  }

  @Override
  final StaticKernel staticKernel(boolean relu) {
    boolean transposed = this instanceof ConvTransposeNd;
    String name = "quantized::conv" + (transposed ? "_transpose" : "") + dimensions + "d";
    Operator prepack = Torch.op(name + "_prepack");
    return new PackedKernel(
        () -> QuantizedKernels.object(prepack.call(packedArguments(transposed))),
        name + (relu ? "_relu" : "") + (transposed || dimensions == 1 ? "" : ".new"),
        this::checkedAndBordered);
  }

  private Object[] packedArguments(boolean transposed) {
    boolean reflected = paddingMode == PaddingMode.REFLECT && dimensions < 3;
    if (namedPadding != null || (paddingMode != PaddingMode.ZEROS && !reflected)) {
      throw new ValueException(
          "'padding_mode' %s is not supported by quantized convolution"
              .formatted(namedPadding == null ? paddingMode.word() : namedPadding.word()));
    }
    if (transposed) requireRightEngine();
    Tensor own = bias == null ? null : Torch.clone(bias);
    return transposed
        ? new Object[] {weight, own, stride, padding, outputPadding, dilation, groups}
        : new Object[] {weight, own, stride, operatorPadding(), dilation, groups};
  }

  /// Of libtorch 2.13.0 some return numbers that have nothing to do with the result; Python's
  /// alike.
  private void requireRightEngine() {
    int engine = RuntimeCalls.quantizedEngine(); // at::QEngine
    boolean oneDnn = engine == 3 || engine == 4;
    if (oneDnn || (engine == 2 && dimensions == 3)) {
      throw new ValueException(
          "quantized transposed convolutions of %d dimensions are wrong in %s of this libtorch: call Quantization.setEngine(QuantizationEngine.FBGEMM) before the model is converted or loaded"
              .formatted(dimensions, oneDnn ? "oneDNN" : "QNNPACK"));
    }
  }

  private Tensor checkedAndBordered(Tensor input) {
    if (input.dim() != dimensions + 2) {
      throw new ValueException(
          "Input shape must be `(N, C, %s)`!"
              .formatted(List.of("L", "H, W", "D, H, W").get(dimensions - 1)));
    }
    return bordered(input);
  }

  @Override
  protected String extraRepr() {
    StringBuilder text = new StringBuilder();
    text.append(inChannels).append(", ").append(outChannels);
    text.append(", kernel_size=").append(PythonText.tuple(kernelSize));
    text.append(", stride=").append(PythonText.tuple(stride));
    String scale = StaticForm.scaleText(this);
    text.append(scale);
    Padding name = namedPadding;
    if (name != null) text.append(", padding=").append(name.word());
    else if (!Sizes.all(padding, 0)) text.append(", padding=").append(PythonText.tuple(padding));
    if (!Sizes.all(dilation, 1)) text.append(", dilation=").append(PythonText.tuple(dilation));
    if (!Sizes.all(outputPadding, 0)) {
      text.append(", output_padding=").append(PythonText.tuple(outputPadding));
    }
    if (groups != 1) text.append(", groups=").append(groups);
    if (bias == null) text.append(", bias=False");
    if (paddingMode != PaddingMode.ZEROS && scale.isEmpty()) {
      text.append(", padding_mode=").append(paddingMode.word());
    }
    return text.toString();
  }
}
