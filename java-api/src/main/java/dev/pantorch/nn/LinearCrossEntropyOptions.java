package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How {@link LinearCrossEntropyLoss} computes in pieces of the batch, so that the logits of all of
/// it are never there at once: for very many classes.
///
/// ```java
/// LinearCrossEntropyOptions pieces = new LinearCrossEntropyOptions(o -> o.batchChunkSize(8L));
/// LinearCrossEntropyLoss criterion =
///     new LinearCrossEntropyLoss(64, 50_000, o -> o.options(pieces));
/// ```
///
/// Gradients are computed with the loss, and multiplied in the backward pass; for {@link
/// Reduction#NONE} in the backward pass. Derivatives of them are refused. Class probabilities,
/// label smoothing and further sizes of the logits are computed without pieces, with a warning.
///
/// [torch.nn.LinearCrossEntropyOptions](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LinearCrossEntropyOptions.html)
public final class LinearCrossEntropyOptions {
  private static final Pattern METHOD = Pattern.compile("aspect_ratio(?::(0*[1-9][0-9]{0,17}))?");
  private static final Set<DType> ACC_DTYPES =
      Set.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64);

  /// Which intermediate results are kept in the wider dtype.
  public enum AccPolicy {
    /// What suits device and dtype: accurate for half precision on the CPU, else compact.
    AUTO,
    /// All that can be.
    ACCURATE,
    /// Those on which correct gradients depend.
    BALANCED,
    /// The same, and gradients of weights are summed where they are, without a buffer.
    COMPACT
  }

  /// The settings of {@link LinearCrossEntropyOptions}.
  public static final class Options {
    private boolean allowRetainGraph;
    private @Nullable Long batchChunkSize;
    private @Nullable String chunkingMethod = "auto";
    private AccPolicy accPolicy = AccPolicy.AUTO;
    private @Nullable DType accDtype;

    private Options() {}

    /// Whether one loss can be gone back through several times. This takes the memory of one more
    /// gradient. {@link Reduction#NONE} can be anyway.
    ///
    /// @param allowRetainGraph false unless set
    /// @return these options
    public Options allowRetainGraph(boolean allowRetainGraph) {
      this.allowRetainGraph = allowRetainGraph;
      return this;
    }

    /// The rows of a piece.
    ///
    /// @param batchChunkSize their number; null, which leaves it to the method, unless set
    /// @return these options
    public Options batchChunkSize(@Nullable Long batchChunkSize) {
      this.batchChunkSize = batchChunkSize;
      return this;
    }

    /// How the size of a piece is found.
    ///
    /// @param chunkingMethod `auto`, unless set; `aspect_ratio`, for pieces whose logits take about
    ///   the memory of the input; `aspect_ratio:2` for half of that, and so on; null for the size
    ///   that was said, or one piece
    /// @return these options
    public Options chunkingMethod(@Nullable String chunkingMethod) {
      this.chunkingMethod = chunkingMethod;
      return this;
    }

    /// Which intermediate results are kept in the wider dtype.
    ///
    /// @param accPolicy {@link AccPolicy#AUTO} unless set
    /// @return these options
    public Options accPolicy(AccPolicy accPolicy) {
      this.accPolicy = Objects.requireNonNull(accPolicy, "accPolicy");
      return this;
    }

    /// The dtype in which sums are kept.
    ///
    /// @param accDtype the input's, or float32 for an input of half precision; null for one of
    ///   these unless set
    /// @return these options
    public Options accDtype(@Nullable DType accDtype) {
      this.accDtype = accDtype;
      return this;
    }
  }

  private final boolean allowRetainGraph;
  private final @Nullable Long batchChunkSize;
  private final @Nullable String chunkingMethod;
  private final AccPolicy accPolicy;
  private final @Nullable DType accDtype;

  /// What suits device, dtype and sizes.
  public LinearCrossEntropyOptions() {
    this(o -> {});
  }

  /// Pieces with settings.
  ///
  /// @param settings sets them
  /// @throws ValueException if one is out of range
  public LinearCrossEntropyOptions(Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    allowRetainGraph = options.allowRetainGraph;
    batchChunkSize = options.batchChunkSize;
    chunkingMethod = options.chunkingMethod;
    accPolicy = options.accPolicy;
    accDtype = options.accDtype;
    if (chunkingMethod != null
        && !chunkingMethod.equals("auto")
        && !METHOD.matcher(chunkingMethod).matches()) {
      throw new ValueException("invalid chunking_method: '" + chunkingMethod + "'");
    }
    if (batchChunkSize != null && batchChunkSize <= 0) {
      throw new ValueException(
          "batch_chunk_size must be positive int or None, got " + batchChunkSize);
    }
    if (accDtype != null && !ACC_DTYPES.contains(accDtype)) {
      throw new ValueException(
          "acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32, torch.float64}, got %s. Pass acc_dtype=None to let the op pick automatically."
              .formatted(accDtype));
    }
  }

  /// The settings for one call.
  record Resolved(
      long batchChunkSize, AccPolicy accPolicy, DType accDtype, boolean allowRetainGraph) {}

  /// Settles what is left open, for an input $(N, H)$.
  Resolved resolve(Tensor input, long numClasses) {
    Device device = input.device();
    DType dtype = input.dtype();
    boolean half = dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    boolean halfOnCpu = half && device.type() == DeviceType.CPU;
    String method = chunkingMethod;
    if ("auto".equals(method)) {
      method = halfOnCpu ? "aspect_ratio" : "aspect_ratio:2";
      if (batchChunkSize != null) method = null;
    }
    AccPolicy policy = accPolicy;
    if (policy == AccPolicy.AUTO) policy = halfOnCpu ? AccPolicy.ACCURATE : AccPolicy.COMPACT;
    long rows = input.size(0);
    long size = batchChunkSize == null ? rows : Math.min(batchChunkSize, rows);
    if (method != null) {
      size = chunkSize(method, rows, input.size(1), numClasses);
      if (batchChunkSize != null && batchChunkSize != size) {
        throw new ValueException(
            "batch_chunk_size (=%1$d) and chunking_method ('%2$s') give different chunk sizes (%1$d vs %3$d); pass only one."
                .formatted(batchChunkSize, method, size));
      }
    }
    DType acc = accDtype;
    if (acc == null) {
      boolean widens = half && (halfOnCpu || device.type() == DeviceType.CUDA);
      acc = accPolicy == AccPolicy.AUTO && widens ? DType.FLOAT32 : dtype;
    }
    return new Resolved(Math.max(1, size), policy, acc, allowRetainGraph);
  }

  private static long chunkSize(String method, long rows, long inFeatures, long numClasses) {
    Matcher matcher = METHOD.matcher(method);
    long factor =
        matcher.matches() && matcher.group(1) != null ? Long.parseLong(matcher.group(1)) : 1;
    long target = Math.ceilDiv(rows, Math.ceilDiv(numClasses, inFeatures));
    long power = target <= 1 ? 1 : Long.highestOneBit(target - 1) << 1;
    return Math.min(power / factor, rows);
  }

  /// The settings as Python prints them.
  @Override
  public String toString() {
    return "LinearCrossEntropyOptions(allow_retain_graph=%s, batch_chunk_size=%s, chunking_method=%s, acc_policy='%s', acc_dtype=%s)"
        .formatted(
            PythonText.bool(allowRetainGraph),
            batchChunkSize == null ? "None" : batchChunkSize,
            chunkingMethod == null ? "None" : "'" + chunkingMethod + "'",
            accPolicy.name().toLowerCase(Locale.ROOT),
            accDtype == null ? "None" : accDtype);
  }
}
