package dev.pantorch.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No operator ends the JVM, whatever it is given, unless it ends Python too, and what it throws is
/// what callers are promised. A few calls of each operator each time, without those that are known
/// to end Python; millions, of all, by
///
/// ```
/// mvn verify -P fuzz -Dpython=PATH -Dtest=OperatorFuzzTest -Dsurefire.failIfNoSpecifiedTests=false
/// ```
class OperatorFuzzTest {
  private static final long CALLS = Long.getLong("pantorch.fuzz.calls", 2 * 1704);

  private static final long SEED = Long.getLong("pantorch.fuzz.seed", 20_250_101);

  @TempDir private Path temporary;

  @Test
  void should_end_no_process() throws IOException, InterruptedException {
    String folder = System.getProperty("pantorch.fuzz.folder");
    String python = System.getProperty("pantorch.fuzz.python");
    FuzzRun run =
        new FuzzRun(SEED, folder == null ? temporary : Path.of(folder), python, upstream());
    ObjectNode state = run.run(CALLS);
    System.out.println(summary(state));
    assertThat(state.withArray("found")).filteredOn(FuzzVerdict::isFault).isEmpty();
    assertThat(state.get("kinds").get("unexpected").asLong())
        .as(state.path("unexpected").asText())
        .isZero();
  }

  private static String summary(ObjectNode state) {
    long returned = 0;
    for (JsonNode counts : state.get("operators")) if (counts.get(0).asLong() > 0) returned++;
    Map<String, Integer> ends = new TreeMap<>();
    for (JsonNode found : state.withArray("found")) {
      String line =
          "%s %s, alone %s, in Python %s"
              .formatted(
                  found.get("operator").asText(),
                  found.get("end").asText(),
                  found.path("alone").asText("the same"),
                  found.path("python").asText("not made"));
      ends.merge(line, 1, Integer::sum);
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "%d operators called, %d returned at least once; calls by how they ended: %s; processes ended: %d"
            .formatted(
                state.get("operators").size(),
                returned,
                state.get("kinds"),
                state.withArray("found").size()));
    ends.forEach((line, count) -> text.append("%n%4d x %s".formatted(count, line)));
    return text.toString();
  }

  /// The operators that do not end in Python with some arguments.
  private static Set<String> upstream() throws IOException {
    try (InputStream in = OperatorFuzzTest.class.getResourceAsStream("upstream.txt")) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .map(line -> line.split(" \\| ", 2)[0])
          .collect(Collectors.toSet());
    }
  }
}
