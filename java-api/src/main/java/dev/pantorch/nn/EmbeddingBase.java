package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.jit.ScriptObject;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What tables of vectors have in common, whether these are read one by one or in bags.
abstract class EmbeddingBase extends Layer {
  final long numEmbeddings;
  final long embeddingDim;
  final @Nullable Long paddingIdx;
  private Tensor weight;
  private @Nullable QuantizedRows quantized;

  /// Options that all tables have.
  ///
  /// @param <S> the options of the layer, for chaining
  abstract static class Options<S extends Options<S>> extends LayerOptions<S> {
    @Nullable Long paddingIdx;
    @Nullable Double maxNorm;
    double normType = 2;
    boolean scaleGradByFreq;
    boolean sparse;
    private boolean freeze;

    Options() {}

    /// Which norm `maxNorm` means.
    ///
    /// @param normType the p of the p-norm, 2 unless set
    /// @return these options
    public S normType(double normType) {
      this.normType = normType;
      return self();
    }

    /// Divides the gradient of each row by how often the batch reads it. Not for the maximum of
    /// bags.
    ///
    /// @param scale false unless set
    /// @return these options
    public S scaleGradByFreq(boolean scale) {
      this.scaleGradByFreq = scale;
      return self();
    }

    /// Makes the gradient of the table a sparse tensor. Of the optimizers, SGD takes these. Not for
    /// the maximum of bags.
    ///
    /// @param sparse false unless set
    /// @return these options
    public S sparse(boolean sparse) {
      this.sparse = sparse;
      return self();
    }

    /// Records no gradients for the table.
    ///
    /// @param freeze false unless set; `fromPretrained` has true
    /// @return these options
    public S freeze(boolean freeze) {
      this.freeze = freeze;
      return self();
    }
  }

  /// @param table the table, or null for one that is drawn
  EmbeddingBase(long numEmbeddings, long embeddingDim, Options<?> options, @Nullable Tensor table) {
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    Long padding = options.paddingIdx;
    paddingIdx = padding == null ? null : row(padding, numEmbeddings);
    Tensor rows =
        table != null ? table : Torch.empty(options.tensors(), numEmbeddings, embeddingDim);
    weight = registerParameter("weight", rows, !options.freeze);
    if (table == null) resetParameters();
  }

  /// The row that a possibly negative number means.
  static long row(long index, long rows) {
    if (index >= rows || index < -rows) {
      throw new ValueException(
          "Padding_idx must be within num_embeddings: %d of %d".formatted(index, rows));
    }
    return index < 0 ? index + rows : index;
  }

  /// The shape of a table that is given.
  static long[] shape(Tensor embeddings) {
    long[] shape = embeddings.shape();
    if (shape.length != 2) {
      throw new ValueException("Embeddings parameter is expected to be 2-dimensional");
    }
    return shape;
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

  final @Nullable QuantizedRows quantized() {
    return quantized;
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
}
