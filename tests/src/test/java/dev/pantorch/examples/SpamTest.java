package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Runs the whole example on a few mails made up by hand.
@TestInstance(Lifecycle.PER_CLASS)
class SpamTest {
  @TempDir static Path folder;
  private ExampleRun run;

  private static ExampleRun run(Path output) {
    return ExampleRun.of(
        Spam::new,
        "--data",
        ExampleRun.data("mail").toString(),
        "--epochs",
        "6",
        "--output",
        output.toString());
  }

  @BeforeAll
  void runOnce() {
    run = run(folder);
  }

  @Test
  void should_end_with_one_line_for_scripts() {
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines().getLast())
        .matches(
            "spam accuracy=\\d\\.\\d{3} f1=\\d\\.\\d{3} baseline_accuracy=\\d\\.\\d{3}"
                + " baseline_f1=\\d\\.\\d{3} majority_accuracy=\\d\\.\\d{3}"
                + " majority_f1=\\d\\.\\d{3}");
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    assertThat(run.lines())
        .filteredOn(line -> line.matches("\\d+ mails, .*|Epoch .*|spam .*"))
        .isEqualTo(ExampleRun.python("spam.txt"));
  }

  @Test
  void should_do_the_same_again() {
    assertThat(run(folder).timeless()).isEqualTo(run.timeless());
  }

  @Test
  void should_save_a_checkpoint_and_the_loss_curve() throws IOException {
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of("embedding.weight", "fc.weight", "fc.bias"),
                    Stream.of("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
                        .flatMap(name -> Stream.of("lstm." + name, "lstm." + name + "_reverse")))
                .toList());
    assertThat(run.lines()).anyMatch(line -> line.contains("gives the same 4 answers"));
    assertThat(ImageIO.read(folder.resolve("loss.png").toFile()).getWidth()).isEqualTo(900);
  }

  @Test
  void should_say_what_is_wrong_with_the_data() {
    ExampleRun refused =
        ExampleRun.of(Spam::new, "--data", "/nowhere", "--output", folder.toString());
    assertThat(refused.exitCode()).isEqualTo(CommandLine.ExitCode.SOFTWARE);
    assertThat(refused.errors()).isEqualToIgnoringNewLines("--data /nowhere: not there");
  }
}
