package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import picocli.CommandLine;

/// Runs the whole example on a few mails made up by hand.
@TestInstance(Lifecycle.PER_CLASS)
class AttentionTest {
  @TempDir static Path folder;
  private ExampleRun run;

  private static ExampleRun run(String... more) {
    var args =
        new ArrayList<>(
            List.of("--data", ExampleRun.data("mail").toString(), "--output", folder.toString()));
    args.addAll(List.of(more));
    return ExampleRun.of(Attention::new, args.toArray(String[]::new));
  }

  @BeforeAll
  void runOnce() {
    run = run("--epochs", "6");
  }

  @Test
  void should_end_with_one_line_for_scripts() {
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines().getLast())
        .matches(
            "attention accuracy=\\d\\.\\d{3} f1=\\d\\.\\d{3} last_state_accuracy=\\d\\.\\d{3}"
                + " last_state_f1=\\d\\.\\d{3} baseline_accuracy=\\d\\.\\d{3}"
                + " baseline_f1=\\d\\.\\d{3}");
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    // The last bits differ on another instruction set, and a digit may then show it.
    assumeTrue(Boolean.getBoolean("pantorch.parity.pinned"));
    assumeTrue(List.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
    assertThat(run.lines())
        .filteredOn(line -> line.matches("(\\d+ mails|Last|With|Epoch|A spam|Most|attention) ?.*"))
        .isEqualTo(ExampleRun.python("attention.txt"));
  }

  @Test
  void should_learn_from_fewer_mails_when_in_a_hurry() {
    // Of 16 mails the first, ham, and the eleventh, spam; 2 and 1 spam are in the other parts.
    assertThat(run("--quick", "--epochs", "1").lines().getFirst())
        .matches("8 mails, 4 of them spam, .*: 2 to train, 4 to validate, 2 to test; 57 words[.]");
  }

  @Test
  void should_save_checkpoints_the_losses_and_the_attention() throws IOException {
    var last = Safetensors.load(folder.resolve("model-last.safetensors")).keySet();
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsAll(last)
        .contains("attention.in_proj_weight", "attention.out_proj.bias")
        .hasSize(last.size() + 4);
    assertThat(ImageIO.read(folder.resolve("loss.png").toFile()).getWidth()).isEqualTo(900);
    assertThat(ImageIO.read(folder.resolve("attention.png").toFile()).getWidth()).isPositive();
  }

  @Test
  void should_refuse_to_train_for_no_epoch() {
    assertThat(run("--epochs", "0").exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
  }
}
