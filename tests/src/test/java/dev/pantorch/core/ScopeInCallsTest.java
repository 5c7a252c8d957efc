package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Autograd;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A hook runs in the middle of a call, whose tensors it may close or move: the call goes on with
/// them nevertheless. Without care that is a use of freed memory, which kills the JVM.
class ScopeInCallsTest {
  private static final int SIZE = 100;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  enum Mischief {
    CLOSE_THE_SCOPE((scope, x) -> scope.close()),
    CLOSE_THE_TENSOR((_, x) -> x.close()),
    KEEP_AND_CLOSE((_, x) -> x.keep().close()),
    MOVE_AND_CLOSE((_, x) -> {
      try (var inner = TensorScope.open()) {
        x.moveTo(inner);
      }
    }),
    CLOSE_AROUND_AN_INNER_SCOPE((scope, _) -> {
      TensorScope.open();
      scope.close();
    });

    final BiConsumer<TensorScope, Tensor> action;

    Mischief(BiConsumer<TensorScope, Tensor> action) {
      this.action = action;
    }
  }

  @ParameterizedTest
  @EnumSource
  void should_finish_a_call_whose_tensors_a_hook_has_closed(Mischief mischief) {
    for (int round = 0; round < 5; round++) {
      long before = LeakDetection.liveHandles();
      try (Tensor leaf = Torch.randn(SIZE, SIZE).requiresGrad_();
          Tensor result = product(leaf, mischief);
          Tensor expected = leaf.mul(2).mm(leaf.mul(3))) {
        assertThat(result.detach()).isBitEqualTo(expected.detach());
      }
      LeakDetection.collect();
      assertThat(LeakDetection.liveHandles()).isEqualTo(before);
    }
  }

  /// `2 leaf @ 3 leaf`, with the factors in a scope that ends while they are multiplied.
  private static Tensor product(Tensor leaf, Mischief mischief) {
    TensorScope scope = TensorScope.open();
    Tensor x = leaf.mul(2);
    Tensor w = leaf.mul(3);
    boolean[] done = new boolean[1];
    try (var hooks =
        Autograd.savedTensorsHooks(
            saved -> {
              if (!done[0]) {
                done[0] = true;
                mischief.action.accept(scope, x);
                // Takes the memory over if that was freed.
                for (int i = 0; i < 3; i++) Torch.zeros(SIZE, SIZE).close();
              }
              return 0;
            },
            _ -> Torch.ones(1))) {
      return x.mm(w).keep();
    } finally {
      scope.close();
    }
  }

  @Test
  void should_free_what_a_hook_makes_in_its_own_scope_at_once() {
    try (Tensor leaf = Torch.ones(2).requiresGrad_()) {
      long[] live = new long[2];
      try (var scope = TensorScope.open()) {
        Tensor y = leaf.mul(2);
        y.registerHook(grad -> {
          live[0] = LeakDetection.liveHandles();
          try (var inner = TensorScope.open()) {
            for (int i = 0; i < 100; i++) grad.add(i);
          }
          live[1] = LeakDetection.liveHandles();
          return grad;
        });
        y.sum().backward();
      }
      assertThat(live[1]).isEqualTo(live[0]);
      leaf.setGrad(null);
    }
  }
}
