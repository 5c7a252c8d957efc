package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Index;
import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Reading and assigning by index gives what Python's expressions give.
class IndexingParityTest {
  private final JsonNode fixture = Fixtures.json("indexing.json");
  private final TensorSpecs specs =
      new TensorSpecs(Fixtures.tensors("indexing.safetensors").pool());
  private final TensorComparison comparison = new TensorComparison(specs);

  @TestFactory
  Stream<DynamicTest> should_read_and_assign_as_python_does() {
    return Fixtures.elements(fixture.get("cases")).stream()
        .map(c -> dynamicTest(c.get("expression").asText(), () -> check(c)));
  }

  private void check(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      Index[] index = index(recorded.get("index"));
      comparison.check(recorded.get("value"), x().get(index), Tolerance.NONE, "read");
      for (JsonNode assigned : recorded.get("assigned")) {
        Tensor target = x();
        JsonNode from = assigned.get("from");
        if (from.isNumber()) {
          target.set(from.asLong(), index);
        } else {
          target.set(specs.build(from, new Variables()), index);
        }
        String what = "assigned " + assigned.get("source").asText();
        comparison.check(assigned.get("value"), target, Tolerance.NONE, what);
      }
    }
  }

  private Tensor x() {
    return specs.build(fixture.get("x"), new Variables());
  }

  private Index[] index(JsonNode items) {
    return Fixtures.elements(items).stream().map(this::item).toArray(Index[]::new);
  }

  private Index item(JsonNode item) {
    if (item.isTextual()) {
      return item.asText().equals("ellipsis") ? Index.ellipsis() : Index.newAxis();
    }
    String kind = item.fieldNames().next();
    JsonNode value = item.get(kind);
    return switch (kind) {
      case "int" -> Index.at(value.asLong());
      case "bool" -> Index.of(value.asBoolean());
      case "slice" ->
          Index.slice(
              value.get(0).asLong(0), value.get(1).asLong(Long.MAX_VALUE), value.get(2).asLong(1));
      case "tensor" -> specs.build(value, new Variables());
      default -> throw new IllegalArgumentException(kind);
    };
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_what_python_refuses() {
    return Fixtures.elements(fixture.get("errors")).stream()
        .map(c -> dynamicTest(c.get("expression").asText(), () -> refuse(c)));
  }

  /// Positions that cannot be are refused in libtorch's words, as in Python. A slice's step is
  /// checked before libtorch sees it, and the message says what to do instead.
  private void refuse(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      ThrowableAssert.ThrowingCallable read = () -> x().get(index(recorded.get("index")));
      if (recorded.get("kind").asText().equals("ValueError")) {
        assertThatThrownBy(read)
            .isInstanceOf(ValueException.class)
            .hasMessageContaining("slice step must be greater than zero");
      } else {
        assertThatThrownBy(read)
            .isInstanceOf(IndexException.class)
            .satisfies(thrown ->
                assertThat(requireNonNull(thrown.getMessage()).lines().findFirst())
                    .hasValue(recorded.get("message").asText()));
      }
    }
  }
}
