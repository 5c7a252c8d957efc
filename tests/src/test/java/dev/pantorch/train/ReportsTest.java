package dev.pantorch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.junit.LeakCheck;
import dev.pantorch.train.tensorboard.SummaryWriter;
import dev.pantorch.train.tensorboard.TensorBoardCallback;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// History, progress, and the callback for TensorBoard.
@ExtendWith(LeakCheck.class)
class ReportsTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path folder;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private long now;

  private static EpochResult epoch(int number, Object... figures) {
    var map = new LinkedHashMap<String, Double>();
    for (int i = 0; i < figures.length; i += 2)
      map.put((String) figures[i], (Double) figures[i + 1]);
    return new EpochResult(number, map);
  }

  private static History history() {
    var history = new History();
    history.add(epoch(1, "loss", 0.69314, "lr", 1e-3));
    history.add(epoch(2, "loss", 12.5, "val_loss", 0.5, "lr", 1e-3));
    history.add(epoch(3, "loss", Double.NaN, "val_loss", 0.75, "lr", 1e-4));
    return history;
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void should_show_a_history_as_table_csv_and_json() throws Exception {
    assertThat(history())
        .hasToString(
            """
            epoch     loss         lr  val_loss
                1   0.6931  1.000e-03         \s
                2  12.5000  1.000e-03    0.5000
                3      NaN  1.000e-04    0.7500
            """);
    Path csv = folder.resolve("history.csv");
    history().saveCsv(csv);
    assertThat(csv)
        .hasContent(
            """
            epoch,loss,lr,val_loss
            1,0.69314,0.001,
            2,12.5,0.001,0.5
            3,NaN,1.0E-4,0.75
            """);
    Path json = folder.resolve("history.json");
    history().saveJson(json);
    assertThat(Files.readString(json).replaceAll("\\s+", ""))
        .isEqualTo(
            "[{\"epoch\":1,\"loss\":0.69314,\"lr\":0.001},"
                + "{\"epoch\":2,\"loss\":12.5,\"val_loss\":0.5,\"lr\":0.001},"
                + "{\"epoch\":3,\"loss\":null,\"val_loss\":0.75,\"lr\":1.0E-4}]");
    assertThat(history().values("val_loss")).containsExactly(Double.NaN, 0.5, 0.75);
    assertThat(history().best("loss", Mode.MAX).epoch()).isEqualTo(2);
    assertThat(history().plot("a", "loss", "val_loss").png()).isNotEmpty();
    assertThatThrownBy(() -> history().values("f1"))
        .hasMessage("the history has no 'f1'; it has [loss, lr, val_loss]");
  }

  @Test
  void should_print_a_line_an_epoch_where_output_goes_to_a_pipe() {
    try (var progress = new Progress(out, false, () -> now, 2)) {
      progress.beginEpoch(1, 8, 0);
      for (int batch = 1; batch <= 8; batch++) {
        now += SECOND / 2;
        progress.step(batch, 0.5, 1e-3);
      }
      progress.endBatches();
      // Validation does not count in the rate.
      now += 100 * SECOND;
      progress.endEpoch(epoch(1, "loss", 0.5, "val_loss", 0.25));
      progress.beginEpoch(2, 4, 0);
      for (int batch = 1; batch <= 4; batch++) {
        now += 40 * SECOND;
        progress.step(batch, 1 + batch, 1e-3);
      }
      progress.endBatches();
      progress.endEpoch(epoch(2, "loss", 5.0));
    }
    assertThat(printed())
        .isEqualTo(
            """
            Epoch 1/2: loss 0.5000, val_loss 0.2500 (8 batches, 2.0 batches/s)
            Epoch 2/2, batch 2/4: loss 3.0000, lr 1.000e-03, 0.0 batches/s
            Epoch 2/2, batch 4/4: loss 5.0000, lr 1.000e-03, 0.0 batches/s
            Epoch 2/2: loss 5.0000 (4 batches, 0.0 batches/s)
            """);
  }

  @Test
  void should_print_no_control_characters_from_a_whole_training() {
    new Task().trainer(o -> o.epochs(2).progress(out)).fit();
    assertThat(printed().lines()).hasSize(2);
    assertThat(printed())
        .matches(
            "(?s)Epoch 1/2: loss \\d\\.\\d{4}, val_loss \\d\\.\\d{4}, val_mae \\d\\.\\d{4}, lr"
                + " 0\\.0100 \\(6 batches, [\\d.]+ batches/s\\)\\n.*")
        .doesNotContain("\r", "\u001b");
  }

  @Test
  void should_draw_a_bar_with_loss_and_rate_on_a_terminal() {
    try (var progress = new Progress(out, true, () -> now, 1)) {
      progress.beginEpoch(1, 4, 0);
      progress.step(4, 0.5, 0.25);
      now += SECOND;
      progress.endBatches();
      progress.endEpoch(epoch(1, "loss", 0.5));
    }
    assertThat(printed())
        .contains("Epoch 1/1", "100%", "4/4", "loss 0.5000, lr 0.2500", "/s")
        .endsWith("Epoch 1/1: loss 0.5000 (4 batches, 4.0 batches/s)\n");
  }

  @Test
  void should_show_a_training_in_tensorboard() throws Exception {
    Path file;
    try (var writer = new SummaryWriter(folder)) {
      file = writer.file();
      new Task().trainer(o -> o.epochs(2).callback(new TensorBoardCallback(writer, 3, true))).fit();
    }
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    // 12 steps, of which each third is shown.
    assertThat(text.split("step/loss", -1)).hasSize(1 + 4);
    assertThat(text.split("step/gradient_norm", -1)).hasSize(1 + 4);
    assertThat(text.split("epoch/val_mae", -1)).hasSize(1 + 2);
    assertThat(text.split("parameters/lstm.weight_ih_l0", -1)).hasSize(1 + 2);
    assertThatThrownBy(() -> new TensorBoardCallback(new SummaryWriter(folder), 0, false))
        .hasMessage("everySteps must be 1 or more, not 0");
  }
}
