package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Runs the whole example on a few stories made up by hand.
@TestInstance(Lifecycle.PER_CLASS)
class CharsTest {
  @TempDir static Path folder;
  private ExampleRun run;

  private static ExampleRun run(String... more) {
    var args =
        new ArrayList<>(
            List.of(
                "--data", ExampleRun.data("stories").toString(), "--output", folder.toString()));
    args.addAll(List.of(more));
    return ExampleRun.of(Chars::new, args.toArray(String[]::new));
  }

  @BeforeAll
  void runOnce() {
    run = run("--epochs", "4", "--length", "60");
  }

  @Test
  void should_end_with_one_line_for_scripts() {
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines().getLast())
        .matches(
            "chars bits=\\d\\.\\d{3} perplexity=\\d+\\.\\d{3} baseline_bits=\\d\\.\\d{3}"
                + " baseline_perplexity=\\d+\\.\\d{3} baseline_n=\\d");
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    run.assertPrintedInPython("chars.txt", "(Trained|Bits|Checkpoint|test part|LSTM|\\d-gram) ?.*");
  }

  @Test
  void should_do_the_same_again_but_write_as_it_is_told() {
    List<String> told =
        run("--epochs", "4", "--start", "Anna ", "--length", "5", "--temperature", "0.01").lines();
    assertThat(told).containsSubsequence(run.lines().subList(0, 6));
    int at = told.indexOf("Written at temperature 0.0:") + 1;
    assertThat(String.join("\n", told.subList(at, told.size()))).startsWith("Anna ");
    assertThat(told).doesNotContain("Written at temperature 0.5:");
  }

  @Test
  void should_learn_from_fewer_stories_when_in_a_hurry() {
    // Of 8 stories one is to test, one to validate, and a tenth of the rest is one.
    assertThat(run("--quick", "--epochs", "1").lines().getFirst())
        .matches("8 stories: \\d{3} characters to train, 685 to validate, 727 to test; .*");
  }

  @Test
  void should_save_a_checkpoint_and_the_curves() throws IOException {
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsExactlyInAnyOrder(
            "embedding.weight",
            "lstm.weight_ih_l0",
            "lstm.weight_hh_l0",
            "lstm.bias_ih_l0",
            "lstm.bias_hh_l0",
            "fc.weight",
            "fc.bias");
    assertThat(ImageIO.read(folder.resolve("bits.png").toFile()).getWidth()).isEqualTo(900);
  }

  @Test
  void should_smooth_ngrams_as_witten_and_bell_do() {
    // In 0 1 0 0 of two symbols: n(0) = 3, n(1) = 1, both followed the empty context; after 0 came
    // 1
    // and 0, after 1 came 0.
    double[] bits = new NGrams(new long[] {0, 1, 0, 0}, 2, 2).bits(new long[] {0, 1, 1});
    double zero = (3 + 2 * 0.5) / (4 + 2);
    double one = (1 + 2 * 0.5) / (4 + 2);
    assertThat(bits[0]).isCloseTo(-(log2(zero) + 2 * log2(one)) / 3, within(1e-12));
    // The first symbol has nothing before it; 1 after 0: 1 of 2, two different; 1 after 1: 0 of 1.
    assertThat(bits[1])
        .isCloseTo(
            -(log2(zero) + log2((1 + 2 * one) / (2 + 2)) + log2((0 + one) / (1 + 1))) / 3,
            within(1e-12));
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
