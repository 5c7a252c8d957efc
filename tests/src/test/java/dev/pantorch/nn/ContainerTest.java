package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Containers change, print and name what is in them as Python's do (tests/python/nn_lists.py makes
/// the same changes).
class ContainerTest {
  private static ModuleList<Linear> linears() {
    ModuleList<Linear> linears =
        new ModuleList<>(new Linear(2, 2), new Linear(2, 2), new Linear(2, 3));
    linears.insert(1, new Linear(2, 4));
    linears.append(new Linear(3, 3));
    linears.remove(0);
    linears.set(-1, new Linear(5, 5, o -> o.bias(false)));
    return linears;
  }

  private static Sequential chain() {
    Sequential chain = new Sequential(new Linear(2, 2), new ReLU());
    chain.insert(1, new Tanh());
    chain.extend(List.of(new Linear(2, 1), new Sigmoid()));
    chain.remove(2);
    return chain;
  }

  private static ModuleDict<Module> heads() {
    Map<String, Module> first = new LinkedHashMap<>();
    first.put("b", new Linear(2, 1));
    first.put("a", new Linear(2, 2));
    ModuleDict<Module> heads = new ModuleDict<>(first);
    Map<String, Module> second = new LinkedHashMap<>();
    second.put("c", new ModuleList<>(new ReLU(), new ReLU()));
    second.put("b", new Linear(2, 3));
    heads.update(second);
    heads.remove("a");
    return heads;
  }

  private static ParameterList parameters() {
    ParameterList parameters = new ParameterList(Torch.zeros(2, 3), Torch.zeros(new long[0]));
    parameters.append(Torch.zeros(DType.FLOAT64, 1));
    parameters.set(0, Torch.zeros(4));
    return parameters;
  }

  private static ParameterDict named() {
    ParameterDict named =
        new ParameterDict(Map.of("b", Torch.zeros(2), "a", Torch.zeros(DType.BFLOAT16, 1)));
    named.put("c", Torch.zeros(2, 2));
    named.popItem();
    return named;
  }

  private static ModuleDict<Module> whole() {
    ModuleDict<Module> whole = new ModuleDict<>();
    whole.put("layers", linears());
    whole.put("list", parameters());
    whole.put("dict", named());
    return whole;
  }

  @TestFactory
  Stream<DynamicTest> should_print_and_name_as_python_does() {
    Map<String, Module> made = new LinkedHashMap<>();
    made.put("linears", linears());
    made.put("chain", chain());
    made.put("heads", heads());
    made.put("parameters", parameters());
    made.put("named", named());
    made.put("one", new ParameterDict(Map.of("a", Torch.zeros(2))));
    made.put("whole", whole());
    made.put("ModuleList", new ModuleList<>());
    made.put("Sequential", new Sequential());
    made.put("ModuleDict", new ModuleDict<>());
    made.put("ParameterList", new ParameterList());
    made.put("ParameterDict", new ParameterDict());
    JsonNode expected = fixture();
    assertThat(made).hasSize(expected.size());
    return made.entrySet().stream()
        .map(e ->
            dynamicTest(
                e.getKey(),
                () -> {
                  JsonNode python = expected.get(e.getKey());
                  assertThat(e.getValue().toString()).isEqualTo(python.get("repr").asText());
                  List<String> keys =
                      python.get("keys").valueStream().map(JsonNode::asText).toList();
                  assertThat(e.getValue().stateDict().keySet()).containsExactlyElementsOf(keys);
                }));
  }

