package dev.pantorch.benchmarks;

import java.util.Locale;

/// How every entrant in Java is timed: calls until the warm-up is over, then rounds of a fixed
/// time. The twins in C++ and Python do the same.
///
/// @param warmUp seconds before the first round
/// @param count how many rounds
/// @param length seconds of a round
record Rounds(double warmUp, int count, double length) {
  private static final double SLICE_NANOS = 5e6;

  /// What is timed: as many calls as it is told to make, without looking at the clock.
  interface Body {
    void run(int calls) throws Exception;
  }

  /// Rounds as the run script asks for them: `WORKLOAD WARM_UP ROUNDS LENGTH`.
  static Rounds of(String[] args) {
    return new Rounds(
        Double.parseDouble(args[1]), Integer.parseInt(args[2]), Double.parseDouble(args[3]));
  }

  /// Prints nanoseconds a unit of work, one line a round.
  ///
  /// @param units how many units a call of the body is
  void time(int units, Body body) throws Exception {
    int calls = 1;
    long start = System.nanoTime();
    while (System.nanoTime() - start < warmUp * 1e9) {
      long before = System.nanoTime();
      body.run(calls);
      if (System.nanoTime() - before < SLICE_NANOS) calls *= 2;
    }
    for (int round = 0; round < count; round++) {
      long done = 0;
      long taken;
      long from = System.nanoTime();
      do {
        body.run(calls);
        done += calls;
        taken = System.nanoTime() - from;
      } while (taken < length * 1e9);
      System.out.printf(Locale.ROOT, "ns %.1f%n", (double) taken / done / units);
    }
  }

  void time(Body body) throws Exception {
    time(1, body);
  }
}
