package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/// Takes models everywhere that were trained on little, made up by hand.
class ExportTest {
  private static final List<String> MODELS = List.of("rain", "spam", "tagging");

  @TempDir private Path folder;

  private ExampleRun run(String... more) {
    String[] all =
        Stream.concat(
                Stream.of(
                    "--models",
                    folder.toString(),
                    "--output",
                    folder.resolve("export").toString(),
                    "--spam-data",
                    ExampleRun.data("mail").toString(),
                    "--brown-data",
                    ExampleRun.data("brown").toString()),
                Stream.of(more))
            .toArray(String[]::new);
    return ExampleRun.of(Export::new, all);
  }

  @Test
  void should_take_each_model_to_onnx_runtime_and_to_bytes() {
    ExampleRun run = run("--no-python");

    assertThat(run.errors()).isEmpty();
    assertThat(run.exitCode()).isZero();
    for (String model : MODELS) {
      assertThat(run.figure(model + "_onnx")).isLessThanOrEqualTo(1e-5);
      assertThat(run.figure(model + "_size")).isLessThan(1);
      assertThat(run.figure(model + "_f1")).isBetween(0.0, 1.0);
      assertThat(run.figure(model + "_int8_f1")).isBetween(0.0, 1.0);
      assertThat(folder.resolve("export").resolve(model))
          .isDirectoryContaining("glob:**/model.onnx")
          .isDirectoryContaining("glob:**/model-int8.pt");
    }
  }

  @Test
  void should_take_a_model_that_its_example_has_trained() throws IOException {
    Path output = folder.resolve("rain");
    Path model = output.resolve("model.safetensors");
    ExampleRun.of(Rain::new, "--epochs", "1", "--output", output.toString());
    byte[] before = Files.readAllBytes(model);

    ExampleRun run = run("--no-python", "--only", "RAIN");

    assertThat(run.lines()).noneMatch(line -> line.startsWith("Epoch"));
    assertThat(Files.readAllBytes(model)).isEqualTo(before);
    assertThat(run.lines().getLast()).startsWith("export rain_onnx=");
  }

  @Test
  void should_say_what_to_do_without_a_python() {
    ExampleRun run = run("--python", folder.resolve("none").toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.errors())
        .isEqualTo(
            "--python "
                + folder.resolve("none")
                + " has no PyTorch 2.13.0; install it there, or leave --python out\n");
  }

  @Test
  @EnabledIfSystemProperty(named = "pantorch.python", matches = ".+")
  void should_be_the_same_in_python_and_come_back() {
    ExampleRun run = run("--python", System.getProperty("pantorch.python"));

    assertThat(run.errors()).isEmpty();
    for (String model : MODELS) {
      assertThat(run.figure(model + "_python")).isZero();
      assertThat(run.figure(model + "_resumed")).isZero();
    }
  }
}
