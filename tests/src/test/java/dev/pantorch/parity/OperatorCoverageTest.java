package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Every generated operator is called by a sample that Python recorded, or is listed with the
/// reason.
class OperatorCoverageTest {
  @Test
  void should_have_a_sample_or_a_reason_for_every_generated_operator() {
    Set<String> sampled = sampled();
    Map<String, String> reasons = new TreeMap<>();
    Fixtures.json("operators-without-samples.json")
        .properties()
        .forEach(field -> reasons.put(field.getKey(), field.getValue().asText()));

    Set<String> generated = OperatorTable.GENERATED.keySet();
    Set<String> unexplained = new TreeSet<>(generated);
    unexplained.removeAll(sampled);
    Map<String, String> explained = new TreeMap<>(reasons);
    explained.keySet().retainAll(unexplained);
    unexplained.removeAll(reasons.keySet());

    System.out.printf(
        "Operators: %d generated, %d called by samples, %d listed with a reason%n",
        generated.size(),
        generated.size() - explained.size() - unexplained.size(),
        explained.size());
    assertThat(unexplained).as("neither a sample nor a reason").isEmpty();
    assertThat(explained.values()).as("reasons").noneMatch("no arguments known"::equals);
  }

  @Test
  void should_find_a_typed_method_for_every_generated_operator() {
    assertThat(new TypedOperators().overloads())
        .containsExactlyInAnyOrderElementsOf(OperatorTable.GENERATED.keySet());
  }

  private static Set<String> sampled() {
    var sampled = new TreeSet<String>();
    for (JsonNode sample : Fixtures.lines(Fixtures.folder().resolve("operators.jsonl"))) {
      sample.get("calls").forEach(call -> sampled.add(call.get("op").asText()));
    }
    return sampled;
  }
}
