package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

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

/// Runs the whole example on a few sentences made up by hand.
@TestInstance(Lifecycle.PER_CLASS)
class TaggingTest {
  @TempDir static Path folder;
  private ExampleRun run;

  private static ExampleRun run(String... more) {
    var args =
        new ArrayList<>(
            List.of(
                "--data",
                ExampleRun.data("brown").toString(),
                "--epochs",
                "4",
                "--output",
                folder.toString()));
    args.addAll(List.of(more));
    return ExampleRun.of(Tagging::new, args.toArray(String[]::new));
  }

  @BeforeAll
  void runOnce() {
    run = run();
  }

  @Test
  void should_end_with_one_line_for_scripts() {
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines().getLast())
        .matches(
            "tagging accuracy=\\d\\.\\d{4} crf_accuracy=\\d\\.\\d{4} all_tags_accuracy=\\d\\.\\d{4}"
                + " crf_all_tags_accuracy=\\d\\.\\d{4} baseline_accuracy=\\d\\.\\d{4}"
                + " baseline_all_tags_accuracy=\\d\\.\\d{4}");
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    run.assertPrintedInPython("tagging.txt", "(Trained|Checkpoint|Confusion|accuracy|LSTM|most).*");
  }

  @Test
  void should_do_the_same_again() {
    assertThat(run().timeless()).isEqualTo(run.timeless());
  }

  @Test
  void should_learn_from_fewer_documents_when_in_a_hurry() {
    // Of the 12 documents one is to test, one to validate, and of the other ten a tenth is one.
    assertThat(run("--quick").lines().getFirst())
        .matches("12 documents: 1\\d tokens to train, 18 to validate, 14 to test; .*");
  }

  @Test
  void should_save_checkpoints_and_the_confusion_matrix() throws IOException {
    var plain = Safetensors.load(folder.resolve("model.safetensors")).keySet();
    assertThat(plain).contains("word.weight", "lstm.weight_hh_l0_reverse", "universal.bias");
    assertThat(Safetensors.load(folder.resolve("model-crf.safetensors")).keySet())
        .containsAll(plain)
        .contains("crf.transitions", "crf.start_transitions", "crf.end_transitions")
        .hasSize(plain.size() + 3);
    assertThat(ImageIO.read(folder.resolve("confusion.png").toFile()).getWidth()).isPositive();
  }
}
