package dev.pantorch.core;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.AutogradFunction;
import dev.pantorch.DType;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.TensorArena;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ops.Foreach;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Small tensors that a program forgets are freed in groups of sixteen. What one that is not
/// forgotten keeps alive with it is little, and bounded.
class LightTensorsTest {
  private static final int GROUP = 16;

  /// What surviving groups may come to before there are no more of them: 4096 in the first turn of
  /// a thread and 64 in each further one, until more than 1024 have survived.
  private static final int MOST_GROUPS = 4096;

  /// In a thread of its own, whose groups have seen nothing yet.
  private static <T> T inNewThread(Callable<T> body) throws Exception {
    FutureTask<T> task = new FutureTask<>(body);
    Thread.ofPlatform().start(task);
    return task.get();
  }

  private static final class KeepsMask extends AutogradFunction {
    private @Nullable Tensor mask;

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      mask = Torch.full(new long[] {2}, 0.5);
      return List.of(inputs.getFirst().mul(mask));
    }

    @Override
    protected List<@Nullable Tensor> backward(Context context, List<@Nullable Tensor> gradOutputs) {
      return List.of(requireNonNull(gradOutputs.getFirst()).mul(requireNonNull(mask)));
    }
  }

  private static long liveAfterCollection() {
    LeakDetection.collect();
    return LeakDetection.liveHandles();
  }

  @Test
  void should_bound_what_kept_tensors_keep() throws Exception {
    long before = liveAfterCollection();
    List<Tensor> kept =
        inNewThread(() -> {
          List<Tensor> every20th = new ArrayList<>();
          for (int i = 0; i < 400_000; i++) {
            Tensor tensor = Torch.full(new long[] {1}, i);
            if (i % 20 == 0) every20th.add(tensor);
          }
          return every20th;
        });
    assertThat(liveAfterCollection() - before)
        .isBetween(20_000L, 20_000L + MOST_GROUPS * (GROUP - 1));
    for (int i = 0; i < kept.size(); i++) assertThat(kept.get(i).item()).isEqualTo(20.0 * i);
    kept.clear();
    assertThat(liveAfterCollection()).isEqualTo(before);
  }

  static Stream<Arguments> waysOut() {
    return Stream.of(
        Arguments.of("keep", (Consumer<Tensor>) Tensor::keep),
        Arguments.of("requiresGrad_", (Consumer<Tensor>) Tensor::requiresGrad_),
        Arguments.of("add_", (Consumer<Tensor>) tensor -> tensor.add_(0)),
        Arguments.of("_foreach_add_", (Consumer<Tensor>) LightTensorsTest::addToList),
        Arguments.of("by name", (Consumer<Tensor>) LightTensorsTest::addByName),
        Arguments.of("moveTo", (Consumer<Tensor>) LightTensorsTest::moveThroughScope));
  }

  private static void addToList(Tensor tensor) {
    Foreach.add_(List.of(tensor), 0);
  }

  private static void addByName(Tensor tensor) {
    ((Tensor) Torch.op("aten::add_.Scalar").call(tensor, 0).getFirst()).close();
  }

  private static void moveThroughScope(Tensor tensor) {
    try (TensorScope shared = TensorScope.openShared()) {
      tensor.moveTo(shared);
      tensor.keep();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("waysOut")
  void should_let_a_tensor_leave_its_group(String name, Consumer<Tensor> leave) throws Exception {
    long before = liveAfterCollection();
    Tensor left =
        inNewThread(() -> {
          Tensor tensor = Torch.zeros(2);
          for (int i = 1; i < GROUP; i++) Torch.zeros(2);
          leave.accept(tensor);
          return tensor;
        });
    assertThat(liveAfterCollection() - before).isEqualTo(1);
    assertThat(left.sum().item()).isZero();
    left.close();
    assertThat(liveAfterCollection()).isEqualTo(before);
  }

  @Test
  void should_keep_large_tensors_graphs_and_lent_memory_out_of_groups() throws Exception {
    long before = liveAfterCollection();
    TensorArena arena = TensorArena.open();
    MemorySegment memory = arena.allocate(JAVA_FLOAT, 4);
    try (Tensor weight = Torch.ones(1).requiresGrad_()) {
      Tensor light =
          inNewThread(() -> {
            Tensor first = Torch.zeros(1);
            Torch.zeros(300);
            Torch.zeros(300).get(0);
            weight.mul(2);
            weight.mul(2).view(1);
            Torch.fromMemory(memory, DType.FLOAT32).get(0);
            return first;
          });
      assertThat(liveAfterCollection() - before).isEqualTo(2);
      arena.close();
      assertThat(light.item()).isZero();
    }
  }

  /// The graph of a function keeps what it needs, and its result keeps the graph.
  @Test
  void should_free_functions_that_keep_small_tensors() {
    long before = liveAfterCollection();
    try (Tensor x = Torch.ones(2).requiresGrad_()) {
      for (int i = 0; i < 40; i++) new KeepsMask().apply(x).sum().backward();
      for (int i = 0; i < 3; i++) LeakDetection.collect();
      assertThat(LeakDetection.liveHandles() - before).isEqualTo(1);
    }
  }

  /// Some threads close the tensors of a group, some take them out: none is freed twice, none lost.
  @Test
  void should_survive_threads_that_close_members_and_let_them_leave()
      throws InterruptedException, ExecutionException {
    long before = liveAfterCollection();
    try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 500; round++) {
        List<Tensor> members = new ArrayList<>();
        for (int i = 0; i < 2 * GROUP; i++) members.add(Torch.full(new long[] {2}, i));
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          boolean closes = thread == 0;
          running.add(
              executor.submit(() -> {
                for (int i = 0; i < members.size(); i++) {
                  Tensor member = members.get(i);
                  try {
                    if (closes) {
                      member.close();
                    } else {
                      assertThat(member.keep().add_(0).get(1).item()).isEqualTo(i);
                    }
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessageContaining("is closed");
                  }
                }
              }));
        }
        for (Future<?> each : running) each.get();
        for (Tensor member : members) assertThat(member.isClosed()).isTrue();
      }
    }
    assertThat(liveAfterCollection()).isEqualTo(before);
  }
}
