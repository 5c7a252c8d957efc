package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.testing.TensorAssert;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Runs the whole example for some epochs.
@TestInstance(Lifecycle.PER_CLASS)
class AttentionTest {
  @TempDir static Path folder;
  private ExampleRun run;

  @BeforeAll
  void runOnce() {
    run = ExampleRun.of(Attention::new, "--epochs", "12", "--output", folder.toString());
  }

  @Test
  void should_print_what_the_same_program_prints_in_python() throws IOException {
    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.lines())
        .filteredOn(line -> !line.matches("(Trained in|Loss curve|Checkpoint|Attention).*|"))
        .isEqualTo(ExampleRun.python("attention.txt"));
  }

  @Test
  void should_beat_the_seasonal_naive_forecasts_on_the_test_part() {
    assertThat(run.figure("mae"))
        .isLessThan(run.figure("drift_mae"))
        .isLessThan(run.figure("naive_mae"));
  }

  @Test
  void should_save_checkpoints_the_losses_and_the_attention() throws IOException {
    var last = Safetensors.load(folder.resolve("model-last.safetensors")).keySet();
    assertThat(Safetensors.load(folder.resolve("model.safetensors")).keySet())
        .containsAll(last)
        .contains("queries", "positions", "attention.v_proj_weight", "brought.bias")
        .hasSize(last.size() + 10);
    assertThat(ImageIO.read(folder.resolve("loss.png").toFile()).getWidth()).isEqualTo(900);
    for (int head = 1; head <= AttentionModel.HEADS; head++) {
      Path plot = folder.resolve("attention-%d.png".formatted(head));
      assertThat(ImageIO.read(plot.toFile()).getWidth()).isPositive();
    }
  }

  @Test
  void should_forecast_a_shifted_series_shifted_and_look_at_the_same_months() {
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(0);
      var model = new AttentionModel(true);
      model.eval();
      Tensor x = Torch.randn(2, AttentionModel.HISTORY, 1);
      Tensor shifted = x.add(3);
      TensorAssert.assertThat(Torch.noGrad(() -> model.forward(shifted)))
          .isCloseTo(Torch.noGrad(() -> model.forward(x)).add(3), 1e-4, 0);
      Tensor weights = Torch.noGrad(() -> model.weights(x));
      assertThat(weights.shape()).containsExactly(2, 4, 12, 120);
      TensorAssert.assertThat(Torch.noGrad(() -> model.weights(shifted)))
          .isCloseTo(weights, 1e-4, 0);
    }
  }
}
