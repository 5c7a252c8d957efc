package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A table of vectors that is read by index: word vectors.
///
/// ```java
/// Embedding embedding = new Embedding(vocab.size(), 64, o -> o.paddingIdx(0));
/// Tensor vectors = embedding.forward(words); // (32, 10) -> (32, 10, 64)
/// ```
///
/// **Shape.** Input $(*)$, int64 or int32, each from 0 to $rows - 1$; output $(*, H)$.
///
/// **Parameters.** `weight` $(rows, H)$, drawn from $N(0, 1)$; the padding row is 0.
///
/// [torch.nn.Embedding](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Embedding.html)
public final class Embedding extends EmbeddingBase {
  private final Options options;

  /// Options of {@link Embedding}.
  public static final class Options extends EmbeddingBase.Options<Options> {
    private Options() {}

    /// The row that stands for padding: it starts as 0 and gets no gradient.
    ///
    /// @param paddingIdx the row; negative ones count from the end; none unless set
    /// @return these options
    public Options paddingIdx(long paddingIdx) {
      this.paddingIdx = paddingIdx;
      return this;
    }

    /// Scales each vector that is read down to this norm, in the table itself.
    ///
    /// @param maxNorm the greatest norm; none unless set
    /// @return these options
    public Options maxNorm(double maxNorm) {
      this.maxNorm = maxNorm;
      return this;
    }
  }

  /// A table of random vectors.
  ///
  /// @param numEmbeddings the number of rows
  /// @param embeddingDim the size $H$ of a vector
  public Embedding(long numEmbeddings, long embeddingDim) {
    this(numEmbeddings, embeddingDim, o -> {});
  }

  /// A table of random vectors, with options.
  ///
  /// @param numEmbeddings the number of rows
  /// @param embeddingDim the size $H$ of a vector
  /// @param settings sets the options
  /// @throws ValueException if the padding row is not a row
  public Embedding(long numEmbeddings, long embeddingDim, Consumer<Options> settings) {
    this(numEmbeddings, embeddingDim, LayerOptions.configure(new Options(), settings), null);
  }

  private Embedding(
      long numEmbeddings, long embeddingDim, Options options, @Nullable Tensor table) {
    this.options = options;
    super(numEmbeddings, embeddingDim, options, table);
  }

  /// A table of given vectors, frozen.
  ///
  /// @param embeddings the table $(rows, H)$, which is used as it is, not copied
  /// @return the layer
  /// @throws ValueException if the table has another number of dimensions than two
  public static Embedding fromPretrained(Tensor embeddings) {
    return fromPretrained(embeddings, o -> {});
  }

  /// A table of given vectors, frozen unless the options say otherwise.
  ///
  /// @param embeddings the table $(rows, H)$, which is used as it is, not copied
  /// @param settings sets the options
  /// @return the layer
  /// @throws ValueException if the table has another number of dimensions than two, or the padding
  ///   row is not a row
  public static Embedding fromPretrained(Tensor embeddings, Consumer<Options> settings) {
    long[] shape = shape(embeddings);
    Options options = LayerOptions.configure(new Options().freeze(true), settings);
    return new Embedding(shape[0], shape[1], options, embeddings);
  }

  /// Reads vectors.
  ///
  /// @param input row indices, int64 or int32, of any shape $(*)$
  /// @return the vectors $(*, H)$
  /// @throws dev.pantorch.IndexException if an index is not a row
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::rows);
  }

  private Tensor rows(Tensor indices) {
    QuantizedRows packed = quantized();
    return packed != null
        ? packed.embedding(indices)
        : Functional.embedding(
            indices,
            weight(),
            paddingIdx,
            options.maxNorm,
            options.normType,
            options.scaleGradByFreq,
            options.sparse);
  }

  @Override
  void quantize(DType dtype) {
    if (options.maxNorm != null) {
      throw new ValueException(
          "Embedding with max_norm cannot be quantized: the kernels do not renormalize rows");
    }
    super.quantize(dtype);
  }

  @Override
  protected String extraRepr() {
    QuantizedRows quantized = quantized();
    if (quantized != null) return quantized.text(numEmbeddings, embeddingDim);
    StringBuilder text = new StringBuilder();
    text.append(numEmbeddings).append(", ").append(embeddingDim);
    if (paddingIdx != null) text.append(", padding_idx=").append(paddingIdx);
    Double limit = options.maxNorm;
    if (limit != null) text.append(", max_norm=").append(PythonText.number(limit));
    if (options.normType != 2) {
      text.append(", norm_type=").append(PythonText.number(options.normType));
    }
    if (options.scaleGradByFreq) text.append(", scale_grad_by_freq=True");
    if (options.sparse) text.append(", sparse=True");
    return text.toString();
  }
}
