package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.PrintOptions;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Tensors print as they do in Python, to the letter.
class PrintingParityTest {
  private final JsonNode fixture = Fixtures.json("printing.json");
  private final TensorSpecs specs =
      new TensorSpecs(Fixtures.tensors("printing.safetensors").pool());

  @TestFactory
  Stream<DynamicTest> should_print_values_as_python_does() {
    return Fixtures.elements(fixture.get("cases")).stream()
        .map(c ->
            dynamicTest(
                c.get("name").asText(),
                () -> {
                  try (TensorScope scope = TensorScope.open()) {
                    assertThat(specs.build(c.get("value"), new Variables()).toString())
                        .isEqualTo(c.get("text").asText());
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> should_print_what_autograd_knows_as_python_does() {
    return Fixtures.elements(fixture.get("gradients")).stream()
        .map(c ->
            dynamicTest(
                c.get("name").asText(),
                () -> {
                  try (TensorScope scope = TensorScope.open()) {
                    Tensor leaf = specs.build(c.get("leaf"), new Variables()).requiresGrad_(true);
                    assertThat(result(c.get("name").asText(), leaf).toString())
                        .isEqualTo(c.get("text").asText());
                  }
                }));
  }

  private static Tensor result(String name, Tensor x) {
    return switch (name) {
      case "leaf" -> x;
      case "mul" -> x.mul(x);
      case "sum" -> x.sum();
      case "sigmoid" -> x.sigmoid();
      case "detach" -> x.detach();
      case "select" -> x.get(0);
      case "pow" -> x.pow(2);
      case "double" -> x.float64();
      case "reshape" -> x.reshape(3, 1);
      case "add_" -> x.mul(x).add_(x);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @TestFactory
  Stream<DynamicTest> should_print_with_options_as_python_does() {
    return Fixtures.elements(fixture.get("options")).stream()
        .map(c ->
            dynamicTest(
                c.get("options").toString(),
                () -> {
                  PrintOptions before = Torch.getPrintOptions();
                  try (TensorScope scope = TensorScope.open()) {
                    Torch.setPrintOptions(options(c.get("options")));
                    assertThat(specs.build(c.get("value"), new Variables()).toString())
                        .isEqualTo(c.get("text").asText());
                  } finally {
                    Torch.setPrintOptions(before);
                  }
                }));
  }

  private static PrintOptions options(JsonNode recorded) {
    PrintOptions options = PrintOptions.DEFAULT;
    for (var option : recorded.properties()) {
      JsonNode value = option.getValue();
      options =
          switch (option.getKey()) {
            case "precision" -> options.precision(value.asInt());
            case "threshold" -> options.threshold(value.asLong());
            case "edgeitems" -> options.edgeItems(value.asInt());
            case "linewidth" -> options.lineWidth(value.asInt());
            case "sci_mode" -> options.sciMode(value.asBoolean());
            case "profile" ->
                value.asText().equals("short") ? PrintOptions.SHORT : PrintOptions.FULL;
            default -> throw new IllegalArgumentException(option.getKey());
          };
    }
    return options;
  }

  @TestFactory
  Stream<DynamicTest> should_name_the_dtypes_that_python_names_under_another_default() {
    return Fixtures.elements(fixture.get("defaultFloat64")).stream()
        .map(c ->
            dynamicTest(
                c.get("text").asText(),
                () -> {
                  DType before = Torch.getDefaultDtype();
                  try (TensorScope scope = TensorScope.open()) {
                    Torch.setDefaultDtype(DType.FLOAT64);
                    assertThat(specs.build(c.get("value"), new Variables()).toString())
                        .isEqualTo(c.get("text").asText());
                  } finally {
                    Torch.setDefaultDtype(before);
                  }
                }));
  }
}
