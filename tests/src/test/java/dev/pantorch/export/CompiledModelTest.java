package dev.pantorch.export;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.io.Safetensors;
import dev.pantorch.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Packages that Python has compiled on this machine compute here what they compute there. Needs a
/// Python with PyTorch, and a C++ compiler:
///
/// ```
/// mvn verify -P with-python -Dpython=/path/to/python
/// ```
@EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
class CompiledModelTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void compile() throws IOException, InterruptedException {
    assertThat(Python.run("packages.py", folder)).contains("packages are compiled");
  }

  private static Path file(String name) {
    return folder.resolve(name + ".pt2");
  }

  private static AOTICompiledModel model(String name) throws IOException {
    return AOTInductor.loadPackage(file(name));
  }

  private static Map<String, Tensor> tensors(String name) throws IOException {
    return Safetensors.load(folder.resolve(name + ".safetensors"));
  }

  private static Tensor tensor(@Nullable Object value) {
    return (Tensor) requireNonNull(value);
  }

  @Test
  void should_compute_what_python_computes() throws IOException {
    for (String name : List.of("dynamic", "static")) {
      Map<String, Tensor> tensors = tensors(name);
      try (AOTICompiledModel model = model(name)) {
        Tensor x = tensor(tensors.get("x0"));
        Tensor scale = tensor(tensors.get("x1"));
        assertThat(tensor(model.call(x, scale))).isBitEqualTo(tensor(tensors.get("y0")));
        assertThat(tensor(model.run(List.of(x, scale)).getFirst()))
            .isBitEqualTo(tensor(tensors.get("y0")));
      }
    }
  }

  @Test
  void should_check_inputs_before_the_call() throws IOException {
    Map<String, Tensor> tensors = tensors("static");
    try (AOTICompiledModel fixed = model("static");
        AOTICompiledModel dynamic = model("dynamic")) {
      Tensor x = tensor(tensors.get("x0")).narrow(0, 0, 3);
      Tensor scale = tensor(tensors.get("x1")).narrow(0, 0, 3);
      assertThatThrownBy(() -> fixed.call(x, scale))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "argument 0 has shape [3, 3]; the package takes [4, 3] there: give it that size, or"
                  + " export the model again with dynamic_shapes that include this one");
      assertThat(tensor(dynamic.call(x, scale)))
          .isBitEqualTo(tensor(dynamic.call(Torch.clone(x), Torch.clone(scale))));
      assertThat(dynamic.inputs().toString())
          .isEqualTo("[float32 [2..64, 3] on cpu, float32 [2..64, 1] on cpu]");
    }
  }

  @Test
  void should_return_what_is_nested() throws IOException {
    Map<String, Tensor> tensors = tensors("lstm");
    try (AOTICompiledModel model = model("lstm")) {
      Map<?, ?> out = (Map<?, ?>) requireNonNull(model.call(tensor(tensors.get("x0"))));
      assertThat(out.keySet().toString()).isEqualTo("[y, ends]");
      assertThat(tensor(out.get("y"))).isBitEqualTo(tensor(tensors.get("y0")));
      List<?> ends = (List<?>) requireNonNull(out.get("ends"));
      assertThat(tensor(ends.get(0))).isBitEqualTo(tensor(tensors.get("y1")));
      assertThat(tensor(ends.get(1))).isBitEqualTo(tensor(tensors.get("y2")));
      assertThat(model.metadata()).containsEntry("author", "a test").containsKey("AOTI_CPU_ISA");
      assertThatThrownBy(() -> model.forward(tensor(tensors.get("x0"))))
          .isInstanceOf(TypeException.class)
          .hasMessage("the model does not return one tensor; use call(...)");
    }
    try (AOTICompiledModel model = model("nested")) {
      Map<Object, Tensor> inputs = new LinkedHashMap<>();
      inputs.put(7, Torch.full(new long[] {2, 3}, 2.0));
      inputs.put("x", Torch.ones(2, 3));
      List<Tensor> pair = List.of(Torch.ones(4), Torch.ones(1));
      Map<String, Object> named = Map.of("scale", Torch.tensor(5f), "times", 3);
      Map<?, ?> out = (Map<?, ?>) requireNonNull(model.callNamed(List.of(inputs, pair), named));
      assertThat(tensor(out.get("sum"))).hasValues(3, 3, 3, 3, 3, 3);
      assertThat(tensor(out.get("times"))).hasValues(3, 3, 3, 3, 3, 3);
      List<?> rest = (List<?>) requireNonNull(out.get("rest"));
      assertThat(tensor(rest.get(0))).hasValues(5, 5, 5, 5);
      List<?> inner = (List<?>) requireNonNull(rest.get(1));
      assertThat(tensor(inner.get(0))).hasValues(2);
      assertThat(inner.get(1)).isNull();
    }
  }

  @Test
  void should_choose_a_model() throws IOException {
    assertThat(AOTInductor.modelNames(file("two"))).containsExactlyInAnyOrder("double", "linear");
    try (AOTICompiledModel model =
        AOTInductor.loadPackage(file("two"), o -> o.modelName("double"))) {
      assertThat(model.forward(Torch.ones(2, 2))).hasValues(2, 2, 2, 2);
    }
    assertThatThrownBy(() -> model("two"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be loaded: it has no model 'model'; it has [");
  }

  // Weights.

  private static Map<String, Tensor> weights(AOTICompiledModel model) throws IOException {
    Map<String, Tensor> weights = new LinkedHashMap<>(tensors("weights"));
    weights.keySet().retainAll(model.constantFqns());
    return weights;
  }

  @Test
  void should_replace_weights() throws IOException {
    Map<String, Tensor> tensors = tensors("weights");
    try (AOTICompiledModel model = model("weights")) {
      Tensor x = tensor(tensors.get("x0"));
      assertThat(model.constantFqns())
          .containsExactly(
              "fc.bias",
              "fc.weight",
              "mean",
              "norm.bias",
              "norm.running_mean",
              "norm.running_var",
              "norm.weight");
      assertThat(model.forward(x)).isBitEqualTo(tensor(tensors.get("y0")));
      Map<String, Tensor> others = weights(model);
      // Laid out otherwise than the model has it.
      others.compute("fc.weight", (name, weight) -> requireNonNull(weight).t().contiguous().t());
      try (var scope = TensorScope.open()) {
        model.loadConstants(others);
      }
      assertThat(model.forward(x)).isBitEqualTo(tensor(tensors.get("other")));
      model.updateConstants(Map.of("norm.weight", Torch.zeros(20), "norm.bias", Torch.ones(20)));
      assertThat(model.forward(x)).isBitEqualTo(Torch.ones(5, 20));
    }
  }

  @Test
  void should_say_all_that_is_wrong_with_weights() throws IOException {
    Map<String, Tensor> tensors = tensors("weights");
    try (AOTICompiledModel model = model("weights")) {
      Map<String, Tensor> weights = weights(model);
      weights.remove("mean");
      weights.put("norm.num_batches_tracked", Torch.tensor(0L));
      weights.put("fc.weight", Torch.ones(30, 20));
      weights.put("fc.bias", Torch.ones(DType.FLOAT64, 20));
      String unexpected =
          "Unexpected key(s): \"norm.num_batches_tracked\". A package lacks the weights that the"
              + " model does not use, and, unless it was compiled with"
              + " always_keep_tensor_constants, those of up to 8 elements.";
      assertThatThrownBy(() -> model.loadConstants(weights))
          .isInstanceOf(TorchException.class)
          .hasMessageStartingWith(
              "Error(s) in loading constants of model 'model':\n\tMissing key(s): \"mean\".\n\t"
                  + unexpected)
          .hasMessageContaining(
              "\n"
                  + "\tsize mismatch for fc.weight: copying a tensor with shape torch.Size([30,"
                  + " 20]), the shape in the package is torch.Size([20, 30]).")
          .hasMessageContaining(
              "\n"
                  + "\tdtype mismatch for fc.bias: copying a tensor of float64, the dtype in the"
                  + " package is float32.");
      assertThatThrownBy(
              () -> model.updateConstants(Map.of("norm.num_batches_tracked", Torch.tensor(0L))))
          .isInstanceOf(TorchException.class)
          .hasMessage("Error(s) in loading constants of model 'model':\n\t" + unexpected);
      assertThat(model.forward(tensor(tensors.get("x0")))).isBitEqualTo(tensor(tensors.get("y0")));
    }
  }

  /// The compiled code reads from address 0 without them.
  @Test
  void should_ask_for_weights_that_are_not_in_the_package() throws IOException {
    Map<String, Tensor> tensors = tensors("weights");
    try (AOTICompiledModel model = model("weightless")) {
      Tensor x = tensor(tensors.get("x0"));
      assertThatThrownBy(() -> model.forward(x))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith(
              "model 'model' was compiled without its weights; load them first with loadConstants,"
                  + " all of [fc.bias, ");
      assertThatThrownBy(() -> model.updateConstants(Map.of("fc.bias", Torch.ones(20))))
          .isInstanceOf(TorchException.class)
          .hasMessageContaining("Missing key(s): \"fc.weight\", ");
      model.loadConstants(weights(model));
      assertThat(model.forward(x)).isBitEqualTo(tensor(tensors.get("other")));
    }
  }

  // Lifetime.

  @Test
  void should_leave_outputs_valid_when_it_is_closed() throws IOException {
    Tensor x = Torch.randn(100);
    List<Tensor> outputs = new ArrayList<>();
    try (AOTICompiledModel model = model("itself")) {
      model.run(List.of(x)).forEach(y -> outputs.add(requireNonNull(y)));
    }
    // Memory that is given back is soon used again.
    for (int i = 0; i < 100; i++) Torch.zeros(100).close();
    assertThat(outputs.get(0).sub(x)).isCloseTo(outputs.get(1));
    assertThat(outputs.get(2).flatten()).isBitEqualTo(outputs.get(1));
    assertThat(outputs.get(3)).isBitEqualTo(x);
  }

  @Test
  void should_refuse_to_run_when_it_is_closed() throws IOException {
    AOTICompiledModel model = model("scores");
    model.close();
    model.close();
    assertThatThrownBy(() -> model.call(Torch.ones(2, 2, 5), Torch.ones(2, 2, 5)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the model of %s is closed".formatted(file("scores")));
  }

  @Test
  void should_leave_nothing_behind() throws IOException {
    List<Path> before = Unpacked.folders();
    long handles = NativeHandle.live();
    for (int i = 0; i < 20; i++) {
      try (AOTICompiledModel model = model("doubled");
          var scope = TensorScope.open()) {
        assertThat(Unpacked.folders()).hasSize(before.size() + 1);
        assertThat(model.forward(Torch.ones(4, 3)).sum()).hasValues(24);
      }
    }
    assertThat(Unpacked.folders()).isEqualTo(before);
    assertThat(NativeHandle.live()).isLessThanOrEqualTo(handles);
  }

  @Test
  void should_run_in_many_threads_while_weights_change() throws Exception {
    Map<String, Tensor> tensors = tensors("weights");
    Tensor x = tensor(tensors.get("x0")).keep();
    try (AOTICompiledModel model = AOTInductor.loadPackage(file("weights"), o -> o.numRunners(2));
        var executor = Executors.newFixedThreadPool(4)) {
      List<Map<String, Tensor>> choices =
          List.of(
              Map.of("norm.weight", Torch.zeros(20).keep(), "norm.bias", Torch.ones(20).keep()),
              Map.of("norm.weight", Torch.zeros(20).keep(), "norm.bias", Torch.zeros(20).keep()));
      model.updateConstants(choices.getFirst());
      Callable<Boolean> runs =
          () -> {
            for (int i = 0; i < 50; i++) {
              try (var scope = TensorScope.open()) {
                float[] values = model.forward(x).toFloatArray();
                // All of one version of the weights.
                assertThat(values).containsOnly(values[0]);
                assertThat(values[0]).isIn(0f, 1f);
              }
            }
            return true;
          };
      Callable<Boolean> changes =
          () -> {
            for (int i = 0; i < 50; i++) model.updateConstants(choices.get(i % 2));
            return true;
          };
      for (var result : executor.invokeAll(List.of(runs, runs, runs, changes))) {
        assertThat(result.get()).isTrue();
      }
    }
  }

  @Test
  void should_run_single_threaded() throws IOException {
    try (AOTICompiledModel model =
        AOTInductor.loadPackage(file("doubled"), o -> o.runSingleThreaded(true))) {
      assertThat(model.forward(Torch.ones(4, 3)).sum()).hasValues(24);
    }
    assertThatThrownBy(() -> AOTInductor.loadPackage(file("doubled"), o -> o.numRunners(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("numRunners is 0; expected 1 or more");
  }

  @Test
  void should_refuse_a_changed_package() throws IOException {
    byte[] whole = Files.readAllBytes(file("doubled"));
    Path broken = folder.resolve("broken.pt2");
    for (int i = 0; i < 16; i++) {
      byte[] changed = whole.clone();
      changed[whole.length / 17 * (i + 1)] ^= 1;
      Files.write(broken, changed);
      assertThatThrownBy(() -> AOTInductor.loadPackage(broken)).isInstanceOf(IOException.class);
      Files.write(broken, Arrays.copyOf(whole, whole.length / 17 * (i + 1)));
      assertThatThrownBy(() -> AOTInductor.loadPackage(broken)).isInstanceOf(IOException.class);
    }
  }
}
