package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;

/// The tutorial's model: an LSTM reads each sequence, and a linear layer turns its last output into
/// the answer. For a yes-or-no question the answer is one logit.
public final class LSTMModel extends Module {
  private final LSTM lstm;
  private final Linear fc;

  /// A model with weights drawn from the default generator.
  ///
  /// @param inputSize the features of a step
  /// @param hiddenSize the width of each LSTM layer
  /// @param numLayers how many LSTM layers are stacked
  /// @param outputSize the numbers in an answer
  public LSTMModel(int inputSize, int hiddenSize, int numLayers, int outputSize) {
    lstm =
        register(
            "lstm", new LSTM(inputSize, hiddenSize, o -> o.numLayers(numLayers).batchFirst(true)));
    fc = register("fc", new Linear(hiddenSize, outputSize));
  }

  /// Answers for a batch of sequences.
  ///
  /// @param x (batch, steps, features)
  /// @return (batch, outputs)
  public Tensor forward(Tensor x) {
    return fc.forward(lstm.forward(x).output().select(1, -1));
  }
}
