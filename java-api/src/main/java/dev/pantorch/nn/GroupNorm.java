package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;

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
public final class GroupNorm extends AffineNorm {
  private final long numGroups;
  private final long numChannels;

  /// Options of {@link GroupNorm}.
  public static final class Options extends AffineNorm.Options<Options> {

    private Options() {
      super(true);
    }

    /// Whether $\gamma$ and $\beta$ are learned.
    ///
    /// @param affine true unless set
    /// @return these options
    public Options affine(boolean affine) {
      this.affine = affine;
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
    super(options, numChannels);
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
