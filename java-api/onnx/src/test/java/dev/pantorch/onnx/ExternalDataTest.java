package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {
  @TempDir Path folder;

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private void export(Module model, Tensor x, Consumer<OnnxOptions> settings) throws IOException {
    Onnx.export(
        model,
        List.of(x),
        folder.resolve("model.onnx"),
        o -> {
          o.verify();
          settings.accept(o);
        });
    OnnxRuntime.assertSame(folder.resolve("model.onnx"), Models.run(model, x), x);
  }

  @Test
  void should_keep_weights_in_a_file_of_their_own() throws IOException {
    Torch.manualSeed(1);
    Module model = new Sequential(new Linear(40, 50), new Linear(50, 3));
    Tensor x = Torch.randn(2, 40);
    export(model, x, o -> o.externalData(true));
    assertThat(files()).hasSize(2);
    assertThat(files().get(0)).hasFileName("model.onnx").isRegularFile();
    assertThat(files().get(1).getFileName().toString())
        .matches("model\\.onnx\\.[0-9a-f]{8}\\.data");
    // The first weight is from 0 on, small tensors are in the model.
    assertThat(Files.size(files().get(1))).isEqualTo(40 * 50 * 4);
    assertThat(Files.size(files().get(0))).isLessThan(4096);
  }

  @Test
  void should_take_the_weights_of_the_model_before_away_once_the_new_model_is_there()
      throws IOException {
    Tensor x = Torch.randn(2, 40);
    export(new Linear(40, 50), x, o -> o.externalData(true));
    Path first = files().get(1);
    export(new Linear(40, 50), x, o -> o.externalData(true));
    assertThat(files()).hasSize(2).doesNotContain(first);
    export(new Linear(40, 50), x, o -> {});
    assertThat(files()).containsExactly(folder.resolve("model.onnx"));
  }

  @Test
  void should_do_so_where_one_file_cannot_hold_them() throws IOException {
    Torch.manualSeed(1);
    Module model = new Sequential(new Linear(40, 50), new Linear(50, 600));
    Tensor x = Torch.randn(2, 40);
    export(model, x, o -> o.mostEmbedded = 100_000);
    assertThat(files()).hasSize(2);
    // The weights of 8,000, 120,000 and 2,400 bytes, each from a page's beginning on.
    assertThat(Files.size(files().get(1))).isEqualTo(8192 + 122_880 + 2400);
  }
}
