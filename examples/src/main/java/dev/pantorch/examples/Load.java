package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Clients that ask for a while, each again as soon as it was answered.
///
/// @param requests what they ask for
/// @param expected the answer to each, of a single forward pass
/// @param clients how many ask at the same time
/// @param duration how long
record Load(List<Tensor> requests, List<Float> expected, int clients, Duration duration) {
  /// What answers.
  @FunctionalInterface
  interface Server {
    /// Answers with one number.
    Tensor answer(Tensor request) throws InterruptedException;
  }

  /// What came of it.
  ///
  /// @param latencies of all requests, in nanoseconds, sorted
  /// @param seconds how long it took
  /// @param equal the share of answers that are the expected ones to the bit
  /// @param maxDifference the largest difference of an answer from the expected one
  record Result(List<Long> latencies, double seconds, double equal, double maxDifference) {
    double perSecond() {
      return latencies.size() / seconds;
    }

    double latencyMillis(double share) {
      return latencies.get((int) Math.ceil(share * latencies.size()) - 1) / 1e6;
    }
  }

  /// What one client saw.
  private record Seen(List<Long> latencies, int equal, double maxDifference) {}

  /// Warms up for a fifth of the time, then measures.
  Result run(Server server) {
    measure(server, duration.dividedBy(5));
    return measure(server, duration);
  }

  private Result measure(Server server, Duration time) {
    long start = System.nanoTime();
    List<Seen> seen = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Seen>> running = new ArrayList<>();
      for (int i = 0; i < clients; i++) {
        int first = i;
        running.add(executor.submit(() -> ask(server, first, start + time.toNanos())));
      }
      for (Future<Seen> each : running) seen.add(each.get());
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    List<Long> latencies = seen.stream().flatMap(each -> each.latencies.stream()).sorted().toList();
    int equal = seen.stream().mapToInt(Seen::equal).sum();
    double difference = seen.stream().mapToDouble(Seen::maxDifference).max().orElse(0);
    return new Result(latencies, seconds, (double) equal / latencies.size(), difference);
  }

  private Seen ask(Server server, int first, long end) throws InterruptedException {
    List<Long> latencies = new ArrayList<>();
    int equal = 0;
    double difference = 0;
    int i = first;
    do {
      int asked = i % requests.size();
      i += clients;
      long start = System.nanoTime();
      float answer;
      try (var scope = TensorScope.open()) {
        answer = (float) server.answer(requests.get(asked)).item();
      }
      latencies.add(System.nanoTime() - start);
      float wanted = expected.get(asked);
      if (answer == wanted) equal++;
      difference = Math.max(difference, Math.abs((double) answer - wanted));
    } while (System.nanoTime() < end);
    return new Seen(latencies, equal, difference);
  }
}
