package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Checkpoint;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Adam;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Hands a model to Python, which answers and trains on, and takes it back.
///
/// @param example the model
/// @param python has PyTorch
/// @param folder where the files go
/// @param <M> the model's class
record PythonRelay<M extends Module>(Exportable<M> example, PythonWithTorch python, Path folder) {
  /// Of training in Java, then in Python, then in Java again.
  static final int STEPS = 20;

  private static final List<String> SCRIPTS =
      List.of(
          "export.py",
          "rain.py",
          "spam.py",
          "tagging.py",
          "crf.py",
          "example_data.py",
          "length_buckets.py");

  /// How much is not the same.
  ///
  /// @param answers the largest difference between an answer in Python and here
  /// @param weights the largest difference between a weight that was trained here and there, and
  ///   one that was trained here all the time
  record Result(double answers, double weights) {}

  /// A model and what trains it.
  private record Training<M extends Module>(M model, Adam optimizer) {}

  Result run(Map<String, Tensor> state, List<Tensor> inputs, List<Tensor> outputs)
      throws IOException {
    Torch.save(state, folder.resolve("model.pt"));
    Torch.save(Map.of("inputs", inputs, "outputs", outputs), folder.resolve("answers.pt"));

    List<List<Tensor>> batches = example.batches(3 * STEPS);
    List<List<Tensor>> ofPython = batches.subList(STEPS, 2 * STEPS);
    Training<M> all = training(state);
    train(all, 1, batches.subList(0, STEPS));
    Torch.save(
        Map.of(
            "model",
            all.model.stateDict(),
            "optimizer",
            all.optimizer.stateDict(),
            "seed",
            2,
            "batches",
            ofPython),
        folder.resolve("training.pt"));
    train(all, 2, ofPython);
    train(all, 3, batches.subList(2 * STEPS, 3 * STEPS));

    List<String> said =
        python.run(scripts().resolve("export.py").toString(), example.name(), folder.toString());

    Checkpoint checkpoint = Torch.load(folder.resolve("resumed.pt"));
    Training<M> resumed = training(checkpoint.stateDict("model"));
    resumed.optimizer.loadStateDict(checkpoint.map("optimizer"));
    train(resumed, 3, batches.subList(2 * STEPS, 3 * STEPS));
    return new Result(
        Double.parseDouble(said.getLast()),
        difference(resumed.model.stateDict(), all.model.stateDict()));
  }

  private Training<M> training(Map<String, Tensor> state) {
    M model = example.newModel();
    model.loadStateDict(state);
    model.train();
    return new Training<>(model, new Adam(model.parameters(), o -> o.lr(example.learningRate())));
  }

  /// As export.py does.
  private void train(Training<M> training, long seed, List<List<Tensor>> batches) {
    Torch.manualSeed(seed);
    for (List<Tensor> batch : batches) {
      try (var scope = TensorScope.open()) {
        training.optimizer.zeroGrad();
        example.loss(training.model, batch).backward();
        clipGradNorm_(training.model.parameters(), 1.0);
        training.optimizer.step();
      }
    }
  }

  private static double difference(Map<String, Tensor> some, Map<String, Tensor> others) {
    double largest = 0;
    for (Map.Entry<String, Tensor> each : some.entrySet()) {
      Tensor other = Objects.requireNonNull(others.get(each.getKey()));
      largest = Math.max(largest, each.getValue().sub(other).abs().max().item());
    }
    return largest;
  }

  /// The Python programs of the examples, for anybody to run.
  private Path scripts() throws IOException {
    Path scripts = Files.createDirectories(folder.resolveSibling("python"));
    for (String name : SCRIPTS) {
      try (InputStream in = PythonRelay.class.getResourceAsStream("python/" + name)) {
        Files.copy(
            Objects.requireNonNull(in), scripts.resolve(name), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return scripts;
  }
}
