package dev.pantorch.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C, in processes of their own.
class InterruptTest {
  @TempDir Path folder;

  private static Process start(Path folder, String... arguments) throws IOException {
    return ChildJvm.of(InterruptedRun.class)
        .flags("-Xmx512m", "-XX:TieredStopAtLevel=1")
        .arguments(folder)
        .arguments((Object[]) arguments)
        .builder()
        .redirectErrorStream(true)
        .start();
  }

  private static List<String> finish(Process process) throws Exception {
    List<String> lines = process.inputReader(StandardCharsets.UTF_8).lines().toList();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return lines;
  }

  private static void signal(Process process, String name) throws Exception {
    int code =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
    assertThat(code).isZero();
  }

  /// A shell starts background jobs with SIGINT ignored, and their children inherit that; a JVM
  /// then leaves it ignored.
  private static boolean ignoresInterrupts() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) return false;
    String mask =
        Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> line.substring("SigIgn:".length()).strip())
            .findFirst()
            .orElse("0");
    return (Long.parseUnsignedLong(mask, 16) & 1L << (2 - 1)) != 0;
  }

  private static void awaitLine(BufferedReader out, String wanted) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals(wanted)) return;
    }
    throw new AssertionError("the process ended before " + wanted);
  }

  @Test
  void should_leave_a_checkpoint_that_goes_on_with_the_same_bits() throws Exception {
    assumeTrue(!System.getProperty("os.name").startsWith("Windows"), "needs kill");
    Path whole = Files.createDirectory(folder.resolve("whole"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    finish(start(whole, "0", "signal"));
    Process first = start(broken, "100", "signal");
    BufferedReader out = first.inputReader(StandardCharsets.UTF_8);
    awaitLine(out, "step 9");
    signal(first, ignoresInterrupts() ? "TERM" : "INT");
    List<String> rest = out.lines().toList();
    assertThat(first.waitFor(60, TimeUnit.SECONDS)).isTrue();
    // As a process that a signal ends.
    assertThat(first.exitValue()).isEqualTo(128 + (ignoresInterrupts() ? 15 : 2));
    Path last = broken.resolve("last.pt");
    assertThat(rest).last().isEqualTo("Interrupted; training goes on from " + last);
    assertThat(broken.resolve("outcome.txt")).doesNotExist();

    // SIGTERM, as when a machine is taken away, and once more.
    Process second = start(broken, "100", "signal");
    out = second.inputReader(StandardCharsets.UTF_8);
    assertThat(out.readLine()).startsWith("Resuming from " + last + ": epoch 2, batch ");
    awaitLine(out, "step 20");
    signal(second, "TERM");
    finish(second);
    assertThat(second.exitValue()).isEqualTo(128 + 15);

    assertThat(finish(start(broken, "0", "signal")))
        .first()
        .asString()
        .contains(": epoch 4, batch ");
    assertThat(broken.resolve("outcome.txt")).hasSameTextualContentAs(whole.resolve("outcome.txt"));
    // Nothing is left of files that were being written.
    try (var files = Files.list(broken)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("best.pt", "last.pt", "outcome.txt");
    }
  }

  @Test
  void should_not_hold_back_a_training_that_ends_the_process_itself() throws Exception {
    long began = System.nanoTime();
    Process process = start(folder, "0", "exit");
    List<String> lines = finish(process);
    assertThat(process.exitValue()).isEqualTo(3);
    assertThat(lines).last().isEqualTo("step 8");
    // Not the minute for which it would wait for a checkpoint.
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(45);
    // That of the epoch before is still there.
    assertThat(Torch.load(folder.resolve("last.pt")).has("model")).isTrue();
  }
}
