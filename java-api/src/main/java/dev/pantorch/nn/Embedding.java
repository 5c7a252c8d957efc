package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.jit.ScriptObject;
import java.util.SequencedMap;
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
public final class Embedding extends Layer {
  private final long numEmbeddings;
  private final long embeddingDim;
  private final Options options;
  private final @Nullable Long paddingIdx;
  private Tensor weight;
  private @Nullable QuantizedRows quantized;

  /// Options of {@link Embedding}.
  public static final class Options extends LayerOptions<Options> {
    private @Nullable Long paddingIdx;
    private @Nullable Double maxNorm;
    private double normType = 2;
    private boolean scaleGradByFreq;
    private boolean sparse;
    private boolean freeze;

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

    /// Which norm {@link #maxNorm} means.
    ///
    /// @param normType the p of the p-norm, 2 unless set
    /// @return these options
    public Options normType(double normType) {
      this.normType = normType;
      return this;
    }

    /// Divides the gradient of each row by how often the batch reads it.
    ///
    /// @param scale false unless set
    /// @return these options
    public Options scaleGradByFreq(boolean scale) {
      this.scaleGradByFreq = scale;
      return this;
    }

    /// Makes the gradient of the table a sparse tensor. Of the optimizers, SGD takes these.
    ///
    /// @param sparse false unless set
    /// @return these options
    public Options sparse(boolean sparse) {
      this.sparse = sparse;
      return this;
    }

    /// Records no gradients for the table.
    ///
    /// @param freeze false unless set; {@link Embedding#fromPretrained} has true
    /// @return these options
    public Options freeze(boolean freeze) {
      this.freeze = freeze;
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
    resetParameters();
  }

  private Embedding(
      long numEmbeddings, long embeddingDim, Options options, @Nullable Tensor table) {
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.options = options;
    Long padding = options.paddingIdx;
    this.paddingIdx = padding == null ? null : row(padding, numEmbeddings);
    Tensor rows =
        table != null ? table : Torch.empty(options.tensors(), numEmbeddings, embeddingDim);
    weight = registerParameter("weight", rows, !options.freeze);
  }

  /// The row that a possibly negative number means.
  static long row(long index, long rows) {
    if (index >= rows || index < -rows) {
      throw new ValueException(
          "Padding_idx must be within num_embeddings: %d of %d".formatted(index, rows));
    }
    return index < 0 ? index + rows : index;
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
    long[] shape = embeddings.shape();
    if (shape.length != 2) {
      throw new ValueException("Embeddings parameter is expected to be 2-dimensional");
    }
    Options options = LayerOptions.configure(new Options().freeze(true), settings);
    return new Embedding(shape[0], shape[1], options, embeddings);
  }

  /// Draws the table anew.
  public void resetParameters() {
    Init.normal_(weight);
    if (paddingIdx != null) {
      long row = paddingIdx;
      Torch.noGrad(() -> weight.select(0, row).fill_(0));
    }
  }

  /// The table.
  ///
  /// @return the parameter $(rows, H)$
  public Tensor weight() {
    return weight;
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
    QuantizedRows packed = quantized;
    return packed != null
        ? packed.embedding(indices)
        : Functional.embedding(
            indices,
            weight,
            paddingIdx,
            options.maxNorm,
            options.normType,
            options.scaleGradByFreq,
            options.sparse);
  }

  @Override
  boolean isQuantizable(DType dtype) {
    return dtype == DType.QUINT8 || dtype == DType.QUINT4X2;
  }

  @Override
  boolean isDynamicallyQuantized() {
    return quantized != null;
  }

  @Override
  String quantizedName(String own) {
    return quantized == null ? own : "Quantized" + own;
  }

  @Override
  void quantize(DType dtype) {
    if (options.maxNorm != null) {
      throw new ValueException(
          "Embedding with max_norm cannot be quantized: the kernels do not renormalize rows");
    }
    quantizeMember("weight", dtype);
    quantized = new QuantizedRows(weight);
  }

  @Override
  void repack() {
    if (quantized != null) quantized = new QuantizedRows(weight);
  }

  @Override
  void adopt(String name, Tensor value) {
    if (name.equals("weight")) weight = value;
  }

  @Override
  SequencedMap<String, ScriptObject> packed() {
    SequencedMap<String, ScriptObject> own = super.packed();
    ScriptObject packed = quantized == null ? null : quantized.packed();
    if (packed != null) own.put("_packed_params", packed);
    return own;
  }

  @Override
  boolean isPacked(String name) {
    return quantized != null && quantized.packed() != null;
  }

  @Override
  protected String extraRepr() {
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
