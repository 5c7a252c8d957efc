package dev.pantorch.nn;

import java.util.Objects;

/// Options that all layers of a {@link Transformer} have.
///
/// @param <S> the options of the layer, for chaining
public abstract class TransformerOptions<S extends TransformerOptions<S>> extends LayerOptions<S> {
  long dimFeedforward = 2048;
  double dropout = 0.1;
  Activation activation = Activation.RELU;
  double layerNormEps = 1e-5;
  boolean batchFirst;
  boolean normFirst;
  boolean bias = true;

  TransformerOptions() {}

  /// The features between the two linear layers.
  ///
  /// @param dimFeedforward their number; 2048 unless set
  /// @return these options
  public S dimFeedforward(long dimFeedforward) {
    this.dimFeedforward = dimFeedforward;
    return self();
  }

  /// Sets values to 0 in training.
  ///
  /// @param dropout the probability of it; 0.1 unless set
  /// @return these options
  public S dropout(double dropout) {
    this.dropout = dropout;
    return self();
  }

  /// What is computed between the two linear layers.
  ///
  /// @param activation a function; {@link Activation#RELU} unless set
  /// @return these options
  public S activation(Activation activation) {
    this.activation = Objects.requireNonNull(activation, "activation");
    return self();
  }

  /// What is added to the variance in normalisation.
  ///
  /// @param layerNormEps 1e-5 unless set
  /// @return these options
  public S layerNormEps(double layerNormEps) {
    this.layerNormEps = layerNormEps;
    return self();
  }

  /// Puts the batch before the sequence.
  ///
  /// @param batchFirst whether to; false unless set
  /// @return these options
  public S batchFirst(boolean batchFirst) {
    this.batchFirst = batchFirst;
    return self();
  }

  /// Normalises before attention and linear layers instead of after them.
  ///
  /// @param normFirst whether to; false unless set
  /// @return these options
  public S normFirst(boolean normFirst) {
    this.normFirst = normFirst;
    return self();
  }

  /// Whether linear layers and normalisation learn summands.
  ///
  /// @param bias true unless set
  /// @return these options
  public S bias(boolean bias) {
    this.bias = bias;
    return self();
  }

  /// Takes over all settings of other options.
  final S all(TransformerOptions<?> other) {
    dimFeedforward = other.dimFeedforward;
    dropout = other.dropout;
    activation = other.activation;
    layerNormEps = other.layerNormEps;
    batchFirst = other.batchFirst;
    normFirst = other.normFirst;
    bias = other.bias;
    return like(other);
  }

  final MultiheadAttention attention(long dModel, long nhead) {
    return new MultiheadAttention(
        dModel, nhead, o -> o.dropout(dropout).bias(bias).batchFirst(batchFirst).like(this));
  }

  final Linear linear(long inFeatures, long outFeatures) {
    return new Linear(inFeatures, outFeatures, o -> o.bias(bias).like(this));
  }

  final LayerNorm norm(long dModel) {
    return new LayerNorm(dModel, o -> o.eps(layerNormEps).bias(bias).like(this));
  }
}
