package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sums, means or maxima of bags of vectors that are read from a table by index, without making the
/// single vectors.
///
/// ```java
/// EmbeddingBag bag = new EmbeddingBag(10, 3, o -> o.mode(EmbeddingBag.Mode.SUM));
/// Tensor input = Torch.tensor(new long[] {1, 2, 4, 5, 4, 3, 2, 9});
/// Tensor y = bag.forward(input, Torch.tensor(new long[] {0, 4})); // two bags of four: (2, 3)
/// ```
///
/// **Shape.** Input $(B, n)$ for $B$ bags of one size, or $(total)$ with offsets $(B)$ that say
/// where each begins, int64 or int32; output $(B, H)$. An empty bag gives zeros.
///
/// **Parameters.** `weight` $(rows, H)$, drawn from $N(0, 1)$; the padding row is 0.
///
/// [torch.nn.EmbeddingBag](https://docs.pytorch.org/docs/2.13/generated/torch.nn.EmbeddingBag.html)
public final class EmbeddingBag extends EmbeddingBase {
  private final Options options;

  /// What becomes of the vectors of a bag.
  public enum Mode {
    /// Their sum.
    SUM(0),
    /// Their mean.
    MEAN(1),
    /// The greatest value of each place.
    MAX(2);

    private final int code;

    Mode(int code) {
      this.code = code;
    }

    /// libtorch's number.
    int code() {
      return code;
    }

    /// Python's word, `mean`.
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Options of {@link EmbeddingBag}.
  public static final class Options extends EmbeddingBase.Options<Options> {
    private Mode mode = Mode.MEAN;
    private boolean includeLastOffset;

    private Options() {}

    /// Scales each vector that is read down to this norm, in the table itself.
    ///
    /// @param maxNorm the greatest norm; null for no limit, the default
    /// @return these options
    public Options maxNorm(@Nullable Double maxNorm) {
      this.maxNorm = maxNorm;
      return this;
    }

    /// What becomes of the vectors of a bag.
    ///
    /// @param mode the mean unless set
    /// @return these options
    public Options mode(Mode mode) {
      this.mode = mode;
      return this;
    }

    /// Whether the offsets have one more at their end, the length of the input.
    ///
    /// @param include false unless set
    /// @return these options
    public Options includeLastOffset(boolean include) {
      this.includeLastOffset = include;
      return this;
    }

    /// The row that stands for padding: it starts as 0, gets no gradient and does not count in its
    /// bag.
    ///
    /// @param paddingIdx the row; negative ones count from the end; null for none, the default
    /// @return these options
    public Options paddingIdx(@Nullable Long paddingIdx) {
      this.paddingIdx = paddingIdx;
      return this;
    }
  }

  /// A table of random vectors.
  ///
  /// @param numEmbeddings the number of rows
  /// @param embeddingDim the size $H$ of a vector
  public EmbeddingBag(long numEmbeddings, long embeddingDim) {
    this(numEmbeddings, embeddingDim, o -> {});
  }

  /// A table of random vectors, with options.
  ///
  /// @param numEmbeddings the number of rows
  /// @param embeddingDim the size $H$ of a vector
  /// @param settings sets the options
  /// @throws ValueException if the padding row is not a row
  public EmbeddingBag(long numEmbeddings, long embeddingDim, Consumer<Options> settings) {
    this(numEmbeddings, embeddingDim, LayerOptions.configure(new Options(), settings), null);
  }

  private EmbeddingBag(
      long numEmbeddings, long embeddingDim, Options options, @Nullable Tensor table) {
    this.options = options;
    super(numEmbeddings, embeddingDim, options, table);
  }

  /// A table of given vectors, frozen.
  ///
  /// @param embeddings the table $(rows, H)$, which is used as it is, not copied
  /// @return the layer
  /// @throws ValueException if the table has another number of dimensions than two
  public static EmbeddingBag fromPretrained(Tensor embeddings) {
    return fromPretrained(embeddings, o -> {});
  }

