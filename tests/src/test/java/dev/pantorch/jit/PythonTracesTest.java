package dev.pantorch.jit;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.Structure;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.TransformerEncoderLayer;
import dev.pantorch.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Traces go both ways between Java and Python with their bits, keys and modes. Needs a Python with
/// PyTorch:
///
/// ```
/// mvn verify -P with-python -Dpython=/path/to/python
/// ```
@EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
class PythonTracesTest {
  private static final int SEED = 5;

  @TempDir private Path folder;

  static final class Classifier extends Module {
    final LSTM lstm = register("lstm", new LSTM(5, 8, o -> o.numLayers(2).batchFirst(true)));
    final BatchNorm1d norm = register("norm", new BatchNorm1d(8));
    final Dropout dropout = register("dropout", new Dropout(0.3));
    final Linear fc = register("fc", new Linear(8, 1));

    Tensor forward(Tensor x) {
      Tensor last = lstm.forward(x).output().select(1, -1);
      return fc.forward(dropout.forward(norm.forward(last)));
    }
  }

  static final class Tagger extends Module {
    final Embedding embed = register("embed", new Embedding(20, 6));
    final GRU gru = register("gru", new GRU(6, 5, o -> o.bidirectional(true).batchFirst(true)));
    final LayerNorm norm = register("norm", new LayerNorm(10));
    final Linear fc = register("fc", new Linear(10, 4));

    Map<String, Tensor> forward(Tensor words) {
      var read = gru.forward(embed.forward(words));
      Map<String, Tensor> out = new LinkedHashMap<>();
      out.put("scores", fc.forward(norm.forward(read.output())));
      out.put("last", read.state().h());
      return out;
    }
  }

  record Attended(Tensor output, Tensor weights) {}

  static final class Pair extends Module {
    final MultiheadAttention attention =
        register("attention", new MultiheadAttention(8, 2, o -> o.batchFirst(true)));

    Attended forward(Tensor query, Tensor memory) {
      var out = attention.forward(query, memory, memory);
      return new Attended(out.attnOutput().mul_(2), requireNonNull(out.attnOutputWeights()));
    }
  }

  private static Sequential conv() {
    return new Sequential(
        new Conv2d(1, 4, 3, o -> o.padding(1)),
        new BatchNorm2d(4),
        new ReLU(),
        new MaxPool2d(2),
        new Flatten(),
        new Linear(64, 3));
  }

  private static Object[] inputs(Tensor... inputs) {
    return inputs;
  }

  @Test
  void should_run_in_python_what_java_has_traced() throws IOException, InterruptedException {
    Torch.manualSeed(1);
    for (boolean training : new boolean[] {true, false}) {
      Object[] steps = inputs(Torch.randn(4, 6, 5));
      trace("lstm", new Classifier(), training, steps, inputs(Torch.randn(3, 9, 5)));
      Object[] words = inputs(Torch.randint(0, 20, 3, 7));
      trace("tagger", new Tagger(), training, words, inputs(Torch.randint(0, 20, 2, 4)));
      trace(
          "conv",
          conv(),
          training,
          inputs(Torch.randn(2, 1, 8, 8)),
          inputs(Torch.randn(5, 1, 8, 8)));
      trace(
          "pair",
          new Pair(),
          training,
          inputs(Torch.randn(2, 5, 8), Torch.randn(2, 3, 8)),
          inputs(Torch.randn(4, 5, 8), Torch.randn(4, 3, 8)));
      trace(
          "encoder",
          new TransformerEncoderLayer(8, 2, o -> o.dimFeedforward(16).batchFirst(true)),
          training,
          inputs(Torch.randn(2, 5, 8)),
          inputs(Torch.randn(3, 5, 8)));
    }
    assertThat(Python.run("check_traces.py", folder))
        .contains("10 traces compute in Python what they compute in Java");
  }

  private void trace(String kind, Module module, boolean training, Object[] example, Object[] other)
      throws IOException {
    String name = kind + (training ? "-train" : "-eval");
    module.train(training);
    ScriptModule traced = Jit.trace(module, o -> o.checkTrace(false).strict(false), example);
    traced.save(folder.resolve(name + ".pt"));
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    module.stateDict().forEach((key, value) -> tensors.put("state." + key, Torch.clone(value)));
    tensors.put("training", Torch.tensor(training ? 1L : 0L));
    tensors.put("seed", Torch.tensor((long) SEED));
    record("", tensors, traced, example);
    record("other.", tensors, traced, other);
    Safetensors.save(folder.resolve(name + ".safetensors"), tensors);
  }

  /// Runs from the state that the file has: training changes running statistics.
  private static void record(
      String prefix, Map<String, Tensor> tensors, ScriptModule traced, Object[] inputs) {
    Torch.manualSeed(SEED);
    number(prefix + "x", List.of(inputs), tensors);
    number(prefix + "y", Structure.tensors(traced.call(inputs)), tensors);
  }

  private static void number(String name, List<?> values, Map<String, Tensor> into) {
    for (int i = 0; i < values.size(); i++) {
      into.put(i == 0 ? name : name + i, ((Tensor) values.get(i)).detach().contiguous());
    }
  }

  @Test
  void should_run_what_python_has_traced_and_scripted() throws IOException, InterruptedException {
    assertThat(Python.run("trace_models.py", folder)).contains("14 models are traced");
    int run = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path path : files.filter(file -> file.toString().endsWith(".pt")).sorted().toList()) {
        check(path);
        run++;
      }
    }
    assertThat(run).isEqualTo(14);
  }

  private static void check(Path path) throws IOException {
    String name = path.getFileName().toString();
    Map<String, Tensor> tensors =
        Safetensors.load(path.resolveSibling(name.replace(".pt", ".safetensors")));
    ScriptModule module = Jit.load(path);
    Map<String, Tensor> state = module.stateDict();
    assertThat(tensors.keySet().stream().filter(key -> key.startsWith("state.")))
        .as(name)
        .containsExactlyInAnyOrderElementsOf(
            state.keySet().stream().map("state."::concat).toList());
    state.forEach((key, value) ->
        assertThat(value).as(name).isBitEqualTo(requireNonNull(tensors.get("state." + key))));
    assertThat(module.isTraining()).as(name).isEqualTo(name.contains("-train"));
    for (String prefix : List.of("", "other.")) {
      Torch.manualSeed(SEED);
      List<Tensor> outputs =
          Structure.tensors(module.call(numbered(prefix + "x", tensors).toArray()));
      List<Tensor> expected = numbered(prefix + "y", tensors);
      assertThat(outputs).as(name).hasSameSizeAs(expected);
      for (int i = 0; i < outputs.size(); i++) {
        assertThat(outputs.get(i)).as(name).isBitEqualTo(expected.get(i));
      }
    }
  }

  private static List<Tensor> numbered(String name, Map<String, Tensor> tensors) {
    return Stream.iterate(0, i -> i + 1)
        .<@Nullable Tensor>map(i -> tensors.get(i == 0 ? name : name + i))
        .takeWhile(tensor -> tensor != null)
        .map(tensor -> requireNonNull(tensor))
        .toList();
  }
}
