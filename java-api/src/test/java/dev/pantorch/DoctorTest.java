package dev.pantorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
  @TempDir Path folder;

  @Test
  void should_report_what_was_found() {
    var bytes = new ByteArrayOutputStream();
    boolean healthy = Doctor.report(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    assertThat(healthy).isTrue();
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .contains("places tried", "devices", "threads", "libtorch's build")
        .contains("  path               " + System.getProperty("pantorch.libtorch.home"))
        .contains("  cpu                available")
        .anyMatch(line -> line.startsWith("  jdk                "))
        .anyMatch(line -> line.matches("  blas +\\w+"))
        .anyMatch(line -> line.matches("  in an operator +[1-9][0-9]*"))
        .anyMatch(line -> line.startsWith("  quantized engines  ") && line.contains(" (in use)"));
  }

  /// In a process of its own: this one has its libtorch already.
  @Test
  void should_name_the_problem_and_exit_with_1_when_libtorch_is_of_another_version()
      throws IOException, InterruptedException {
    Files.createDirectory(folder.resolve("lib"));
    for (String library : new String[] {"c10", "torch_cpu"}) {
      Files.createFile(folder.resolve("lib").resolve(System.mapLibraryName(library)));
    }
    Files.writeString(folder.resolve("build-version"), "2.9.1+cu128\n");

    Process doctor =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dpantorch.libtorch.home=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.pantorch.Doctor")
            .redirectErrorStream(true)
            .start();
    String output = new String(doctor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(doctor.waitFor()).isEqualTo(1);
    assertThat(output)
        .endsWith(
            """
            problem
            libtorch cannot be used.
              path:   %s
              found:  libtorch 2.9.1+cu128
              wanted: libtorch 2.13.0
              remedy: point pantorch.libtorch.home at libtorch 2.13.0, or unset it to use the one in the cache
            """
                .formatted(folder));
  }
}
