package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Normalises each feature over the batch (Ioffe and Szegedy 2015): $y = (x - \mathrm{E}(x)) /
/// \sqrt{\mathrm{Var}(x) + \epsilon} \cdot \gamma + \beta$.
///
/// In training, mean and (biased) variance are those of the batch, and running averages of the mean
/// and of the unbiased variance are kept: $\hat x \leftarrow (1 - m) \hat x + m x$. In evaluation
/// the running averages are used.
///
/// ```java
/// BatchNorm1d norm = new BatchNorm1d(64);
/// Tensor y = norm.forward(lstm.forward(x).output().transpose(1, 2)); // (32, 64, 10)
/// ```
///
/// **Shape.** Input $(N, C)$ or $(N, C, L)$; output the same.
///
/// **Parameters.** `weight` $\gamma$ $(C)$, 1, and `bias` $\beta$ $(C)$, 0. **Buffers.**
/// `running_mean` $(C)$, 0, `running_var` $(C)$, 1, and `num_batches_tracked`, int64.
///
/// [torch.nn.BatchNorm1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.BatchNorm1d.html)
public final class BatchNorm1d extends Layer {
  private final long numFeatures;
  private final Options options;
  private final @Nullable Tensor weight;
  private final @Nullable Tensor bias;
  private final @Nullable Running running;

  private record Running(Tensor mean, Tensor var, Tensor batches) {}

  /// Options of {@link BatchNorm1d}.
  public static final class Options extends LayerOptions<Options> {
    private double eps = 1e-5;
    private @Nullable Double momentum = 0.1;
    private boolean affine = true;
    private boolean bias = true;
    private boolean trackRunningStats = true;

    private Options() {}

    /// What is added to the variance.
    ///
    /// @param eps 1e-5 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }

    /// The weight $m$ of a new batch in the running averages.
    ///
    /// @param momentum 0.1 unless set; null for the plain average of all batches so far
    /// @return these options
    public Options momentum(@Nullable Double momentum) {
      this.momentum = momentum;
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

    /// Whether running averages are kept; without, the batch's own are used in evaluation, too.
    ///
    /// @param track true unless set
    /// @return these options
    public Options trackRunningStats(boolean track) {
      this.trackRunningStats = track;
      return this;
    }
  }

  /// A layer with the usual options.
  ///
  /// @param numFeatures the number of features $C$
  public BatchNorm1d(long numFeatures) {
    this(numFeatures, o -> {});
  }

  /// A layer with options.
  ///
  /// @param numFeatures the number of features $C$
  /// @param settings sets the options
  public BatchNorm1d(long numFeatures, Consumer<Options> settings) {
    this.numFeatures = numFeatures;
    this.options = LayerOptions.configure(new Options(), settings);
    weight =
        options.affine
            ? registerParameter("weight", Torch.ones(options.tensors(), numFeatures))
            : null;
    bias =
        options.affine && options.bias
            ? registerParameter("bias", Torch.zeros(options.tensors(), numFeatures))
            : null;
    running =
        options.trackRunningStats
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
  public void resetParameters() {
    resetRunningStats();
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

  /// Normalises a batch.
  ///
  /// @param input a tensor $(N, C)$ or $(N, C, L)$
  /// @return a tensor of the same shape
  /// @throws ValueException if the input has another number of dimensions, or in training only one
  ///   value a feature
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::normalize);
  }

  private Tensor normalize(Tensor input) {
    long[] shape = input.shape();
    if (shape.length != 2 && shape.length != 3) {
      throw new ValueException("expected 2D or 3D input (got %dD input)".formatted(shape.length));
    }
    boolean training = isTraining();
    Double fixed = options.momentum;
    double momentum = fixed == null ? 0 : fixed;
    if (training && running != null) {
      running.batches.add_(1);
      if (fixed == null) momentum = 1 / running.batches.item();
    }
    return Functional.batchNorm(
        input,
        running == null ? null : running.mean,
        running == null ? null : running.var,
        weight,
        bias,
        training || running == null,
        momentum,
        options.eps);
  }

  @Override
  boolean mayLack(String name) {
    // Checkpoints from before PyTorch 0.4.1 do not have it.
    return name.equals("num_batches_tracked");
  }

  @Override
  protected String extraRepr() {
    Double momentum = options.momentum;
    return "%d, eps=%s, momentum=%s, affine=%s, bias=%s, track_running_stats=%s"
        .formatted(
            numFeatures,
            PythonText.number(options.eps),
            momentum == null ? "None" : PythonText.number(momentum),
            PythonText.bool(options.affine),
            PythonText.bool(bias != null),
            PythonText.bool(options.trackRunningStats));
  }
}
