package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Scopes within scopes, what they return, and what is closed early.
class ScopeNestingTest {
  record Named(String name, Path file, Tensor tensor) {}

  @Test
  void should_pass_a_result_out_through_every_level() {
    try (var outer = TensorScope.open()) {
      Tensor result =
          TensorScope.scope(() ->
              TensorScope.scope(() -> TensorScope.scope(() -> Torch.ones(3).mul(2)).add(1)).mul(2));
      assertThat(outer.contains(result)).isTrue();
      assertThat(outer.size()).isEqualTo(1);
      assertThat(result.toFloatArray()).containsExactly(6, 6, 6);
    }
  }

  private static Tensor factorial(int n) {
    return TensorScope.scope(() -> n == 0 ? Torch.ones(1) : factorial(n - 1).mul(n));
  }

  @Test
  void should_nest_as_deep_as_calls_do() {
    long before = LeakDetection.liveHandles();
    try (var scope = TensorScope.open()) {
      assertThat(factorial(10).item()).isEqualTo(3_628_800);
      assertThat(factorial(500).item()).isInfinite();
      assertThat(scope.size()).isEqualTo(2);
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_find_tensors_at_any_depth_of_a_result() {
    try (var outer = TensorScope.open()) {
      Map<String, List<Optional<Tensor[]>>> result =
          TensorScope.scope(() ->
              Map.of("a", List.of(Optional.of(new Tensor[] {Torch.ones(1)}), Optional.empty())));
      assertThat(result.get("a").getFirst().orElseThrow()[0].isClosed()).isFalse();
      assertThat(outer.size()).isEqualTo(1);
    }
  }

  /// A path is a sequence of paths, each of which is a sequence of itself.
  @Test
  void should_take_no_sequence_apart_that_is_no_collection() {
    Named named = TensorScope.scope(() -> new Named("a", Path.of("a", "b"), Torch.ones(2)));
    assertThat(named.tensor.isClosed()).isFalse();
    assertThat(TensorScope.scope(() -> Path.of("x")).toString()).isEqualTo("x");
    named.tensor.close();
  }

  @Test
  void should_leave_results_where_they_belong_already() {
    try (var outer = TensorScope.open()) {
      Tensor older = Torch.ones(1);
      Tensor kept = TensorScope.scope(() -> Torch.ones(1).keep());
      assertThat(TensorScope.scope(() -> older)).isSameAs(older);
      assertThat(outer.contains(older)).isTrue();
      assertThat(outer.contains(kept)).isFalse();
      kept.close();
    }
  }

  @Test
  void should_free_only_the_inner_scope_when_its_body_throws() {
    try (var outer = TensorScope.open()) {
      Tensor before = Torch.ones(1);
      List<Tensor> inner = new ArrayList<>();
      assertThatThrownBy(() ->
              TensorScope.scope(() -> {
                inner.add(Torch.ones(1));
                TensorScope.scope((Runnable) () -> inner.add(Torch.ones(2).add(Torch.ones(3))));
              }))
          .isInstanceOf(TorchException.class);
      assertThat(inner).hasSize(1).allMatch(Tensor::isClosed);
      assertThat(before.isClosed()).isFalse();
      assertThat(outer.contains(Torch.ones(1))).as("the outer scope is current again").isTrue();
      assertThat(outer.size()).isEqualTo(2);
    }
  }

  @Test
  void should_go_on_in_the_outer_scope_after_an_early_close() {
    try (var outer = TensorScope.open();
        var inner = TensorScope.open()) {
      Tensor early = Torch.ones(1);
      inner.close();
      assertThat(early.isClosed()).isTrue();
      assertThat(inner.isOpen()).isFalse();
      Tensor late = Torch.ones(1);
      assertThat(outer.contains(late)).isTrue();
      assertThatThrownBy(() -> late.moveTo(inner))
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage("cannot move a tensor into a scope that is closed");
    }
  }

  /// Whatever is made, closed, kept and moved in whatever order: the scope has what is left.
  @Test
  void should_count_right_whatever_is_closed_kept_and_moved() {
    Random random = new Random(5);
    for (int round = 0; round < 10; round++) {
      long before = LeakDetection.liveHandles();
      List<Tensor> here = new ArrayList<>();
      List<Tensor> kept = new ArrayList<>();
      List<Tensor> away = new ArrayList<>();
      try (var other = TensorScope.open();
          var scope = TensorScope.open()) {
        for (int step = 0; step < 300; step++) {
          int dice = here.isEmpty() ? 0 : random.nextInt(10);
          Tensor one = here.isEmpty() ? Torch.ones(0) : here.get(random.nextInt(here.size()));
          if (here.isEmpty()) one.close();
          switch (dice) {
            case 0, 1, 2, 3, 4 -> here.add(Torch.full(new long[] {1}, step));
            case 5, 6, 7 -> {
              one.close();
              here.remove(one);
            }
            case 8 -> {
              kept.add(one.keep());
              here.remove(one);
            }
            default -> {
              away.add(one.moveTo(other));
              here.remove(one);
            }
          }
          if (!kept.isEmpty() && random.nextInt(8) == 0) {
            here.add(scope.attach(kept.removeLast()));
          }
          assertThat(scope.size()).isEqualTo(here.size());
          assertThat(LeakDetection.liveHandles() - before)
              .isEqualTo(here.size() + kept.size() + away.size());
        }
        assertThat(here).noneMatch(Tensor::isClosed);
        scope.close();
        assertThat(here).allMatch(Tensor::isClosed);
        assertThat(away).noneMatch(Tensor::isClosed);
        assertThat(kept).noneMatch(Tensor::isClosed);
      }
      kept.forEach(Tensor::close);
      assertThat(LeakDetection.liveHandles()).isEqualTo(before);
    }
  }

  @Test
  void should_not_hold_on_to_what_was_closed_in_a_shared_scope() {
    List<WeakReference<Tensor>> closed = new ArrayList<>();
    try (var scope = TensorScope.openShared()) {
      for (int i = 0; i < 1000; i++) {
        Tensor tensor = Torch.ones(1);
        closed.add(new WeakReference<>(tensor));
        tensor.close();
      }
      LeakDetection.collect();
      assertThat(scope.size()).isZero();
      // Members that are closed are dropped now and then, not each at once.
      assertThat(closed).filteredOn(reference -> reference.refersTo(null)).hasSizeGreaterThan(800);
    }
  }
}
