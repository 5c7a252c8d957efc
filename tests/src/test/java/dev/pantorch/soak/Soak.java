package dev.pantorch.soak;

import dev.pantorch.LeakDetection;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Runs a {@link Workload} for long and watches the process's resident memory.
///
/// @param operators how many operators, or steps of training, were run
/// @param seconds how long that took
/// @param warm the most bytes that were resident in the first fifth
/// @param most the most bytes that were resident afterwards
/// @param last the bytes that were resident at the end
/// @param handlesBefore live handles before the first turn
/// @param handlesAfter live handles after the last one and a collection
record Soak(
    long operators,
    double seconds,
    long warm,
    long most,
    long last,
    long handlesBefore,
    long handlesAfter) {
  private static final int SAMPLES = 200;
  private static final int COLLECTIONS = 100;
  private static final Path STATUS = Path.of("/proc/self/status");

  /// Runs one workload and prints a line of `name=value` pairs.
  ///
  /// @param args the workload, how many operators or `30m` for minutes, threads of libtorch
  public static void main(String[] args) {
    Torch.setNumThreads(Integer.parseInt(args[2]));
    Workload workload = Workload.valueOf(args[0].toUpperCase(Locale.ROOT).replace('-', '_'));
    boolean timed = args[1].endsWith("m");
    Soak soak =
        timed
            ? ofMinutes(workload, Double.parseDouble(args[1].substring(0, args[1].length() - 1)))
            : of(workload, Long.parseLong(args[1]));
    System.out.println("soak workload=" + args[0] + " " + soak);
  }

  /// Runs so many operators, or steps.
  static Soak of(Workload workload, long operators) {
    return run(workload, operators, Long.MAX_VALUE);
  }

  /// Runs for so many minutes.
  static Soak ofMinutes(Workload workload, double minutes) {
    return run(workload, Long.MAX_VALUE, (long) (minutes * 60e9));
  }

  private static Soak run(Workload workload, long operators, long nanos) {
    long before = LeakDetection.liveHandles();
    long warm = 0;
    long most = 0;
    long done = 0;
    int sampled = 0;
    long start = System.nanoTime();
    try (var state = new Workload.State()) {
      double progress;
      do {
        workload.turn(state);
        done += workload.operators;
        progress =
            Math.max((double) done / operators, (double) (System.nanoTime() - start) / nanos);
        if (progress * SAMPLES > sampled) {
          sampled = (int) (progress * SAMPLES) + 1;
          if (progress < 0.2) {
            warm = Math.max(warm, resident());
          } else {
            most = Math.max(most, resident());
          }
        }
      } while (progress < 1);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Soak(done, seconds, warm, most, resident(), before, handlesAfter(before));
  }

  /// Threads that have ended are noticed with some delay.
  private static long handlesAfter(long before) {
    for (int i = 0; i < COLLECTIONS && LeakDetection.liveHandles() > before; i++) {
      LeakDetection.collect();
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return LeakDetection.liveHandles();
  }

  /// Bytes of this process that are in memory; 0 where the system does not say.
  private static long resident() {
    if (!Files.exists(STATUS)) return 0;
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "operators=%d seconds=%.1f per_second=%.1f warm_mb=%.1f most_mb=%.1f last_mb=%.1f"
            + " handles_before=%d handles_after=%d",
        operators,
        seconds,
        operators / seconds,
        warm / 1048576.0,
        most / 1048576.0,
        last / 1048576.0,
        handlesBefore,
        handlesAfter);
  }
}
