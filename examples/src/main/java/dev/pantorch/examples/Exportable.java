package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A model of another example with its data, and what it takes to try it elsewhere.
///
/// @param <M> the model's class
interface Exportable<M extends Module> {
  /// The example's name.
  String name();

  /// Trains as the example does, perhaps for fewer epochs.
  ///
  /// @param checkpoint the safetensors file for the weights
  void train(Path checkpoint) throws IOException;

  /// A model with weights drawn from the default generator.
  M newModel();

  /// What the model answers.
  List<Tensor> answer(M model, List<Tensor> inputs);

  /// Inputs of the test part.
  ///
  /// @param batch how many samples
  /// @param steps how long the longest is; the others are shorter where lengths may differ
  List<Tensor> inputs(int batch, int steps);

  /// All inputs when the first is given.
  List<Tensor> inputs(Tensor first);

  /// Names of the inputs, each with the dimensions that may have any size.
  List<Map.Entry<String, Map<Integer, String>>> axes();

  List<String> outputNames();

  /// The first batches of the training part: inputs, then targets.
  List<List<Tensor>> batches(int count);

  /// What training minimizes.
  Tensor loss(M model, List<Tensor> batch);

  double learningRate();

  /// F1 on the test part; of more than two classes, the mean of theirs.
  double f1(M model);
}
