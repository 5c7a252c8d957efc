package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Normalises groups of the channels of each input (Wu and He 2018): $y = (x - \mathrm{E}(x)) /
/// \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$.
///
/// ```java
/// Tensor y = new GroupNorm(3, 6).forward(Torch.randn(20, 6, 10, 10));
/// ```
///
/// **Shape.** Input $(N, C, *)$; output the same.
///
/// **Parameters.** `weight` $\gamma$ $(C)$, 1, and `bias` $\beta$ $(C)$, 0.
///
/// [torch.nn.GroupNorm](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GroupNorm.html)
public final class GroupNorm extends Layer {
  private final long numGroups;
  private final long numChannels;
  private final double eps;
  private final boolean affine;
  private final @Nullable Tensor weight;
  private final @Nullable Tensor bias;

  /// Options of {@link GroupNorm}.
  public static final class Options extends LayerOptions<Options> {
    private double eps = 1e-5;
    private boolean affine = true;
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
    public Options affine(boolean affine) {
      this.affine = affine;
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

  /// A layer with the usual options.
  ///
  /// @param numGroups the number of groups
  /// @param numChannels the number of channels $C$
  /// @throws ValueException if the groups do not divide the channels
  public GroupNorm(long numGroups, long numChannels) {
    this(numGroups, numChannels, o -> {});
  }

  /// A layer with options.
  ///
  /// @param numGroups the number of groups
  /// @param numChannels the number of channels $C$
  /// @param settings sets the options
  /// @throws ValueException if the groups do not divide the channels
  public GroupNorm(long numGroups, long numChannels, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    if (numGroups == 0 || numChannels % numGroups != 0) {
      throw new ValueException(
          "num_channels (%d) must be divisible by num_groups (%d)"
              .formatted(numChannels, numGroups));
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    eps = options.eps;
    affine = options.affine;
    weight =
        affine ? registerParameter("weight", Torch.ones(options.tensors(), numChannels)) : null;
    bias =
        affine && options.bias
            ? registerParameter("bias", Torch.zeros(options.tensors(), numChannels))
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
  /// @param input a tensor $(N, C, *)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if the shape does not fit
  /// @throws ValueException if a group has only one value
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.groupNorm(x, numGroups, weight, bias, eps));
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::group_norm");
    return (x, scale, zeroPoint) ->
        operator.callTensor(x, numGroups, weight, bias, eps, scale, zeroPoint);
  }

  @Override
  protected String extraRepr() {
    return "%d, %d, eps=%s, affine=%s, bias=%s"
        .formatted(
            numGroups,
            numChannels,
            PythonText.number(eps),
            PythonText.bool(affine),
            PythonText.bool(bias != null));
  }
}
