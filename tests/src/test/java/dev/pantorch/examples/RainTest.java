package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.io.Safetensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Runs the whole example once, as a user does.
@TestInstance(Lifecycle.PER_CLASS)
class RainTest {
  @TempDir static Path folder;
  private ExampleRun run;

  @BeforeAll
  void runOnce() {
    run = ExampleRun.of(Rain::new, "--output", folder.toString());
  }

  @Test
  void should_end_with_one_line_for_scripts() {
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines().getLast())
        .matches(
            "rain accuracy=0\\.\\d{3} f1=0\\.\\d{3} baseline_accuracy=0\\.\\d{3}"
                + " baseline_f1=0\\.\\d{3} majority_accuracy=0\\.\\d{3} majority_f1=0\\.\\d{3}");
  }

  @Test
  void should_beat_both_baselines_on_the_test_part() {
    assertThat(run.figure("accuracy"))
        .isGreaterThan(run.figure("baseline_accuracy"))
        .isGreaterThan(run.figure("majority_accuracy"));
    assertThat(run.figure("f1"))
        .isGreaterThan(run.figure("baseline_f1"))
        .isGreaterThan(run.figure("majority_f1"));
  }

  /// Of the 365 days of 2015, 144 had rain and 257 were like the day before: 90 rainy days after a
  /// rainy one. 144 rainy days were followed by one of 2015 as well.
  @Test
  void should_score_the_baselines_as_counting_does() {
    assertThat(run.figure("baseline_accuracy")).isEqualTo(0.704); // 257 / 365
    assertThat(run.figure("baseline_f1")).isEqualTo(0.625); // 2 * 90 / (144 + 144)
    assertThat(run.figure("majority_accuracy")).isEqualTo(0.605); // 221 / 365
    assertThat(run.figure("majority_f1")).isZero();
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    List<String> python = ExampleRun.python("rain.txt");
    assertThat(run.lines())
        .filteredOn(line -> line.startsWith("Epoch ["))
        .isEqualTo(python.subList(0, 30));
    assertThat(run.lines().getLast()).isEqualTo(python.getLast());
  }

  @Test
  void should_draw_the_loss_curve() throws IOException {
    BufferedImage image = ImageIO.read(folder.resolve("loss.png").toFile());
    assertThat(image.getWidth()).isEqualTo(900);
    assertThat(image.getHeight()).isEqualTo(540);
    long drawn = 0;
    for (int x = 0; x < 900; x++) {
      for (int y = 0; y < 540; y++) {
        if (image.getRGB(x, y) != image.getRGB(0, 0)) drawn++;
      }
    }
    assertThat(drawn).isGreaterThan(900);
  }

  @Test
  void should_save_a_checkpoint_under_pythons_names() throws IOException {
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsExactlyInAnyOrder(
            "lstm.weight_ih_l0",
            "lstm.weight_hh_l0",
            "lstm.bias_ih_l0",
            "lstm.bias_hh_l0",
            "lstm.weight_ih_l1",
            "lstm.weight_hh_l1",
            "lstm.bias_ih_l1",
            "lstm.bias_hh_l1",
            "fc.weight",
            "fc.bias");
    assertThat(run.lines())
        .anyMatch(line -> line.contains("gives the same 365 answers, bit for bit"));
  }

  @Test
  void should_draw_no_progress_bar_into_a_pipe() {
    assertThat(String.join("\n", run.lines())).doesNotContain("\r", "\033", "%");
  }
}
