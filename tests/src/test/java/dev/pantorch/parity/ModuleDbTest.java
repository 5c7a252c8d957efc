package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Autograd;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Module;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The inputs that PyTorch tests its own modules with give here what they give there, and every
/// class of that inventory is here.
class ModuleDbTest {
  private final JsonNode fixture = Fixtures.json("modules.json");
  private final TensorSpecs specs = new TensorSpecs(Fixtures.tensors("modules.safetensors").pool());

  static @Nullable Class<?> find(String name) {
    try {
      return Class.forName("dev.pantorch.nn." + name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @TestFactory
  Stream<DynamicTest> should_compute_as_python_does() {
    var numbers = new LinkedHashMap<String, Integer>();
    return Fixtures.elements(fixture.get("cases")).stream()
        .map(c ->
            dynamicTest(
                "%s %d, %s%s"
                    .formatted(
                        name(c),
                        numbers.merge(name(c), 1, Integer::sum),
                        c.get("train").asBoolean() ? "training" : "evaluation",
                        c.get("gradients").asBoolean() ? "" : " without gradients"),
                () -> check(c)));
  }

  private static String name(JsonNode recorded) {
    return recorded.get("module").asText();
  }

  private void check(JsonNode recorded) {
    Class<?> type = find(name(recorded));
    assertThat(type).as("the class %s", name(recorded)).isNotNull();
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> given = given(recorded.get("tensors"));
      PythonCall call = new PythonCall(given::get);
      Torch.manualSeed(fixture.get("buildSeed").asLong());
      Module module = (Module) call.construct(requireNonNull(type), recorded.get("arguments"));
      module.train(recorded.get("train").asBoolean());
      assertThat(module.toString()).isEqualTo(recorded.get("repr").asText());
      same(module.stateDict(), recorded.get("initial"), "initial ");
      Torch.manualSeed(fixture.get("runSeed").asLong());
      List<Tensor> outputs = new ArrayList<>();
      if (recorded.get("gradients").asBoolean()) {
        collect(forward(call, module, recorded), outputs);
      } else {
        try (Autograd.Mode mode = Torch.noGrad()) {
          collect(forward(call, module, recorded), outputs);
        }
      }
      same(outputs, recorded.get("outputs"), "output ");
      backward(recorded, outputs);
      List<@Nullable Tensor> gradients = new ArrayList<>();
      given.forEach(t -> gradients.add(t.grad()));
      same(gradients, recorded.get("inputGradients"), "gradient of input ");
      Map<String, Tensor> parameterGradients = new LinkedHashMap<>();
      module
          .namedParameters()
          .forEach((k, p) -> {
            Tensor gradient = p.grad();
            if (gradient != null) parameterGradients.put(k, gradient);
          });
      same(parameterGradients, recorded.get("parameterGradients"), "gradient of ");
      JsonNode last = recorded.get(recorded.get("final").isNull() ? "initial" : "final");
      same(module.stateDict(), last, "final ");
    }
  }

  private static Object forward(PythonCall call, Module module, JsonNode recorded) {
    String method = recorded.get("indices").asBoolean() ? "forwardWithIndices" : "forward";
    return call.call(method, module, recorded.get("forward"));
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_as_python_does() {
    var numbers = new LinkedHashMap<String, Integer>();
    return Fixtures.elements(fixture.get("errors")).stream()
        .map(c ->
            dynamicTest(
                "%s %d".formatted(name(c), numbers.merge(name(c), 1, Integer::sum)),
                () -> refuse(c)));
  }

  private void refuse(JsonNode recorded) {
    List<Tensor> given = given(recorded.get("tensors"));
    PythonCall call = new PythonCall(given::get);
    assertThatThrownBy(
            () -> {
              Object module =
                  call.construct(requireNonNull(find(name(recorded))), recorded.get("arguments"));
              call.forward(module, recorded.get("forward"));
            })
        .isInstanceOf(RuntimeException.class)
        // Python's binding puts its own names of types into libtorch's messages.
        .hasMessageContaining(
            recorded.get("error").asText().replace("torch.FloatTensor", "CPUFloatType"));
  }

  /// 114 entries: 108 classes are replayed. The lazy ones are left out, for the reason that
  /// docs/modules.md gives.
  @Test
  void should_leave_out_only_what_is_known() {
    Set<String> replayed = new TreeSet<>();
    Fixtures.elements(fixture.get("cases")).stream()
        .filter(c -> !c.has("own"))
        .forEach(c -> replayed.add(name(c)));
    List<String> lazy =
        Fixtures.elements(fixture.get("lazy")).stream().map(JsonNode::asText).toList();
    System.out.printf(
        "module_db: %d cases and %d refusals of %d classes, %d lazy classes left out%n",
        fixture.get("cases").size(), fixture.get("errors").size(), replayed.size(), lazy.size());
    assertThat(replayed.size() + lazy.size()).isEqualTo(114);
    assertThat(lazy).allMatch(l -> l.startsWith("Lazy"));
    assertThat(fixture.get("leftOut")).isEmpty();
  }

  private List<Tensor> given(JsonNode descriptions) {
    var given = new ArrayList<Tensor>();
    for (JsonNode spec : descriptions) {
      Tensor tensor = specs.build(spec, new Variables());
      given.add(spec.has("requiresGrad") ? tensor.requiresGrad_(true) : tensor);
    }
    return given;
  }

  /// The tensors of a result, in the order of its records' components.
  private static void collect(@Nullable Object result, List<Tensor> tensors) {
    switch (result) {
      case null -> {}
      case Tensor tensor -> tensors.add(tensor);
      case Record several -> {
        for (RecordComponent component : several.getClass().getRecordComponents()) {
          try {
            collect(component.getAccessor().invoke(several), tensors);
          } catch (ReflectiveOperationException e) {
            throw new LinkageError(component.toString(), e);
          }
        }
      }
      case List<?> several -> several.forEach(r -> collect(r, tensors));
      default -> throw new AssertionError(result.getClass() + " is no result of a module");
    }
  }

  private void backward(JsonNode recorded, List<Tensor> outputs) {
    List<Tensor> differentiable = outputs.stream().filter(Tensor::requiresGrad).toList();
    List<Tensor> cotangents = given(recorded.get("cotangents"));
    assertThat(differentiable).hasSameSizeAs(cotangents);
    if (!differentiable.isEmpty()) {
      Autograd.backward(differentiable, cotangents, false, false, List.of());
    }
  }

  private void same(List<? extends @Nullable Tensor> found, JsonNode expected, String what) {
    assertThat(found).as("%ss", what).hasSize(expected.size());
    for (int i = 0; i < found.size(); i++) {
      Tensor tensor = found.get(i);
      assertThat(tensor != null).as("%s%d is there", what, i).isEqualTo(!expected.get(i).isNull());
      if (tensor != null) same(tensor, expected.get(i), what + i);
    }
  }

  private void same(Map<String, Tensor> found, JsonNode expected, String what) {
    List<String> names = expected.properties().stream().map(Map.Entry::getKey).toList();
    assertThat(List.copyOf(found.keySet())).as("names of %s", what).isEqualTo(names);
    found.forEach((name, tensor) -> same(tensor, expected.get(name), what + name));
  }

  private void same(Tensor found, JsonNode expected, String what) {
    Values.check(found, specs.build(expected, new Variables()), what);
  }
}
