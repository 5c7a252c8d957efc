package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TensorScopeTest {
  public record Pair(Tensor first, Tensor second) {}

  @Test
  void should_free_its_tensors_when_closed() {
    long before = LeakDetection.liveHandles();
    Tensor escaped;
    try (var scope = TensorScope.open()) {
      escaped = Torch.ones(3).add(1);
      assertThat(scope.size()).isEqualTo(2);
      assertThat(scope.contains(escaped)).isTrue();
    }
    assertThat(escaped.isClosed()).isTrue();
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_name_the_remedy_when_a_tensor_is_used_after_its_scope() {
    Tensor escaped;
    try (var scope = TensorScope.open()) {
      escaped = Torch.ones(3);
    }
    String name = "@" + Integer.toHexString(System.identityHashCode(escaped));
    assertThatThrownBy(() -> escaped.add(1))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "tensor "
                + name
                + " is closed: it was freed by close() or by the end of its scope; to use it"
                + " longer, return it from the scope, or call keep() or moveTo(outer)");
  }

  @Test
  void should_move_results_out() {
    try (var outer = TensorScope.open()) {
      Tensor sum = TensorScope.scope(() -> Torch.ones(4).mul(2).sum());
      assertThat(outer.contains(sum)).isTrue();
      assertThat(outer.size()).isEqualTo(1);
      assertThat(sum.item()).isEqualTo(8);
    }
  }

  @Test
  void should_move_results_out_of_collections_maps_arrays_and_records() {
    try (var outer = TensorScope.open()) {
      List<Tensor> list = TensorScope.scope(() -> List.of(Torch.ones(1), Torch.ones(2)));
      Map<String, Tensor> map = TensorScope.scope(() -> Map.of("a", Torch.ones(3)));
      Tensor[] array = TensorScope.scope(() -> new Tensor[] {Torch.ones(4)});
      Pair pair = TensorScope.scope(() -> new Pair(Torch.ones(5), Torch.ones(6)));
      assertThat(list).noneMatch(Tensor::isClosed);
      assertThat(map.values()).noneMatch(Tensor::isClosed);
      assertThat(array).noneMatch(Tensor::isClosed);
      assertThat(pair.first().numel() + pair.second().numel()).isEqualTo(11);
      assertThat(outer.size()).isEqualTo(6);
    }
  }

  @Test
  void should_keep_a_tensor_beyond_every_scope() {
    Tensor kept;
    try (var scope = TensorScope.open()) {
      kept = scope.keep(Torch.ones(2));
      assertThat(scope.contains(kept)).isFalse();
    }
    assertThat(kept.sum().item()).isEqualTo(2);
    kept.close();
    assertThat(kept.isClosed()).isTrue();
    kept.close();
  }

  @Test
  void should_move_a_tensor_to_an_outer_scope() {
    Tensor moved;
    try (var outer = TensorScope.open()) {
      try (var inner = TensorScope.open()) {
        moved = Torch.ones(2).moveTo(outer);
        assertThat(inner.size()).isZero();
      }
      assertThat(moved.sum().item()).isEqualTo(2);
    }
    assertThat(moved.isClosed()).isTrue();
  }

  @Test
  void should_take_in_a_tensor_made_outside() {
    Tensor made = Torch.ones(2);
    try (var scope = TensorScope.open()) {
      scope.attach(made);
      assertThat(scope.contains(made)).isTrue();
    }
    assertThat(made.isClosed()).isTrue();
  }

  @Test
  void should_free_when_the_body_throws() {
    long before = LeakDetection.liveHandles();
    assertThatThrownBy(() ->
            TensorScope.scope(() -> {
              Torch.ones(3);
              throw new IllegalStateException("mine");
            }))
        .hasMessage("mine");
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }

  @Test
  void should_close_inner_scopes_that_were_left_open() {
    Tensor inInner;
    try (var outer = TensorScope.open()) {
      TensorScope inner = TensorScope.open();
      inInner = Torch.ones(1);
      outer.close();
      assertThat(inner.isOpen()).isFalse();
    }
    assertThat(inInner.isClosed()).isTrue();
    try (var next = TensorScope.open()) {
      assertThat(next.contains(Torch.ones(1))).isTrue();
    }
  }

  @Test
  void should_close_early_one_tensor_of_many() {
    try (var scope = TensorScope.open()) {
      Tensor first = Torch.ones(1);
      Tensor second = Torch.ones(1);
      first.close();
      assertThat(scope.size()).isEqualTo(1);
      assertThat(second.item()).isEqualTo(1);
    }
  }

  @Test
  void should_refuse_a_confined_tensor_in_another_thread() throws Exception {
    try (var scope = TensorScope.open();
        var executor = Executors.newSingleThreadExecutor(r -> new Thread(r, "other"))) {
      Tensor confined = Torch.ones(1);
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      executor
          .submit(() -> {
            try {
              confined.add(1);
            } catch (RuntimeException e) {
              thrown.set(e);
            }
          })
          .get();
      assertThat(thrown.get())
          .isExactlyInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a tensor of a scope opened by thread '%s' was used by thread 'other': scopes are"
                  + " confined to their thread; call keep() on the tensor, or open the scope with"
                  + " TensorScope.openShared()",
              Thread.currentThread().getName());
    }
  }

  @Test
  void should_share_the_tensors_of_a_shared_scope() throws Exception {
    Tensor shared;
    try (var scope = TensorScope.openShared();
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      shared = Torch.ones(5);
      Tensor seen = shared;
      assertThat(executor.submit(() -> TensorScope.scope(() -> seen.sum().item())).get())
          .isEqualTo(5.0);
      assertThat(scope.size()).isEqualTo(1);
    }
    assertThat(shared.isClosed()).isTrue();
  }

  @Test
  void should_free_what_a_dead_thread_left_open() throws Exception {
    long before = LeakDetection.liveHandles();
    Thread careless =
        new Thread(() -> {
          TensorScope.open();
          for (int i = 0; i < 100; i++) Torch.ones(1);
        });
    careless.start();
    careless.join();
    assertThat(LeakDetection.liveHandles()).isEqualTo(before + 100);
    for (int i = 0; i < 100 && LeakDetection.liveHandles() > before; i++) {
      LeakDetection.collect();
      Thread.sleep(20);
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }
}
