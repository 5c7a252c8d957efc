package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.NamedTuple;
import dev.pantorch.jit.ScriptEnum;
import dev.pantorch.jit.ScriptException;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.optim.SGD;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Scripts that Python has saved: what they compute here is what they compute there.
class ScriptParityTest {
  private static final TensorFile TENSORS = Fixtures.tensors("script_modules.safetensors");

  private static ScriptModule script(String name) throws IOException {
    return Jit.load(file(name));
  }

  private static Path file(String name) {
    return Fixtures.folder().resolve("scripts").resolve(name + ".pt");
  }

  private static Tensor tensor(String name) {
    return TENSORS.tensor(name);
  }

  private static Tensor tensor(Object value) {
    return (Tensor) value;
  }

  @Test
  void should_compute_what_a_traced_model_computes_in_python() throws IOException {
    ScriptModule model = script("lstm_traced");
    assertThat(model.isTraining()).isFalse();
    assertThat(model.forward(tensor("lstm.x"))).isBitEqualTo(tensor("lstm.y"));
    assertThat(model.forward(tensor("lstm.other_x"))).isBitEqualTo(tensor("lstm.other_y"));
    assertThat(model.stateDict().keySet())
        .contains("lstm.weight_ih_l0", "lstm.bias_hh_l1", "fc.weight", "fc.bias")
        .hasSize(10);
  }

  @Test
  void should_load_from_a_stream_with_extra_files_to_a_device() throws IOException {
    Map<String, String> extra = new HashMap<>(Map.of("about.txt", "", "none.txt", ""));
    ScriptModule model;
    try (var in = Files.newInputStream(file("lstm_traced"))) {
      model = Jit.load(in, o -> o.mapLocation(Device.CPU).extraFiles(extra));
    }
    assertThat(extra).containsExactly(Map.entry("about.txt", "traced in Python"));
    assertThat(model.forward(tensor("lstm.x"))).isBitEqualTo(tensor("lstm.y"));
  }

  @Test
  void should_switch_modes_of_a_script() throws IOException {
    ScriptModule net = script("conv_scripted");
    assertThat(net.isTraining()).isTrue();
    net.eval();
    assertThat(net.attribute("training")).isEqualTo(false);
    assertThat(net.getSubmodule("drop").isTraining()).isFalse();
    assertThat(net.forward(tensor("conv.x"))).isBitEqualTo(tensor("conv.eval"));
    net.train();
    Torch.manualSeed(12);
    assertThat(net.forward(tensor("conv.x"))).isBitEqualTo(tensor("conv.train"));
    assertThat(net.getBuffer("norm.running_mean")).isBitEqualTo(tensor("conv.running_mean"));
  }

  @Test
  void should_train_a_script_as_python_does() throws IOException {
    ScriptModule net = script("conv_scripted");
    SGD optimizer = new SGD(net.parameters(), o -> o.lr(0.1));
    Torch.manualSeed(13);
    for (int i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      net.forward(tensor("conv.x")).square().mean().backward();
      optimizer.step();
    }
    net.stateDict()
        .forEach((name, value) -> assertThat(value).isBitEqualTo(tensor("trained." + name)));
    ScriptModule fresh = script("conv_scripted");
    fresh.loadStateDict(net.stateDict());
    fresh.eval();
    net.eval();
    assertThat(fresh.forward(tensor("conv.x"))).isBitEqualTo(net.forward(tensor("conv.x")));
  }

  @Test
  void should_freeze_optimize_and_copy() throws IOException {
    ScriptModule net = script("conv_scripted");
    assertThatThrownBy(net::freeze)
        .isInstanceOf(TorchException.class)
        .hasMessageContaining(
            "Freezing is currently only implemented for modules in eval mode. Please call .eval()"
                + " before freezing");
    net.eval();
    ScriptModule copy = net.copy();
    try (var mode = Torch.noGrad()) {
      net.getParameter("fc.bias").add_(1);
    }
    assertThat(copy.forward(tensor("conv.x"))).isBitEqualTo(tensor("conv.eval"));
    ScriptModule frozen = copy.freeze();
    assertThat(frozen.parameters()).isEmpty();
    assertThat(frozen.forward(tensor("conv.x"))).isCloseTo(tensor("conv.eval"));
    assertThat(copy.optimizeForInference().forward(tensor("conv.x")))
        .isCloseTo(tensor("conv.eval"));
  }

