package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Divides the last dimensions of each input by their root mean square (Zhang and Sennrich 2019):
/// $y = x / \sqrt{\mathrm{E}(x^2) + \epsilon} \cdot \gamma$.
///
/// ```java
/// Tensor y = new RMSNorm(64).forward(lstm.forward(x).output()); // (32, 10, 64)
/// ```
///
/// **Shape.** Input $(*, normalizedShape)$; output the same.
///
/// **Parameters.** `weight` $\gamma$, 1, of the normalised shape.
///
/// [torch.nn.RMSNorm](https://docs.pytorch.org/docs/2.13/generated/torch.nn.RMSNorm.html)
public final class RMSNorm extends Layer {
  private final long[] normalizedShape;
  private final @Nullable Double eps;
  private final boolean elementwiseAffine;
  private final @Nullable Tensor weight;

  /// Options of {@link RMSNorm}.
  public static final class Options extends LayerOptions<Options> {
    private @Nullable Double eps;
    private boolean elementwiseAffine = true;

    private Options() {}

    /// What is added to the mean square.
    ///
    /// @param eps null, unless set, for the distance from 1 to the next number of the dtype
    /// @return these options
    public Options eps(@Nullable Double eps) {
      this.eps = eps;
      return this;
    }

    /// Whether $\gamma$ is learned.
    ///
    /// @param affine true unless set
    /// @return these options
    public Options elementwiseAffine(boolean affine) {
      this.elementwiseAffine = affine;
      return this;
    }
  }

  /// A layer over the last dimension.
  ///
  /// @param normalizedShape the size of the last dimension
  public RMSNorm(long normalizedShape) {
    this(normalizedShape, o -> {});
  }

  /// A layer over the last dimension, with options.
  ///
  /// @param normalizedShape the size of the last dimension
  /// @param settings sets the options
  public RMSNorm(long normalizedShape, Consumer<Options> settings) {
    this(new long[] {normalizedShape}, settings);
  }

  /// A layer over the last dimensions.
  ///
  /// @param normalizedShape their sizes
  public RMSNorm(long[] normalizedShape) {
    this(normalizedShape, o -> {});
  }

  /// A layer over the last dimensions, with options.
  ///
  /// @param normalizedShape their sizes
  /// @param settings sets the options
  public RMSNorm(long[] normalizedShape, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    this.normalizedShape = normalizedShape.clone();
    eps = options.eps;
    elementwiseAffine = options.elementwiseAffine;
    weight =
        elementwiseAffine
            ? registerParameter("weight", Torch.ones(options.tensors(), normalizedShape))
            : null;
  }

  /// Sets the parameters to their first values.
  public void resetParameters() {
    if (weight != null) Init.ones_(weight);
  }

  /// The factors $\gamma$.
  ///
  /// @return the parameter, null if not affine
  public @Nullable Tensor weight() {
    return weight;
  }

  /// Normalises.
  ///
  /// @param input a tensor $(*, normalizedShape)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if the last dimensions are others
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.rmsNorm(x, normalizedShape, weight, eps));
  }

  @Override
  protected String extraRepr() {
    return "%s, eps=%s, elementwise_affine=%s"
        .formatted(
            PythonText.tuple(normalizedShape),
            eps == null ? "None" : PythonText.number(eps),
            PythonText.bool(elementwiseAffine));
  }
}
