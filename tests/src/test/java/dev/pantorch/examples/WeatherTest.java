package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Runs the whole example for some epochs.
@TestInstance(Lifecycle.PER_CLASS)
class WeatherTest {
  @TempDir static Path folder;
  private ExampleRun run;

  @BeforeAll
  void runOnce() {
    run = ExampleRun.of(Weather::new, "--epochs", "4", "--output", folder.toString());
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    assertThat(run.errors()).isEmpty();
    run.assertPrintedInPython("weather.txt", "(Trained in|Loss curve|Checkpoint|Forecasts).*");
  }

  @Test
  void should_beat_the_seasonal_naive_forecast_persistence_and_climatology() {
    assertThat(run.exitCode()).isZero();
    assertThat(run.figure("mae"))
        .isLessThan(0.8 * run.figure("naive_mae"))
        .isLessThan(0.95 * run.figure("persistence_mae"))
        .isLessThan(run.figure("climatology_mae"));
    assertThat(run.figure("rmse")).isLessThan(run.figure("climatology_rmse"));
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
    assertThat(run.lines()).anyMatch(line -> line.contains("gives the same 1461 forecasts"));
    for (String plot : List.of("loss.png", "forecast.png", "errors.png")) {
      assertThat(ImageIO.read(folder.resolve(plot).toFile()).getWidth()).isEqualTo(900);
    }
  }

  @Test
  void should_read_in_pieces_what_it_reads_at_once() {
    try (var scope = TensorScope.open()) {
      var model = new WeatherModel(WeatherSeries.FEATURES, WeatherSeries.DAYS_AHEAD);
      model.eval();
      Tensor days = new WeatherSeries().everyDay().narrow(0, 0, 40).unsqueeze(1);
      Tensor atOnce = model.forward(days, null).forecasts();
      WeatherModel.Output before = model.forward(days.narrow(0, 0, 32), null);
      Tensor after = model.forward(days.narrow(0, 32, 8), before.state().detach()).forecasts();
      Tensor inPieces = Torch.cat(List.of(before.forecasts(), after));
      assertThat(atOnce.sub(inPieces).abs().max().item()).isCloseTo(0, within(1e-6));
    }
  }

  @Test
  void should_ask_for_the_seven_days_after_each_day() {
    try (var scope = TensorScope.open()) {
      var data = new WeatherSeries();
      // The first forecast of 2015 is made on the last day of 2014, number 1095 of the record.
      assertThat(data.test()).isEqualTo(new WeatherSeries.Part(1095, 359));
      Tensor truth = data.truth(data.test());
      assertThat(truth.shape()).containsExactly(359, 7, 4);
      assertThat(truth.get(0, 0, 0).item()).isEqualTo(5.6); // 2015-01-01
      assertThat(truth.get(358, 6, 1).item()).isEqualTo(-2.1); // 2015-12-31
      assertThat(data.persistence(data.test()).get(0, 6, 0).item()).isEqualTo(3.3); // 2014-12-31
    }
  }
}
