/// Layers, losses and everything that models are built of: `torch.nn`.
///
/// A model is a plain Java class that extends {@link dev.pantorch.nn.Module}, registers its layers
/// in the constructor and has a `forward` of whatever signature it needs:
///
/// ```java
/// class LSTMModel extends Module {
///   final LSTM lstm;
///   final Linear fc;
///
///   LSTMModel(int inputSize, int hiddenSize, int numLayers, int outputSize) {
///     lstm =
///         register("lstm", new LSTM(inputSize, hiddenSize, o -> o.numLayers(numLayers).batchFirst(true)));
///     fc = register("fc", new Linear(hiddenSize, outputSize));
///   }
///
///   Tensor forward(Tensor x) {
///     return fc.forward(lstm.forward(x).output().select(1, -1));
///   }
/// }
/// ```
///
/// Constructors draw initial weights by the same calls in the same order as Python's, so one seed
/// gives the same bits in both. `java.lang` has a class `Module` of its own: import {@link
/// dev.pantorch.nn.Module} by name.
///
/// [torch.nn](https://docs.pytorch.org/docs/2.13/nn.html)
@NullMarked
package dev.pantorch.nn;

import org.jspecify.annotations.NullMarked;
