package dev.pantorch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.junit.LeakCheck;
import dev.pantorch.optim.lr.ReduceLROnPlateau;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A training that is broken off and resumed leaves the bits of one that was not.
@ExtendWith(LeakCheck.class)
class ResumeTest {
  @TempDir Path folder;

  /// Counts steps, over checkpoints too, and stops after some.
  private static final class Counter implements Callback {
    private final long stopAt;
    long steps;

    Counter(long stopAt) {
      this.stopAt = stopAt;
    }

    @Override
    public void onStepEnd(Trainer<?, ?> trainer, StepResult step) {
      steps++;
      if (step.step() == stopAt) trainer.stop();
    }

    @Override
    public Map<String, Object> state() {
      return Map.of("steps", steps);
    }

    @Override
    public void loadState(Map<String, ?> state) {
      if (state.get("steps") instanceof Number number) steps = number.longValue();
    }
  }

  private record Outcome(List<String> bits, String history, long steps) {}

  private Outcome run(
      int workers,
      long stopAt,
      Consumer<TrainerOptions<Task.Model, dev.pantorch.data.Example>> settings) {
    var task = new Task(workers);
    var counter = new Counter(stopAt);
    History history =
        task.trainer(
                o -> {
                  o.scheduler(new ReduceLROnPlateau(task.optimizer, p -> p.patience(0)), "val_loss")
                      .earlyStopping("val_mae", e -> e.patience(3).restoreBest(true))
                      .callback(counter)
                      .checkpoints(folder, c -> c.resume(true));
                  settings.accept(o);
                })
            .fit();
    return new Outcome(task.bits(), history.toString(), counter.steps);
  }

  // 22 samples in batches of 4 are 6 steps an epoch: in the first epoch, at a border, in the middle
  // of the third, in the last batch of an epoch, and after the last step of all.
  @ParameterizedTest
  @CsvSource({"1, 0", "6, 0", "15, 0", "18, 2", "23, 2", "24, 0"})
  void should_go_on_as_if_never_broken_off(long stopAt, int workers) throws Exception {
    Outcome whole = run(workers, 0, o -> {});
    try (var files = java.nio.file.Files.list(folder)) {
      for (Path file : files.toList()) java.nio.file.Files.delete(file);
    }
    run(workers, stopAt, o -> {});
    // Another program has drawn other numbers meanwhile.
    Torch.manualSeed(99);
    Outcome resumed = run(workers, 0, o -> {});
    assertThat(resumed).isEqualTo(whole);
  }

  @Test
  void should_go_on_from_a_checkpoint_within_an_epoch() {
    Outcome whole = run(0, 0, o -> o.checkpoints(folder.resolve("whole"), c -> {}));
    var task = new Task();
    var counter = new Counter(9);
    task.trainer(o ->
            o.scheduler(new ReduceLROnPlateau(task.optimizer, p -> p.patience(0)), "val_loss")
                .earlyStopping("val_mae", e -> e.patience(3).restoreBest(true))
                .callback(counter)
                .checkpoints(folder, c -> c.everySteps(4)))
        .fit();
    Outcome resumed = run(0, 0, o -> {});
    assertThat(resumed).isEqualTo(whole);
  }

  @Test
  void should_keep_the_best_epoch() throws Exception {
    var task = new Task();
    History history =
        task.trainer(o -> o.epochs(6).checkpoints(folder, c -> c.monitor("val_mae", Mode.MIN)))
            .fit();
    var state =
        new SavedValues(
            "state",
            new SavedValues("file", Torch.load(folder.resolve("best.pt")).value()).map("state"));
    assertThat(state.integer("epoch")).isEqualTo(history.best("val_mae", Mode.MIN).epoch() + 1);
  }

  @Test
  void should_refuse_checkpoints_of_other_trainers() throws Exception {
    Path file = folder.resolve("last.pt");
    var task = new Task();
    task.trainer(o -> o.epochs(1).checkpoints(folder)).fit();
    assertThatThrownBy(() -> new Task().trainer(o -> o.callback(new Counter(0))).fit(file))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "%s has 0 callbacks, but this trainer has 1; make it as the one that wrote the file"
                .formatted(file));
    assertThatThrownBy(() -> new Task().trainer(o -> o.schedulerPerStep(task.scheduler)).fit(file))
        .hasMessage(
            "%s has 1 schedulers, but this trainer has 2; make it as the one that wrote the file"
                .formatted(file));
    Torch.save(Map.of("epoch", 3), file);
    assertThatThrownBy(() -> new Task().trainer(o -> {}).fit(file))
        .hasMessage(
            "this is no checkpoint of a Trainer: %s.trainer is missing; expected a number"
                .formatted(file));
    assertThatThrownBy(() -> new Task().trainer(o -> {}).fit(folder.resolve("none.pt")))
        .isInstanceOf(UncheckedIOException.class);
  }
}
