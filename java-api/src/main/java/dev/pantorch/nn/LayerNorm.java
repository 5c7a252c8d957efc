package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;

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
public final class LayerNorm extends AffineNorm {
  private final long[] normalizedShape;

  /// Options of {@link LayerNorm}.
  public static final class Options extends AffineNorm.Options<Options> {

    private Options() {
      super(true);
    }

    /// Whether $\gamma$ and $\beta$ are learned.
    ///
    /// @param affine true unless set
    /// @return these options
    public Options elementwiseAffine(boolean affine) {
      this.affine = affine;
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
    super(options, normalizedShape);
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
            PythonText.bool(affine),
            PythonText.bool(bias != null));
  }
}
