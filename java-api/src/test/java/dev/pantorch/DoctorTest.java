package dev.pantorch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        .contains("  cpu                available", "  allocator          caching")
        .anyMatch(line -> line.startsWith("  jdk                "))
        .anyMatch(line -> line.matches("  blas +\\w+"))
        .anyMatch(line -> line.matches("  in an operator +[1-9][0-9]*"))
        .anyMatch(line -> line.startsWith("  quantized engines  ") && line.contains(" (in use)"));
  }

  @Test
  void should_name_the_problem_and_exit_with_1_when_libtorch_is_of_another_version()
      throws IOException, InterruptedException {
    Files.createDirectory(folder.resolve("lib"));
    for (String library : new String[] {"c10", "torch_cpu"}) {
      Files.createFile(folder.resolve("lib").resolve(System.mapLibraryName(library)));
    }
    Files.writeString(folder.resolve("build-version"), "2.9.1+cu128\n");

    Result doctor = runDoctor();

    assertThat(doctor.code).isEqualTo(1);
    assertThat(doctor.output)
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

  /// What a CUDA build is on a machine without CUDA: its processor half is as good as any.
  @Test
  void should_work_with_a_build_for_an_accelerator_that_cannot_be_loaded_here()
      throws IOException, InterruptedException {
    Path real = Path.of(System.getProperty("pantorch.libtorch.home"), "lib");
    Path lib = Files.createDirectory(folder.resolve("lib"));
    List<Path> links = new ArrayList<>();
    try (DirectoryStream<Path> libraries = Files.newDirectoryStream(real)) {
      for (Path library : libraries) {
        links.add(Files.createSymbolicLink(lib.resolve(library.getFileName()), library));
      }
    }
    Path cuda = lib.resolve(System.mapLibraryName("torch_cuda"));
    Files.writeString(cuda, "needs a driver");
    Files.writeString(folder.resolve("build-version"), "2.13.0+cu130\n");

    Result doctor = runDoctor();
    for (Path link : links) {
      Files.delete(link);
    }

    assertThat(doctor.code).isZero();
    assertThat(doctor.output.lines())
        .contains("  found              2.13.0+cu130", "  cuda               none")
        .anyMatch(line -> line.startsWith("  load " + cuda + ": ") && !line.endsWith(": loaded"));
  }

  private record Result(int code, String output) {}

  /// In a process of its own, with `folder` for a libtorch: this one has its libtorch already.
  private Result runDoctor() throws IOException, InterruptedException {
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
    return new Result(doctor.waitFor(), output);
  }
}