  private static JsonNode fixture() {
    try (InputStream in =
        Objects.requireNonNull(ContainerTest.class.getResourceAsStream("/fixtures/nn.json"))) {
      return new ObjectMapper().readTree(in).get("containers");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void should_go_through_its_members() {
    ModuleList<Linear> linears = new ModuleList<>(List.of(new Linear(1, 1), new Linear(1, 2)));
    assertThat(linears).containsExactly(linears.get(0), linears.get(-1)).hasSize(2);
    assertThat(linears.asList().subList(1, 2)).containsExactly(linears.get(1));
    linears.extend(linears);
    assertThat(linears.namedChildren()).containsOnlyKeys("0", "1", "2", "3");
    assertThat(linears.parameters()).as("shared ones once").hasSize(4);
    ModuleDict<Linear> heads = new ModuleDict<>(Map.of("rain", linears.get(0)));
    assertThat(heads).containsExactly("rain");
    assertThat(heads.containsKey("rain")).isTrue();
    heads.clear();
    assertThat(heads.size()).isZero();
    Sequential chain = new Sequential(new ReLU(), new Tanh());
    assertThat(chain).containsExactly(chain.get(0), chain.get(1));
    Layer old = chain.set(0, new Sigmoid());
    assertThat(old).isInstanceOf(ReLU.class);
    assertThat(chain.forward(Torch.zeros(1)).item()).isEqualTo(Math.tanh(0.5), within());
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.api.Assertions.within(1e-7);
  }

  @Test
  void should_train_what_it_is_given() {
    Tensor scale = Torch.ones(2);
    ParameterList list = new ParameterList(List.of(scale));
    assertThat(scale.requiresGrad()).isTrue();
    assertThat(list).containsExactly(scale);
    ParameterDict dict = new ParameterDict(Map.of("scale", scale));
    assertThat(dict).containsExactly("scale");
    assertThat(dict.setDefault("scale", Torch.zeros(1))).isSameAs(scale);
    Tensor added = dict.setDefault("other", Torch.zeros(1));
    assertThat(dict.remove("other")).isSameAs(added);
    assertThat(dict.asMap()).containsOnlyKeys("scale");
    dict.clear();
    assertThat(dict.parameters()).isEmpty();
  }

  @Test
  void should_refuse_what_is_not_there() {
    ModuleList<ReLU> list = new ModuleList<>(new ReLU());
    assertThatThrownBy(() -> list.get(1))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index 1 is out of range");
    assertThatThrownBy(() -> list.remove(-2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("index -2 is out of range");
    assertThatThrownBy(() -> list.insert(3, new ReLU()))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("Index out of range: 3");
    ModuleDict<ReLU> dict = new ModuleDict<>(Map.of("a", new ReLU()));
    assertThatThrownBy(() -> dict.get("b"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("ModuleDict has no module 'b'; it has [a]");
    assertThatThrownBy(() -> dict.put("a.b", new ReLU()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("module name can't contain \".\", got: \"a.b\"");
    assertThatThrownBy(() -> new ParameterDict().popItem())
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("dictionary is empty");
    Tensor computed = Torch.ones(1).requiresGrad_().mul(2);
    assertThatThrownBy(() -> new ParameterList(computed))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cannot register non-leaf tensor as parameter '0'");
  }

  @Test
  void should_replace_members_of_containers_by_their_paths() {
    class Model extends Module {
      final Sequential body = register("body", new Sequential(new Linear(2, 2), new ReLU()));
      final ModuleDict<Linear> heads = register("heads", new ModuleDict<>());
      final ModuleList<Layer> list = register("list", new ModuleList<>(List.of(new ReLU())));
    }
    Model model = new Model();

    model.setSubmodule("body.1", new Tanh());
    model.setSubmodule("heads.first", new Linear(2, 1));
    model.setSubmodule("list.0", new Sigmoid());

    assertThat(model.body.get(1)).isInstanceOf(Tanh.class);
    assertThat(model.heads.get("first").weight().shape()).containsExactly(1, 2);
    assertThat(model.list.get(0)).isInstanceOf(Sigmoid.class);
    assertThatThrownBy(() -> model.setSubmodule("body", new Sequential()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Model is no container, so 'body' in it cannot become a Sequential: give it the module"
                + " when it is made");
    assertThatThrownBy(() -> model.setSubmodule("body.2", new ReLU()))
        .hasMessage("Sequential has no attribute `2`");
    assertThatThrownBy(() -> model.setSubmodule("body.0", new LSTM(2, 2)))
        .hasMessage("a Sequential takes layers, not a LSTM");
    assertThatThrownBy(() -> model.setSubmodule("", new ReLU()))
        .hasMessage("Cannot set the submodule without a target name!");
  }
}
