package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A bilinear map of the last dimensions of two inputs: $y = x_1^T A x_2 + b$.
///
/// ```java
/// Bilinear map = new Bilinear(20, 30, 40);
/// Tensor y = map.forward(Torch.randn(128, 20), Torch.randn(128, 30)); // (128, 40)
/// ```
///
/// **Shape.** Inputs $(*, H_{in1})$ and $(*, H_{in2})$, alike in all dimensions but the last;
/// output $(*, H_{out})$.
///
/// **Parameters.** `weight` $(H_{out}, H_{in1}, H_{in2})$ and `bias` $(H_{out})$, both drawn from
/// $U(-\sqrt k, \sqrt k)$ with $k = 1 / H_{in1}$.
///
/// [torch.nn.Bilinear](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Bilinear.html)
public final class Bilinear extends Module {
  private final long in1Features;
  private final long in2Features;
  private final long outFeatures;
  private final Tensor weight;
  private final @Nullable Tensor bias;

  /// Options of {@link Bilinear}.
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

  /// What hooks see as the input.
  ///
  /// @param input1 the first input
  /// @param input2 the second input
  public record Input(Tensor input1, Tensor input2) {}

  /// A layer with a bias.
  ///
  /// @param in1Features size $H_{in1}$ of a first input
  /// @param in2Features size $H_{in2}$ of a second input
  /// @param outFeatures size $H_{out}$ of an output
  public Bilinear(long in1Features, long in2Features, long outFeatures) {
    this(in1Features, in2Features, outFeatures, o -> {});
  }

  /// A layer with options.
  ///
  /// @param in1Features size $H_{in1}$ of a first input
  /// @param in2Features size $H_{in2}$ of a second input
  /// @param outFeatures size $H_{out}$ of an output
  /// @param settings sets the options
  /// @throws ValueException if a first input has no elements
  public Bilinear(
      long in1Features, long in2Features, long outFeatures, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    if (in1Features <= 0) {
      throw new ValueException(
          "in1_features must be > 0, but got (in1_features=%d)".formatted(in1Features));
    }
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    weight =
        registerParameter(
            "weight", Torch.empty(options.tensors(), outFeatures, in1Features, in2Features));
    bias =
        options.bias
            ? registerParameter("bias", Torch.empty(options.tensors(), outFeatures))
            : null;
    resetParameters();
  }

  /// Draws the parameters anew.
  public void resetParameters() {
    double bound = 1 / Math.sqrt((double) in1Features);
    Init.uniform_(weight, -bound, bound);
    if (bias != null) Init.uniform_(bias, -bound, bound);
  }

  /// The tensor $A$.
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
  /// @param input1 a tensor $(*, H_{in1})$
  /// @param input2 a tensor $(*, H_{in2})$
  /// @return a tensor $(*, H_{out})$
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public Tensor forward(Tensor input1, Tensor input2) {
    return hooked(
        new Input(input1, input2),
        given -> Functional.bilinear(given.input1, given.input2, weight, bias));
  }

  @Override
  protected String extraRepr() {
    return "in1_features=%d, in2_features=%d, out_features=%d, bias=%s"
        .formatted(in1Features, in2Features, outFeatures, PythonText.bool(bias != null));
  }
}
