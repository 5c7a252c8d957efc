package dev.pantorch.parity;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Every committed operator sample gives in Java what it gave in Python, gradients included: one
/// test a sample, grouped by the entry of op_db that it is from.
class OperatorSamplesTest {
  @TestFactory
  Stream<DynamicNode> should_give_what_python_gave() {
    Path folder = Fixtures.folder();
    SampleReplay replay =
        new SampleReplay(
            new TypedOperators(),
            new TensorSpecs(TensorFile.open(folder.resolve("operators.safetensors")).pool()));
    Map<String, List<JsonNode>> byEntry =
        Fixtures.lines(folder.resolve("operators.jsonl")).stream()
            .collect(
                Collectors.groupingBy(
                    s -> s.get("entry").asText(), LinkedHashMap::new, Collectors.toList()));
    return byEntry.entrySet().stream()
        .map(entry ->
            dynamicContainer(
                entry.getKey(),
                entry.getValue().stream()
                    .map(s -> dynamicTest(s.get("id").asText(), () -> replay.run(s)))));
  }
}
