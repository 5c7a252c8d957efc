package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.PythonText;
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
  private final Tensor weight;
  private final @Nullable Tensor bias;

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
  /// @return the parameter
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
    return hooked(input, x -> Functional.linear(x, weight, bias));
  }

  @Override
  protected String extraRepr() {
    return "in_features=%d, out_features=%d, bias=%s"
        .formatted(inFeatures, outFeatures, PythonText.bool(bias != null));
  }
}
