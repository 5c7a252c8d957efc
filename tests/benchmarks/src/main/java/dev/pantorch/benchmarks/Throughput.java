package dev.pantorch.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// One model asked by several threads at once: nanoseconds an answer over all of them.
final class Throughput {
  private Throughput() {}

  static void measure(Rounds rounds, int threads, ThreadFactory factory, Runnable request)
      throws InterruptedException {
    phase(rounds.warmUp(), threads, factory, request);
    for (int round = 0; round < rounds.count(); round++) {
      System.out.printf(
          Locale.ROOT, "ns %.1f%n", phase(rounds.length(), threads, factory, request));
    }
  }

  private static double phase(double seconds, int threads, ThreadFactory factory, Runnable request)
      throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong answered = new AtomicLong();
    List<Thread> running = new ArrayList<>();
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      Thread thread =
          factory.newThread(() -> {
            long own = 0;
            for (; !stop.get(); own++) request.run();
            answered.addAndGet(own);
          });
      running.add(thread);
      thread.start();
    }
    Thread.sleep((long) (seconds * 1000));
    stop.set(true);
    for (Thread thread : running) thread.join();
    return (double) (System.nanoTime() - start) / answered.get();
  }
}
