package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Runs the whole example for some epochs.
@TestInstance(Lifecycle.PER_CLASS)
class Co2Test {
  @TempDir static Path folder;
  private ExampleRun run;

  @BeforeAll
  void runOnce() {
    run = ExampleRun.of(Co2::new, "--epochs", "5", "--output", folder.toString());
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    assertThat(run.errors()).isEmpty();
    run.assertPrintedInPython("co2.txt", "(Trained in|Loss curve|Checkpoint|Forecasts).*");
  }

  @Test
  void should_beat_the_seasonal_naive_forecasts_on_the_test_part() {
    assertThat(run.exitCode()).isZero();
    assertThat(run.figure("mae"))
        .isLessThan(0.85 * run.figure("drift_mae"))
        .isLessThan(0.25 * run.figure("naive_mae"));
    assertThat(run.figure("rmse")).isLessThan(run.figure("drift_rmse"));
  }

  @Test
  void should_save_a_checkpoint_and_the_plots() throws IOException {
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsExactlyInAnyOrder(
            "lstm.weight_ih_l0",
            "lstm.weight_hh_l0",
            "lstm.bias_ih_l0",
            "lstm.bias_hh_l0",
            "fc.weight",
            "fc.bias");
    assertThat(run.lines()).anyMatch(line -> line.contains("gives the same 109 forecasts"));
    assertThat(ImageIO.read(folder.resolve("loss.png").toFile()).getWidth()).isEqualTo(900);
    assertThat(ImageIO.read(folder.resolve("forecast.png").toFile()).getWidth()).isEqualTo(900);
  }

  @Test
  void should_fill_the_gap_of_1964_with_a_straight_line() {
    try (var scope = TensorScope.open()) {
      Co2Data data = Co2Data.load();
      assertThat(data.months()).hasSize(738).endsWith(YearMonth.of(2020, 4));
      int january = data.months().indexOf(YearMonth.of(1964, 1));
      // The record has 319.57 for January and 322.26 for May: a step of 0.6725.
      assertThat(data.level().narrow(0, january, 5).toDoubleArray())
          .containsExactly(
              new double[] {319.57, 320.2425, 320.915, 321.5875, 322.26}, within(1e-9));
    }
  }

  @Test
  void should_forecast_a_straight_line_with_a_season_exactly() {
    try (var scope = TensorScope.open()) {
      double[] values = new double[48];
      for (int i = 0; i < values.length; i++) values[i] = 300 + 0.1 * i + Math.sin(i * Math.PI / 6);
      Tensor forecasts = new HoltWinters(0.5, 0.1, 0.2).forecasts(values);
      assertThat(forecasts.shape()).containsExactly(36, 12);
      // Made in month 12 + 5 for the third month after.
      assertThat(forecasts.get(5, 2).item()).isCloseTo(values[20], within(1e-9));

      // A growth of 1.2 a year, whose noise has been 0.3 in one month of both years.
      double[] growth = new double[36];
      Arrays.fill(growth, 1.2);
      growth[15] += 0.3;
      growth[27] += 0.3;
      Tensor base = Co2Model.base(Co2Model.Target.SEASON, Torch.tensor(growth, 36).view(1, 36, 1));
      // Both years grew by 0.3 / 12 more; the month differed from that by 0.275 twice.
      assertThat(base.get(0, 3).item()).isCloseTo(1.2 + 0.025 - 0.275, within(1e-9));
      assertThat(base.get(0, 4).item()).isCloseTo(1.2 + 0.025 + 0.025, within(1e-9));
    }
  }

  @Test
  void should_refuse_an_unknown_target() {
    ExampleRun target = ExampleRun.of(Co2::new, "--target", "trend");
    assertThat(target.exitCode()).isEqualTo(CommandLine.ExitCode.USAGE);
    assertThat(target.errors())
        .startsWith("--target must be level, growth, centred or season, not trend");
  }
}
