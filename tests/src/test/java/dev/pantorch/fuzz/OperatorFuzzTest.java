package dev.pantorch.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        new FuzzRun(
            SEED,
            folder == null ? temporary : Path.of(folder),
            python,
            python == null ? upstream().keySet() : List.of());
    ObjectNode state = run.run(CALLS);
    System.out.println(summary(state));
    List<String> faults = new ArrayList<>();
    for (JsonNode found : state.withArray("found")) {
      String answer = found.path("python").asText();
      if (!answer.startsWith("SIG") && !answer.equals("hung")) faults.add(found.toString());
    }
    assertThat(faults).isEmpty();
    assertThat(state.get("kinds").get("unexpected").asLong())
        .as(state.path("unexpected").asText())
        .isZero();
  }

  private static String summary(ObjectNode state) {
    long returned = 0;
    for (JsonNode counts : state.get("operators")) if (counts.get(0).asLong() > 0) returned++;
    return "%d operators called, %d returned at least once; calls by how they ended: %s; processes ended: %d"
        .formatted(
            state.get("operators").size(),
            returned,
            state.get("kinds"),
            state.withArray("found").size());
  }

  /// The operators that end Python with some arguments, and how.
  private static Map<String, String> upstream() throws IOException {
    Map<String, String> known = new LinkedHashMap<>();
    try (InputStream in = OperatorFuzzTest.class.getResourceAsStream("upstream.txt")) {
      assertThat(in).isNotNull();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .forEach(line -> known.put(line.split(" \\| ", 2)[0], line.split(" \\| ", 2)[1]));
    }
    return known;
  }
}
