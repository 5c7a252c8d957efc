package dev.pantorch.nn;

import dev.pantorch.ValueException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Options that all layers of a {@link Transformer} have.
///
/// @param <S> the options of the layer, for chaining
public abstract class TransformerOptions<S extends TransformerOptions<S>> extends LayerOptions<S> {
  long dimFeedforward = 2048;
  double dropout = 0.1;
  Activation activation = Activation.RELU;
  @Nullable Layer activationLayer;
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
    activationLayer = null;
    return self();
  }

  /// What is computed between the two linear layers, as a layer that becomes part of this one: its
  /// parameters are learned and saved under `activation`. A stack copies a {@link PReLU}, and
  /// shares a layer without state.
  ///
  /// @param activation a layer whose output has its input's shape
  /// @return these options
  public S activation(Layer activation) {
    activationLayer = Objects.requireNonNull(activation, "activation");
    this.activation = activation::forward;
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
    activationLayer = other.activationLayer;
    layerNormEps = other.layerNormEps;
    batchFirst = other.batchFirst;
    normFirst = other.normFirst;
    bias = other.bias;
    return like(other);
  }

  /// The same with an activation for another layer, which gets its values afterwards.
  final S ownActivation() {
    Layer layer = activationLayer;
    if (layer == null || layer.stateDict().isEmpty()) return self();
    if (layer instanceof PReLU slopes) return activation(slopes.another());
    throw new ValueException(
        "a stack copies its layer, and cannot copy the state of a %s in it: give the activation as a function"
            .formatted(layer.simpleName()));
  }

  // Identity decides, as in Python: another function that computes the same is not recognised.
  @SuppressWarnings("ReferenceEquality")
  final boolean isRelu() {
    return activation == Activation.RELU || activationLayer instanceof ReLU;
  }

  @SuppressWarnings("ReferenceEquality") // as above
  final boolean isGelu() {
    return activation == Activation.GELU || activationLayer instanceof GELU;
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
