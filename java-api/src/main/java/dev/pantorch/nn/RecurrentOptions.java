package dev.pantorch.nn;

/// Options that all recurrent layers have.
///
/// @param <S> the options of the layer, for chaining
public abstract class RecurrentOptions<S extends RecurrentOptions<S>> extends LayerOptions<S> {
  int numLayers = 1;
  boolean bias = true;
  boolean batchFirst;
  double dropout;
  boolean bidirectional;

  RecurrentOptions() {}

  /// How many layers are stacked: each reads the outputs of the one below.
  ///
  /// @param numLayers 1 unless set
  /// @return these options
  public S numLayers(int numLayers) {
    this.numLayers = numLayers;
    return self();
  }

  /// Whether biases are learned.
  ///
  /// @param bias true unless set
  /// @return these options
  public S bias(boolean bias) {
    this.bias = bias;
    return self();
  }

  /// Whether inputs and outputs are (batch, sequence, feature) instead of (sequence, batch,
  /// feature). States are not concerned.
  ///
  /// @param batchFirst false unless set
  /// @return these options
  public S batchFirst(boolean batchFirst) {
    this.batchFirst = batchFirst;
    return self();
  }

  /// Drops elements of the outputs of every layer but the last, in training.
  ///
  /// @param dropout the probability, 0 unless set
  /// @return these options
  public S dropout(double dropout) {
    this.dropout = dropout;
    return self();
  }

  /// Whether a second set of weights reads each sequence backwards, and outputs are twice as wide.
  ///
  /// @param bidirectional false unless set
  /// @return these options
  public S bidirectional(boolean bidirectional) {
    this.bidirectional = bidirectional;
    return self();
  }
}
