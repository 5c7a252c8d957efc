package dev.pantorch.soak;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Memory stays where it is. In short always; for long, in processes of their own, with `mvn verify
/// -P soak`.
class SoakTest {
  private static final Pattern PAIR = Pattern.compile("(\\w+)=([0-9.]+)");

  private static boolean isTraining(Workload workload) {
    return workload.operators == 1;
  }

  @ParameterizedTest
  @EnumSource
  void should_free_all_that_was_made(Workload workload) {
    Soak soak = Soak.of(workload, isTraining(workload) ? 2 : 20_000);
    assertThat(soak.handlesAfter()).isLessThanOrEqualTo(soak.handlesBefore());
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "pantorch.soak.operators", matches = "\\d+")
  void should_stay_within_64_mebibytes_of_the_warm_level(Workload workload)
      throws IOException, InterruptedException {
    assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux says what is resident");
    String work =
        switch (workload) {
          case TRAIN -> System.getProperty("pantorch.soak.minutes") + "m";
          case TRAIN_NAIVE -> System.getProperty("pantorch.soak.steps");
          default -> System.getProperty("pantorch.soak.operators");
        };
    Map<String, Double> soak = run(workload, work);
    double warm = requireNonNull(soak.get("warm_mb"));
    assertThat(soak.get("most_mb")).isLessThanOrEqualTo(warm + 64);
    assertThat(soak.get("handles_after")).isEqualTo(soak.get("handles_before"));
  }

  private static Map<String, Double> run(Workload workload, String work)
      throws IOException, InterruptedException {
    String output =
        ChildJvm.of(Soak.class)
            // Resident from the start, so that what grows is native.
            .flags("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC")
            .arguments(workload, work, 1)
            .limit(Duration.ofDays(1))
            .output()
            .strip();
    System.out.println(output);
    return PAIR.matcher(output)
        .results()
        .collect(
            Collectors.toMap(
                (MatchResult pair) -> pair.group(1), pair -> Double.valueOf(pair.group(2))));
  }
}
