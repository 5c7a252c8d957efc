package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;
import dev.pantorch.jit.ScriptObject;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An affine map of the last dimension: $y = x A^T + b$.
///
/// ```java
/// Linear fc = new Linear(64, 1);
/// Tensor logits = fc.forward(features); // (32, 64) -> (32, 1)
/// ```
///
/// **Shape.** Input $(*, H_{in})$ with any number of dimensions, none included; output $(*,
/// H_{out})$.
///
/// **Parameters.** `weight` $(H_{out}, H_{in})$ and `bias` $(H_{out})$, both drawn from $U(-\sqrt
/// k, \sqrt k)$ with $k = 1 / H_{in}$.
///
/// [torch.nn.Linear](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Linear.html)
public sealed class Linear extends Layer permits NonDynamicallyQuantizableLinear {
  private final long inFeatures;
  private final long outFeatures;
  private Tensor weight;
  private @Nullable Tensor bias;
  private @Nullable ScriptObject packed;

  /// Options of {@link Linear}.
  public static final class Options extends LayerOptions<Options> {
    private boolean bias = true;

    private Options() {}

    /// Whether a bias is learned.
    ///
    /// @param bias true unless set
    /// @return these options
    public Options bias(boolean bias) {
      this.bias = bias;
      return this;
    }
  }

  /// A layer with a bias.
  ///
  /// @param inFeatures size $H_{in}$ of an input
  /// @param outFeatures size $H_{out}$ of an output
  public Linear(long inFeatures, long outFeatures) {
    this(inFeatures, outFeatures, o -> {});
  }

  /// A layer with options: `new Linear(64, 1, o -> o.bias(false))`.
  ///
  /// @param inFeatures size $H_{in}$ of an input
  /// @param outFeatures size $H_{out}$ of an output
  /// @param settings sets the options
  public Linear(long inFeatures, long outFeatures, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    weight = registerParameter("weight", Torch.empty(options.tensors(), outFeatures, inFeatures));
    bias =
        options.bias
            ? registerParameter("bias", Torch.empty(options.tensors(), outFeatures))
            : null;
    if (options.drawn()) resetParameters();
  }

  /// Draws the parameters anew.
  public void resetParameters() {
    // The bound of the weights comes out as 1 / sqrt(inFeatures); Python takes this way to it.
    Init.kaimingUniform_(weight, o -> o.a(Math.sqrt(5)));
    if (bias != null) {
      double bound = inFeatures > 0 ? 1 / Math.sqrt((double) inFeatures) : 0;
      Init.uniform_(bias, -bound, bound);
    }
  }

  /// The matrix $A$.
  ///
  /// @return the parameter; the quantized matrix once the layer is quantized
  public Tensor weight() {
    return weight;
  }

  /// The vector $b$.
  ///
  /// @return the parameter, null without bias
  public @Nullable Tensor bias() {
    return bias;
  }

  /// Applies the map.
  ///
  /// @param input a tensor $(*, H_{in})$
  /// @return a tensor $(*, H_{out})$
  /// @throws dev.pantorch.TorchException if the last dimension is not $H_{in}$, or dtype or device
  ///   are not the parameters'
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::compute);
  }

  private Tensor compute(Tensor input) {
    ScriptObject quantized = packed;
    return quantized == null
        ? Functional.linear(input, weight, bias)
        : QuantizedKernels.linear(input, quantized, weight);
  }

  @Override
  boolean isQuantizable(DType dtype) {
    return dtype == DType.QINT8 || dtype == DType.FLOAT16;
  }

  @Override
  boolean isDynamicallyQuantized() {
    return packed != null;
  }

  @Override
  void quantize(DType dtype) {
    quantizeMember("weight", dtype);
    if (bias != null) quantizeMember("bias", DType.FLOAT32);
    packed = QuantizedKernels.pack(weight, bias);
  }

  @Override
  void repack() {
    if (packed != null) packed = QuantizedKernels.pack(weight, bias);
  }

  @Override
  void adopt(String name, Tensor value) {
    if (name.equals("weight")) weight = value;
    if (name.equals("bias")) bias = value;
  }

  @Override
  SequencedMap<String, ScriptObject> packed() {
    SequencedMap<String, ScriptObject> own = super.packed();
    if (packed != null) own.put("_packed_params", packed);
    return own;
  }

  @Override
  boolean isPacked(String name) {
    return packed != null || super.isPacked(name);
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    return new PackedKernel(
        () -> QuantizedKernels.pack(weight, bias),
        relu ? "quantized::linear_relu" : "quantized::linear",
        input -> input);
  }

  @Override
  protected String extraRepr() {
    String features = "in_features=%d, out_features=%d, ".formatted(inFeatures, outFeatures);
    String scale = StaticForm.scaleText(this);
    if (!scale.isEmpty()) {
      return features + scale.substring(2) + ", qscheme=" + QuantizedKernels.scheme(weight);
    }
    if (packed == null) return features + "bias=" + PythonText.bool(bias != null);
    String scheme = weight.isQuantized() ? ", qscheme=" + QuantizedKernels.scheme(weight) : "";
    return features + "dtype=" + weight.dtype() + scheme;
  }
}