  @Test
  void should_show_source_and_graph() throws IOException {
    ScriptModule net = script("conv_scripted");
    assertThat(net.code()).contains("def forward(self,").contains("(fc).forward(");
    assertThat(net.graph().nodes()).extracting(n -> n.kind()).contains("prim::CallMethod");
    assertThat(net.inlinedGraph().nodes())
        .extracting(n -> n.kind())
        .doesNotContain("prim::CallMethod");
    assertThat(net).hasToString(net.toString()).asString().contains("original_name=ConvNet");
  }

  @Test
  void should_save_with_extra_files(@TempDir Path folder) throws IOException {
    ScriptModule model = script("lstm_traced");
    Path path = folder.resolve("model.pt");
    model.save(path, Map.of("notes.txt", "grüße"));
    Map<String, String> extra = new HashMap<>(Map.of("notes.txt", ""));
    ScriptModule again = Jit.load(path, o -> o.extraFiles(extra));
    assertThat(extra).containsEntry("notes.txt", "grüße");
    assertThat(again.forward(tensor("lstm.x"))).isBitEqualTo(tensor("lstm.y"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    model.save(bytes, Map.of());
    assertThat(
            Jit.load(new ByteArrayInputStream(bytes.toByteArray()), o -> {})
                .forward(tensor("lstm.x")))
        .isBitEqualTo(tensor("lstm.y"));
  }

  @Test
  void should_save_and_load_extra_files_that_are_no_texts(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("model.pt");
    byte[] binary = {0, -1, (byte) 0xC3, 10, 0};
    script("lstm_traced").save(path, Map.of("data.bin", binary, "note.txt", "text"));
    Map<String, byte[]> bytes = new HashMap<>();
    for (String name : List.of("data.bin", "note.txt", "none")) bytes.put(name, new byte[0]);
    Map<String, String> texts = new HashMap<>(Map.of("note.txt", ""));
    Jit.load(path, o -> o.extraFilesAsBytes(bytes).extraFiles(texts));
    assertThat(bytes).containsOnlyKeys("data.bin", "note.txt");
    assertThat(bytes.get("data.bin")).containsExactly(0, 0xFF, 0xC3, 10, 0);
    assertThat(bytes.get("note.txt")).isEqualTo("text".getBytes(StandardCharsets.UTF_8));
    assertThat(texts).containsExactly(Map.entry("note.txt", "text"));
    Map<String, String> wrong = new HashMap<>(Map.of("data.bin", ""));
    assertThatThrownBy(() -> Jit.load(path, o -> o.extraFiles(wrong)))
        .isInstanceOf(ValueException.class)
        .hasMessage("extra file 'data.bin' is no text in UTF-8; ask for it with extraFilesAsBytes");
    assertThatThrownBy(() -> script("lstm_traced").save(path, Map.of("n", 3)))
        .isInstanceOf(TypeException.class)
        .hasMessage("extra file 'n' is a java.lang.Integer; expected a String or a byte[]");
  }

  // Values: the methods of Kinds in script_modules.py say what they compute.

  @Test
  void should_pass_defaults_names_and_none() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    Tensor x = Torch.ones(2);
    assertThat(kinds.forward(x)).hasValues(2, 2);
    assertThat(tensor(requireNonNull(kinds.call(x, 3)))).hasValues(3, 3);
    Object biased = kinds.callNamed("forward", List.of(x), Map.of("bias", Torch.ones(2)));
    assertThat(tensor(requireNonNull(biased))).hasValues(3, 3);
    assertThat(kinds.callMethod("maybe", (Object) null)).isNull();
    assertThat(kinds.callMethod("maybe", 4)).isEqualTo(7L);
  }

  @Test
  void should_pass_scalars_and_texts() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    assertThat(kinds.callMethod("scalars", 1, 1.5, false, "hé"))
        .isEqualTo(List.of(2L, 3.0, true, "hé!"));
    assertThat(kinds.callMethod("complex_number", new Complex(1, 2))).isEqualTo(new Complex(-2, 1));
    assertThat(kinds.callMethod("place", Torch.ones(1))).isEqualTo(Device.CPU);
  }

