package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Normalises the last dimensions of each input by itself (Ba and others 2016): $y = (x -
/// \mathrm{E}(x)) / \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$.
///
/// ```java
/// LayerNorm norm = new LayerNorm(64);
/// Tensor y = norm.forward(lstm.forward(x).output()); // (32, 10, 64)
/// ```
///
/// **Shape.** Input $(*, normalizedShape)$; output the same.
///
/// **Parameters.** `weight` $\gamma$, 1, and `bias` $\beta$, 0, both of the normalised shape.
///
/// [torch.nn.LayerNorm](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LayerNorm.html)
public final class LayerNorm extends Layer {
  private final long[] normalizedShape;
  private final double eps;
  private final boolean elementwiseAffine;
  private final @Nullable Tensor weight;
  private final @Nullable Tensor bias;

  /// Options of {@link LayerNorm}.
  public static final class Options extends LayerOptions<Options> {
    private double eps = 1e-5;
    private boolean elementwiseAffine = true;
    private boolean bias = true;

    private Options() {}

    /// What is added to the variance.
    ///
    /// @param eps 1e-5 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }

    /// Whether $\gamma$ and $\beta$ are learned.
    ///
    /// @param affine true unless set
    /// @return these options
    public Options elementwiseAffine(boolean affine) {
      this.elementwiseAffine = affine;
      return this;
    }

    /// Whether $\beta$ is learned beside $\gamma$.
    ///
    /// @param bias true unless set
    /// @return these options
    public Options bias(boolean bias) {
      this.bias = bias;
      return this;
    }
  }

  /// A layer over the last dimension.
  ///
  /// @param normalizedShape the size of the last dimension
  public LayerNorm(long normalizedShape) {
    this(normalizedShape, o -> {});
  }

  /// A layer over the last dimension, with options.
  ///
  /// @param normalizedShape the size of the last dimension
  /// @param settings sets the options
  public LayerNorm(long normalizedShape, Consumer<Options> settings) {
    this(new long[] {normalizedShape}, settings);
  }

  /// A layer over the last dimensions.
  ///
  /// @param normalizedShape their sizes
  public LayerNorm(long[] normalizedShape) {
    this(normalizedShape, o -> {});
  }

  /// A layer over the last dimensions, with options.
  ///
  /// @param normalizedShape their sizes
  /// @param settings sets the options
  public LayerNorm(long[] normalizedShape, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    this.normalizedShape = normalizedShape.clone();
    eps = options.eps;
    elementwiseAffine = options.elementwiseAffine;
    weight =
        elementwiseAffine
            ? registerParameter("weight", Torch.ones(options.tensors(), normalizedShape))
            : null;
    bias =
        elementwiseAffine && options.bias
            ? registerParameter("bias", Torch.zeros(options.tensors(), normalizedShape))
            : null;
  }

  /// Sets the parameters to their first values.
  public void resetParameters() {
    if (weight != null) Init.ones_(weight);
    if (bias != null) Init.zeros_(bias);
  }

  /// The factors $\gamma$.
  ///
  /// @return the parameter, null if not affine
  public @Nullable Tensor weight() {
    return weight;
  }

  /// The summands $\beta$.
  ///
  /// @return the parameter, null if not affine or without bias
  public @Nullable Tensor bias() {
    return bias;
  }

  /// Normalises.
  ///
  /// @param input a tensor $(*, normalizedShape)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if the last dimensions are others
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.layerNorm(x, normalizedShape, weight, bias, eps));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::layer_norm");
    return (x, scale, zeroPoint) ->
        operator.callTensor(x, normalizedShape, weight, bias, eps, scale, zeroPoint);
  }

  @Override
  protected String extraRepr() {
    return "%s, eps=%s, elementwise_affine=%s, bias=%s"
        .formatted(
            PythonText.tuple(normalizedShape),
            PythonText.number(eps),
            PythonText.bool(elementwiseAffine),
            PythonText.bool(bias != null));
  }
}
