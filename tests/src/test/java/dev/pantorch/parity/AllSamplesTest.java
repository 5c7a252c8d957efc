package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Replays every float32 sample of op_db, which the profile `all-samples` has Python make on the
/// spot:
///
/// ```
/// mvn verify -P all-samples -Dpython=/path/to/python
/// ```
///
/// It prints how many pass and each that does not, with the reason.
@EnabledIfSystemProperty(named = "pantorch.parity.allSamples", matches = ".+")
class AllSamplesTest {
  /// The samples of one of op_db's two lists.
  private static final class Tally {
    private int total;
    private int passed;

    @Override
    public String toString() {
      return "%,d of %,d pass".formatted(passed, total);
    }
  }

  private final TypedOperators operators = new TypedOperators();
  private final Tally samples = new Tally();
  // Some entries give other samples when gradients are wanted: those come on top.
  private final Tally gradientSamples = new Tally();
  private final List<String> failures = new ArrayList<>();
  private final TreeMap<String, List<String>> leftOut = new TreeMap<>();

  @Test
  void should_give_what_python_gave_for_every_float32_sample() throws IOException {
    Path folder = Path.of(System.getProperty("pantorch.parity.allSamples", ""));
    for (Path lines : shards(folder)) {
      Path values =
          lines.resolveSibling(lines.getFileName().toString().replace(".jsonl", ".safetensors"));
      SampleReplay replay =
          new SampleReplay(operators, new TensorSpecs(TensorFile.open(values).pool()));
      Fixtures.lines(lines).forEach(sample -> replay(replay, sample));
    }
    System.out.printf(
        "op_db float32 samples: %s; of those that it has for gradients only, %s%n",
        samples, gradientSamples);
    leftOut.forEach(
        (reason, ids) -> System.out.printf("  %d not replayed: %s: %s%n", ids.size(), reason, ids));
    failures.forEach(failure -> System.out.println("  failed: " + failure));
    assertThat(failures).isEmpty();
    assertThat(samples.passed).isPositive();
  }

  private void replay(SampleReplay replay, JsonNode sample) {
    String id = sample.get("id").asText();
    boolean forGradients = sample.get("entry").asText().endsWith(".requires_grad");
    Tally tally = forGradients ? gradientSamples : samples;
    tally.total++;
    if (sample.has("leftOut")) {
      leftOut.computeIfAbsent(sample.get("leftOut").asText(), r -> new ArrayList<>()).add(id);
      return;
    }
    try {
      replay.run(sample);
      tally.passed++;
    } catch (Throwable t) { // whatever goes wrong with one sample is that sample's failure
      failures.add(id + ": " + t);
    }
  }

  private static List<Path> shards(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
    }
  }
}
