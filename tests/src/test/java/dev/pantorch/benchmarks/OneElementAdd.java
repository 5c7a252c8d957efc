package dev.pantorch.benchmarks;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;

/// One-element add from Java: nanoseconds a call, one line a round. `scope`: in scopes of 50
/// tensors; `closed`: each closed at once; `unscoped`: never closed, freed by reachability.
public final class OneElementAdd {
  private static final int SCOPE = 50;

  private OneElementAdd() {}

  /// Runs one way of freeing.
  ///
  /// @param args way, rounds, calls a round
  public static void main(String[] args) {
    String way = args[0];
    int rounds = Integer.parseInt(args[1]);
    int calls = Integer.parseInt(args[2]);
    Torch.setNumThreads(1);
    Tensor a = Torch.ones(1);
    Tensor b = Torch.ones(1);
    for (int round = 0; round < rounds; round++) {
      long start = System.nanoTime();
      switch (way) {
        case "scope" -> inScopes(a, b, calls);
        case "closed" -> closedAtOnce(a, b, calls);
        case "unscoped" -> unscoped(a, b, calls);
        default -> throw new IllegalArgumentException("no way of freeing is called " + way);
      }
      System.out.printf("%s %.1f%n", way, (System.nanoTime() - start) / (double) calls);
    }
  }

  private static void inScopes(Tensor a, Tensor b, int calls) {
    for (int done = 0; done < calls; done += SCOPE) {
      try (var scope = TensorScope.open()) {
        for (int i = 0; i < SCOPE; i++) a.add(b);
      }
    }
  }

  private static void closedAtOnce(Tensor a, Tensor b, int calls) {
    for (int i = 0; i < calls; i++) a.add(b).close();
  }

  private static void unscoped(Tensor a, Tensor b, int calls) {
    for (int i = 0; i < calls; i++) a.add(b);
  }
}
