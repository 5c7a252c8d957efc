package dev.pantorch.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// Many units of work in naive style, with the growth of resident memory while they run. The heap
/// is resident from the start (`-XX:+AlwaysPreTouch`), so that what grows is native memory.
record Residence(int count) {
  private static final int SAMPLES = 100;

  /// As the run script asks for it: `WORKLOAD COUNT`.
  static Residence of(String[] args) {
    return new Residence(Integer.parseInt(args[1]));
  }

  /// Runs the body for a hundredth of the count, which is what is warm, then for all of it, and
  /// prints nanoseconds a unit and the most that resident memory rose above the warm level.
  void measure(Rounds.Body body) throws Exception {
    int part = count / SAMPLES;
    body.run(part);
    long warm = residentKiB();
    long most = warm;
    long taken = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      long start = System.nanoTime();
      body.run(part);
      taken += System.nanoTime() - start;
      most = Math.max(most, residentKiB());
    }
    System.out.printf(
        Locale.ROOT, "ns %.1f%ngrowth %.1f%n", (double) taken / count, (most - warm) / 1024.0);
  }

  private static long residentKiB() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", ""));
    }
    throw new IOException("/proc/self/status has no VmRSS");
  }
}