  record IntAndTensor(int number, Tensor tensor) {}

  @Test
  void should_pass_containers() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    Map<String, Integer> numbers = new LinkedHashMap<>();
    numbers.put("one", 1);
    numbers.put("two", 2);
    List<?> result =
        (List<?>)
            requireNonNull(
                kinds.callMethod("containers", List.of(Torch.ones(2), Torch.ones(2)), numbers));
    assertThat(tensor(result.get(0))).hasValues(2, 2);
    assertThat(result.get(1)).isEqualTo(Map.of("one", 2L, "two", 4L));
    assertThat(result.get(2)).isEqualTo(List.of(1L, 2L));
    for (Object pair : List.of(List.of(3, Torch.ones(1)), new IntAndTensor(3, Torch.ones(1)))) {
      List<?> swapped = (List<?>) requireNonNull(kinds.callMethod("pair", pair));
      assertThat(tensor(swapped.get(0))).hasValues(1);
      assertThat(swapped.get(1)).isEqualTo(3L);
    }
    Map<String, Integer> empty = Map.of();
    assertThat(kinds.callMethod("containers", List.of(Torch.ones(1)), empty))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.LIST)
        .element(2)
        .isEqualTo(List.of());
  }

  @Test
  void should_pass_named_tuples_enums_and_objects() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    LinkedHashMap<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("x", Torch.ones(1));
    fields.put("label", "p");
    NamedTuple point =
        (NamedTuple) requireNonNull(kinds.callMethod("point", new NamedTuple("Point", fields)));
    assertThat(point.type()).endsWith("Point");
    assertThat(tensor(requireNonNull(point.get("x")))).hasValues(2);
    assertThat(point.get("label")).isEqualTo("p'");
    assertThatThrownBy(() -> point.get("y"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("has no field 'y'; it has [x, label]");
    ScriptEnum red = (ScriptEnum) requireNonNull(kinds.attribute("color"));
    assertThat(red.name()).isEqualTo("RED");
    ScriptEnum blue = (ScriptEnum) requireNonNull(kinds.callMethod("other_color", red));
    assertThat(blue).isEqualTo(new ScriptEnum(red.type(), "BLUE", 2L));
    assertThatThrownBy(
            () -> kinds.callMethod("other_color", new ScriptEnum(red.type(), "GREEN", 3)))
        .isInstanceOf(ValueException.class)
        .hasMessageContaining("has no member 'GREEN'");
    ScriptObject counter = (ScriptObject) requireNonNull(kinds.callMethod("counted", 5));
    assertThat(counter.callMethod("add", 2)).isEqualTo(7L);
    assertThat(counter.callMethod("add", 2)).isEqualTo(9L);
    assertThat(counter.typeName()).endsWith("Counter");
  }

  @Test
  void should_wait_for_futures() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    assertThat(tensor(requireNonNull(kinds.callMethod("later", Torch.ones(2))))).hasValues(-1, -1);
  }

  @Test
  void should_read_and_set_attributes() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    assertThat(kinds.attributeNames()).contains("limit", "names", "steps", "total");
    assertThat(kinds.attribute("names")).isEqualTo(List.of("a", "b"));
    assertThat(kinds.attribute("steps")).isEqualTo(7L);
    kinds.setAttribute("limit", 10);
    assertThat(kinds.callMethod("maybe", 4)).isEqualTo(14L);
    kinds.setAttribute("names", List.of("c"));
    assertThat(kinds.attribute("names")).isEqualTo(List.of("c"));
    assertThatThrownBy(() -> kinds.setAttribute("limit", "x"))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("Expected a value of type 'int' for field 'limit', but found 'str'");
    assertThatThrownBy(() -> kinds.setAttribute("none", 1))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("Module has no attribute 'none'");
    assertThatThrownBy(() -> kinds.attribute("none"))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("does not have a field with name 'none'");
  }

  @Test
  void should_see_buffers_that_a_script_has_put_in_place() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    kinds.callMethod("accumulate", Torch.ones(3));
    kinds.callMethod("accumulate", Torch.ones(3));
    assertThat(kinds.getBuffer("total")).hasValues(6);
    assertThat(requireNonNull(kinds.stateDict().get("total"))).hasValues(6);
    kinds.setAttribute("total", Torch.tensor(1f));
    assertThat(kinds.getBuffer("total")).hasValues(1);
  }

  // Errors.

  @Test
  void should_say_what_a_script_has_raised_and_where() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    assertThatThrownBy(() -> kinds.callMethod("checked", 9))
        .isInstanceOfSatisfying(
            ScriptException.class,
            e -> assertThat(e.originalMessage()).isEqualTo("9 is more than 3"))
        .hasMessageStartingWith("The following operation failed in the TorchScript interpreter.")
        .hasMessageContaining("in checked")
        .hasMessageContaining("9 is more than 3");
    assertThatThrownBy(() -> kinds.callMethod("mistaken", Torch.ones(3)))
        .isInstanceOf(ScriptException.class)
        .hasMessageContaining("torch.view(x, [7])")
        .hasMessageContaining("shape '[7]' is invalid for input of size 3");
  }

  @Test
  void should_say_what_does_not_fit_the_schema() throws IOException {
    ScriptModule kinds = script("kinds_scripted");
    assertThatThrownBy(() -> kinds.callMethod("scalars", 1, 1.5))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("scalars() is missing value for argument 'b'")
        .hasMessageContaining("Declaration: scalars(");
    assertThatThrownBy(() -> kinds.callMethod("checked", "nine"))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining(
            "Expected a value of type 'int' for argument 'n' but instead found type 'str'");
    assertThatThrownBy(() -> kinds.callMethod("checked", 1, 2, 3))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining(
            "Expected at most 2 argument(s) for operator 'checked', but received 4 argument(s)");
    assertThatThrownBy(() -> kinds.callMethod("nothing"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Method 'nothing' is not defined; there are [forward, ");
    assertThatThrownBy(() -> kinds.callMethod("checked", new Object()))
        .isInstanceOf(TorchException.class)
        .hasMessageStartingWith("a java.lang.Object cannot be passed to an operator");
  }

  @Test
  void should_refuse_what_is_no_script(@TempDir Path folder) throws IOException {
    assertThatThrownBy(() -> Jit.load(folder.resolve("none.pt")))
        .isInstanceOf(java.io.FileNotFoundException.class)
        .hasMessageEndingWith("none.pt does not exist");
    Path text = Files.writeString(folder.resolve("text.pt"), "no archive");
    assertThatThrownBy(() -> Jit.load(text))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("PytorchStreamReader failed");
    byte[] whole = Files.readAllBytes(file("kinds_scripted"));
    assertThatThrownBy(
            () -> Jit.load(new ByteArrayInputStream(whole, 0, whole.length / 2), o -> {}))
        .isInstanceOf(TorchException.class);
  }

  @Test
  void should_run_in_many_threads_at_once() throws Exception {
    ScriptModule model = script("lstm_traced");
    Tensor x = tensor("lstm.x").keep();
    Tensor y = tensor("lstm.y").keep();
    Callable<Void> runs =
        () -> {
          for (int i = 0; i < 20; i++) assertThat(model.forward(x)).isBitEqualTo(y);
          return null;
        };
    try (var executor = Executors.newFixedThreadPool(4)) {
      for (var result : executor.invokeAll(List.of(runs, runs, runs, runs))) result.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Test
  void should_call_quantized_operators_with_packed_weights() {
    Tensor weight =
        Torch.quantizePerTensor(tensor("quantized.weight").to(DType.FLOAT32), 1, 0, DType.QINT8);
    Tensor scaled =
        Torch.op("aten::_make_per_tensor_quantized_tensor").callTensor(weight.intRepr(), 0.05, 0);
    Object packed =
        requireNonNull(
            Torch.op("quantized::linear_prepack")
                .call(scaled, tensor("quantized.bias"))
                .getFirst());
    assertThat(((ScriptObject) packed).typeName())
        .isEqualTo("__torch__.torch.classes.quantized.LinearPackedParamsBase");
    assertThat(
            Torch.op("quantized::linear_dynamic").callTensor(tensor("quantized.x"), packed, true))
        .isBitEqualTo(tensor("quantized.y"));
  }
}
