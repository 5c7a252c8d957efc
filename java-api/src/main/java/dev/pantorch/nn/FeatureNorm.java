package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import org.jspecify.annotations.Nullable;

/// What batch and instance normalisation of all dimensions have in common.
abstract class FeatureNorm extends AffineNorm {
  final long numFeatures;
  volatile @Nullable Double momentum;
  private final boolean trackRunningStats;
  final @Nullable Running running;

  record Running(Tensor mean, Tensor var, Tensor batches) {}

  /// Options that batch and instance normalisation have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends AffineNorm.Options<S> {
    private @Nullable Double momentum = 0.1;
    private boolean trackRunningStats;

    /// @param defaults whether factors are learned and averages kept, unless set
    Options(boolean defaults) {
      super(defaults);
      trackRunningStats = defaults;
    }

    /// The weight $m$ of a new batch in the running averages.
    ///
    /// @param momentum 0.1 unless set; null for the plain average of all batches so far
    /// @return these options
    public S momentum(@Nullable Double momentum) {
      this.momentum = momentum;
      return self();
    }

    /// Whether $\gamma$ and $\beta$ are learned.
    ///
    /// @param affine true for batch, false for instance normalisation unless set
    /// @return these options
    public S affine(boolean affine) {
      this.affine = affine;
      return self();
    }

    /// Whether running averages are kept; without, the input's own are used in evaluation, too.
    ///
    /// @param track true for batch, false for instance normalisation unless set
    /// @return these options
    public S trackRunningStats(boolean track) {
      this.trackRunningStats = track;
      return self();
    }
  }

  FeatureNorm(long numFeatures, Options<?> options) {
    this.numFeatures = numFeatures;
    momentum = options.momentum;
    trackRunningStats = options.trackRunningStats;
    super(options, numFeatures);
    running =
        trackRunningStats
            ? new Running(
                registerBuffer("running_mean", Torch.zeros(options.tensors(), numFeatures)),
                registerBuffer("running_var", Torch.ones(options.tensors(), numFeatures)),
                registerBuffer("num_batches_tracked", Torch.zeros(options.tensors(DType.INT64))))
            : null;
  }

  /// Forgets the batches seen.
  public void resetRunningStats() {
    if (running == null) return;
    running.mean.zero_();
    running.var.fill_(1);
    running.batches.zero_();
  }

  /// Forgets the batches seen and sets the parameters to their first values.
  @Override
  public void resetParameters() {
    resetRunningStats();
    super.resetParameters();
  }

  /// Normalises.
  ///
  /// @param input a tensor of the shape that the layer documents
  /// @return a tensor of the same shape
  /// @throws ValueException if the input has another number of dimensions, or where its own mean
  ///   and variance are used only one value for each
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          checkDimensions(x.dim());
          return normalize(x);
        });
  }

  abstract void checkDimensions(long dimensions);

  abstract Tensor normalize(Tensor input);

  static void require(boolean fits, String expected, long dimensions) {
    if (!fits) {
      throw new ValueException("expected %s input (got %dD input)".formatted(expected, dimensions));
    }
  }

  @Override
  int stateVersion() {
    return 2;
  }

  @Override
  boolean mayLack(String name) {
    // Checkpoints from before PyTorch 0.4.1 do not have it.
    return name.equals("num_batches_tracked");
  }

  @Override
  protected String extraRepr() {
    return "%d, eps=%s, momentum=%s, affine=%s, bias=%s, track_running_stats=%s"
        .formatted(
            numFeatures,
            PythonText.number(eps),
            momentum == null ? "None" : PythonText.number(momentum),
            PythonText.bool(affine),
            PythonText.bool(bias != null),
            PythonText.bool(trackRunningStats));
  }
}
