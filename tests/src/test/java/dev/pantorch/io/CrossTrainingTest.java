package dev.pantorch.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// A training that goes from Java to Python and back, through files, is the training that never
/// left.
class CrossTrainingTest {
  @TempDir private Path folder;

  @Test
  void should_save_what_python_saves_after_the_same_steps() throws IOException {
    assumePinned();
    Path ours = folder.resolve("trained-10.pt");
    var training = new CrossTraining();
    training.train();
    training.save(ours);

    try (var scope = TensorScope.open()) {
      Checkpoint java = Torch.load(ours);
      Checkpoint python = Torch.load(TestFiles.fixture("checkpoints/trained-10.pt"));
      assertThat(ValueText.describe(java.stateDict("model")))
          .isEqualTo(ValueText.describe(python.stateDict("model")));
      assertThat(java.map("scheduler")).isEqualTo(python.map("scheduler"));
      Map<String, ?> state = java.map("optimizer");
      assertThat(ValueText.describe(state.get("state")))
          .isEqualTo(ValueText.describe(python.map("optimizer").get("state")));
    }
  }

  @Test
  void should_end_where_an_uninterrupted_training_ends() throws IOException {
    assumePinned();
    goOn(TestFiles.fixture("checkpoints/trained-20.pt"));
  }

  @Test
  @EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
  void should_go_through_python_itself() throws IOException, InterruptedException {
    Path first = folder.resolve("first.pt");
    Path second = folder.resolve("second.pt");
    var training = new CrossTraining();
    training.train();
    training.save(first);
    Python.run("resume_training.py", first, second);
    assertThat(Files.exists(second)).isTrue();
    goOn(second);
  }

  /// From Python's file, ten steps more; beside thirty steps without a stop.
  private void goOn(Path fromPython) throws IOException {
    Path resumed = folder.resolve("resumed.pt");
    Path uninterrupted = folder.resolve("uninterrupted.pt");
    var training = new CrossTraining();
    training.resume(fromPython);
    training.train();
    training.save(resumed);
    var whole = new CrossTraining();
    for (int i = 0; i < 3; i++) whole.train();
    whole.save(uninterrupted);

    try (var scope = TensorScope.open()) {
      Map<String, Tensor> model = Torch.load(resumed).stateDict("model");
      assertThat(ValueText.describe(model))
          .isEqualTo(ValueText.describe(Torch.load(uninterrupted).stateDict("model")));
      assertThat(ValueText.describe(Torch.load(resumed).map("optimizer").get("state")))
          .isEqualTo(ValueText.describe(Torch.load(uninterrupted).map("optimizer").get("state")));
    }
  }

  private static void assumePinned() {
    assumeThat(Boolean.getBoolean("pantorch.parity.pinned")).isTrue();
  }
}