  /// A table of given vectors, frozen unless the options say otherwise.
  ///
  /// @param embeddings the table $(rows, H)$, which is used as it is, not copied
  /// @param settings sets the options
  /// @return the layer
  /// @throws ValueException if the table has another number of dimensions than two, or the padding
  ///   row is not a row
  public static EmbeddingBag fromPretrained(Tensor embeddings, Consumer<Options> settings) {
    long[] shape = shape(embeddings);
    Options options = LayerOptions.configure(new Options().freeze(true), settings);
    return new EmbeddingBag(shape[0], shape[1], options, embeddings);
  }

  /// What hooks see as the input.
  ///
  /// @param input row indices
  /// @param offsets where each bag begins; null for bags of one size
  /// @param perSampleWeights factors of the single vectors; null for 1
  public record Input(Tensor input, @Nullable Tensor offsets, @Nullable Tensor perSampleWeights) {}

  /// Reads bags of one size.
  ///
  /// @param input row indices $(B, n)$
  /// @return a vector for each bag $(B, H)$
  /// @throws ValueException if the input has another number of dimensions
  @Override
  public Tensor forward(Tensor input) {
    return forward(input, null, null);
  }

  /// Reads bags of any size.
  ///
  /// @param input row indices $(total)$
  /// @param offsets where each bag begins $(B)$
  /// @return a vector for each bag $(B, H)$
  /// @throws ValueException if the shapes do not fit
  public Tensor forward(Tensor input, @Nullable Tensor offsets) {
    return forward(input, offsets, null);
  }

  /// Reads bags, with factors of the single vectors.
  ///
  /// @param input row indices $(B, n)$, or $(total)$ with offsets
  /// @param offsets where each bag begins $(B)$; null for bags of one size
  /// @param perSampleWeights factors of the input's shape, for sums only; null for 1
  /// @return a vector for each bag $(B, H)$
  /// @throws ValueException if the shapes do not fit
  /// @throws dev.pantorch.NotImplementedException if there are factors and the mode is not the sum
  public Tensor forward(Tensor input, @Nullable Tensor offsets, @Nullable Tensor perSampleWeights) {
    return hooked(new Input(input, offsets, perSampleWeights), this::compute);
  }

  private Tensor compute(Input given) {
    QuantizedRows packed = quantized();
    return packed != null
        ? packed.bag(given.input, given.offsets, given.perSampleWeights, options.includeLastOffset)
        : Functional.embeddingBag(
            given.input,
            weight(),
            given.offsets,
            options.maxNorm,
            options.normType,
            options.scaleGradByFreq,
            options.mode,
            options.sparse,
            given.perSampleWeights,
            options.includeLastOffset,
            paddingIdx);
  }

  @Override
  void quantize(DType dtype) {
    if (options.maxNorm != null) {
      throw new ValueException(
          "EmbeddingBag with max_norm cannot be quantized: the kernels do not renormalize rows");
    }
    if (options.mode != Mode.SUM) {
      throw new ValueException(
          "EmbeddingBag with mode='%s' cannot be quantized: the kernels know sums only"
              .formatted(options.mode.word()));
    }
    if (paddingIdx != null) {
      throw new ValueException(
          "EmbeddingBag with padding_idx=%d cannot be quantized: the kernels leave no row out"
              .formatted(paddingIdx));
    }
    super.quantize(dtype);
  }

  @Override
  protected String extraRepr() {
    QuantizedRows quantized = quantized();
    if (quantized != null) return quantized.text(numEmbeddings, embeddingDim);
    StringBuilder text = new StringBuilder();
    text.append(numEmbeddings).append(", ").append(embeddingDim);
    Double limit = options.maxNorm;
    if (limit != null) text.append(", max_norm=").append(PythonText.number(limit));
    if (options.normType != 2) {
      text.append(", norm_type=").append(PythonText.number(options.normType));
    }
    if (options.scaleGradByFreq) text.append(", scale_grad_by_freq=True");
    text.append(", mode='").append(options.mode.word()).append('\'');
    if (paddingIdx != null) text.append(", padding_idx=").append(paddingIdx);
    return text.toString();
  }
}
