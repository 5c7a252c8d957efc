package dev.pantorch.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.TensorAssert;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WindowDatasetTest {
  /// Row t is (t, 100 + t, 200 + t).
  private static Tensor series(int steps) {
    Tensor time = Torch.arange(steps).float32().unsqueeze(1);
    return Torch.cat(time, time.add(100), time.add(200)).view(3, steps).t().contiguous();
  }

  @Test
  void should_slide_over_the_series() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor series = series(12);
      var windows = new WindowDataset(series, 4, 2, o -> o.stride(3).targets(1));
      assertThat(windows.size()).isEqualTo(3);
      Example last = windows.get(2);
      TensorAssert.assertThat(last.input().select(1, 0)).hasValues(6, 7, 8, 9);
      TensorAssert.assertThat(last.target()).hasShape(2, 1).hasValues(110, 111);
      // A view: a change of the series shows.
      series.set(-1, 6, 0);
      assertThat(last.input().get(0, 0).item()).isEqualTo(-1);
    }
  }

  @Test
  void should_gather_batches_as_stacking_windows_would() {
    try (TensorScope scope = TensorScope.open()) {
      for (int[] targets : new int[][] {{}, {1, 2}, {2, 0}}) {
        var windows = new WindowDataset(series(20), 5, 3, o -> o.stride(2).targets(targets));
        for (int[] indices : new int[][] {{0, 1, 2}, {6, 1, 1}}) {
          Example batch = windows.getBatch(indices);
          Example stacked =
              Collate.<Example>byDefault()
                  .collate(IntStream.of(indices).mapToObj(windows::get).toList());
          TensorAssert.assertThat(batch.input()).isBitEqualTo(stacked.input());
          TensorAssert.assertThat(batch.target()).isBitEqualTo(stacked.target());
        }
      }
    }
  }

  @Test
  void should_keep_targets_of_the_parts_apart() {
    try (TensorScope scope = TensorScope.open()) {
      TimeSplit split = TimeSplit.byFraction(series(20), 0.5, 0.25);
      var training = split.trainingWindows(4, 2, o -> o.targets(0));
      var validation = split.validationWindows(4, 2, o -> o.targets(0));
      var test = split.testWindows(4, 2, o -> o.targets(0));
      TensorAssert.assertThat(training.get(training.size() - 1).target()).hasValues(8, 9);
      TensorAssert.assertThat(validation.get(0).target()).hasValues(10, 11);
      TensorAssert.assertThat(validation.get(validation.size() - 1).target()).hasValues(13, 14);
      TensorAssert.assertThat(test.get(0).input().select(1, 0)).hasValues(11, 12, 13, 14);
      TensorAssert.assertThat(test.get(0).target()).hasValues(15, 16);
    }
  }

  @Test
  void should_refuse_a_series_shorter_than_a_window() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor series = series(5);
      assertThatThrownBy(() -> new WindowDataset(series, 4, 2))
          .isInstanceOf(ShapeException.class)
          .hasMessage("a window of 4 + 2 steps does not fit into a series of 5");
    }
  }
}
