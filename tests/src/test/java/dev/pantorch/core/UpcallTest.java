package dev.pantorch.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Java that libtorch calls in the middle of a backward pass may do what any Java does, backward
/// passes included, on whichever thread it is called.
class UpcallTest {
  /// libtorch runs passes within passes on the thread that asks for them, up to this depth; deeper
  /// ones on threads of its own.
  private static final int DEEPEST_ON_ONE_THREAD = 60;

  /// What the hooks of a pass see and do.
  private static final class Passes {
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private volatile boolean gradEnabled;
    private volatile Runnable bottom = () -> {};

    /// A pass with a hook in which another one runs, and so on.
    ///
    /// @return the sum of the gradients, 2 a pass
    double run(int depth) {
      return TensorScope.scope(() -> {
        Tensor x = Torch.ones(1).requiresGrad_();
        Tensor y = x.mul(2);
        double[] within = {0};
        y.registerHook(gradient -> {
          threads.add(Thread.currentThread());
          gradEnabled |= Torch.isGradEnabled();
          if (depth == 0) {
            bottom.run();
          } else {
            within[0] = Torch.enableGrad(() -> run(depth - 1));
          }
          return gradient.mul(1);
        });
        y.sum().backward();
        return requireNonNull(x.grad()).item() + within[0];
      });
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 10, DEEPEST_ON_ONE_THREAD, 2 * DEEPEST_ON_ONE_THREAD + 10})
  void should_run_passes_within_hooks_of_passes(int depth) {
    Passes passes = new Passes();
    assertThat(passes.run(depth)).isEqualTo(2.0 * (depth + 1));
    // As in Python: a pass that builds no graph of its own runs without recording.
    assertThat(passes.gradEnabled).isFalse();
    if (depth > DEEPEST_ON_ONE_THREAD) {
      assertThat(passes.threads).contains(Thread.currentThread()).hasSizeGreaterThan(1);
    } else {
      assertThat(passes.threads).containsExactly(Thread.currentThread());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 2 * DEEPEST_ON_ONE_THREAD})
  void should_bring_an_exception_up_through_all_passes_and_threads(int depth) {
    RuntimeException mine = new ArithmeticException("mine");
    Passes passes = new Passes();
    passes.bottom =
        () -> {
          throw mine;
        };
    assertThatThrownBy(() -> passes.run(depth)).isSameAs(mine);
    // And the engine is none the worse for it.
    passes.bottom = () -> {};
    assertThat(passes.run(depth)).isEqualTo(2.0 * (depth + 1));
  }

  /// In a process of its own, where no other test was before. libtorch starts what deep passes need
  /// for the first engine of a process, and there is to be one engine.
  @Test
  void should_run_deep_passes_after_a_function_came_into_use() throws Exception {
    assertThat(ChildJvm.of(DeepPasses.class).output()).isEqualTo("2.0 142.0\n");
  }

  /// A pass, a function whose derivative is Java's, and passes within passes.
  static final class DeepPasses {
    private DeepPasses() {}

    public static void main(String[] args) {
      double first = new Passes().run(0);
      Autograd.setDetectAnomaly(true, false);
      new Passes().run(0);
      Autograd.setDetectAnomaly(false, false);
      System.out.print(first + " " + new Passes().run(DEEPEST_ON_ONE_THREAD + 10) + "\n");
    }
  }

  @Test
  void should_bring_an_error_of_the_jvm_up() {
    Passes passes = new Passes();
    passes.bottom = UpcallTest::overflow;
    assertThatThrownBy(() -> passes.run(5)).isInstanceOf(StackOverflowError.class);
    passes.bottom = () -> {};
    assertThat(passes.run(5)).isEqualTo(12);
  }

  @SuppressWarnings("InfiniteRecursion") // that is what it is for
  private static void overflow() {
    overflow();
  }

  @Test
  void should_refuse_what_libtorch_refuses_inside_a_hook() {
    Passes passes = new Passes();
    passes.bottom = () -> Torch.ones(2).matmul(Torch.ones(3));
    assertThatThrownBy(() -> passes.run(3))
        .hasMessageStartingWith("aten::matmul: inconsistent tensor size, expected tensor [2]");
  }

  @Test
  void should_run_passes_within_hooks_on_virtual_threads() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      var sums =
          IntStream.range(0, 16).mapToObj(i -> executor.submit(() -> new Passes().run(i))).toList();
      for (int i = 0; i < 16; i++) assertThat(sums.get(i).get()).isEqualTo(2.0 * (i + 1));
    }
  }

  /// The tensors of a closed scope are gone in a hook as elsewhere.
  @Test
  void should_name_a_closed_tensor_inside_a_hook() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(1).requiresGrad_();
      Tensor gone = Torch.ones(1);
      Tensor y = x.mul(2);
      y.registerHook(gradient -> gradient.mul(gone));
      gone.close();
      assertThatThrownBy(() -> y.sum().backward())
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
  }
}
