package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.CpuMemory;
import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.LeakDetection;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.jit.Jit;
import dev.pantorch.nn.utils.Parametrizations;
import dev.pantorch.nn.utils.Parametrize;
import dev.pantorch.nn.utils.Stateless;
import dev.pantorch.nn.utils.rnn.Rnn;
import dev.pantorch.optim.Adagrad;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.AdamW;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.SGD;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Packed weights compute what the ordinary forward computes, to the bit, and follow the weights.
class PrepackTest {
  private static final long INPUT = 5;
  private static final long HIDDEN = 16;

  private static LSTM small() {
    return new LSTM(INPUT, HIDDEN, o -> o.numLayers(2).batchFirst(true));
  }

  /// A module of its own with the same weights, on which nothing is packed.
  private static LSTM twin(LSTM lstm) {
    LSTM twin = small();
    twin.loadStateDict(lstm.stateDict());
    twin.eval();
    return twin;
  }

  private static LSTM.Output infer(LSTM lstm, Tensor x) {
    return Torch.inferenceMode(() -> lstm.forward(x));
  }

  private static void assertSameBits(LSTM.Output actual, LSTM.Output expected) {
    assertThat(actual.output().equal(expected.output())).isTrue();
    assertThat(actual.output().strides()).isEqualTo(expected.output().strides());
    assertThat(actual.state().h().equal(expected.state().h())).isTrue();
    assertThat(actual.state().c().equal(expected.state().c())).isTrue();
  }

  private static void assertFollows(LSTM lstm, Tensor x) {
    LSTM.Output before = infer(lstm, x);
    assertSameBits(infer(lstm, x), infer(twin(lstm), x));
    assertThat(before.output().requiresGrad()).isFalse();
  }

  // Writes that no operator makes are not seen, which tells whether packed weights are in use.

  private static void writeUnseen(LSTM lstm) {
    try (Arena arena = Arena.ofConfined()) {
      var weight = lstm.getParameter("weight_hh_l0").detach().data(arena);
      for (long i = 0; i < 4 * HIDDEN * HIDDEN; i++) {
        weight.setAtIndex(
            ValueLayout.JAVA_FLOAT, i, weight.getAtIndex(ValueLayout.JAVA_FLOAT, i) + 0.1f);
      }
    }
  }

  private static boolean usesPackedWeights(LSTM lstm, Tensor x) {
    Tensor before = infer(lstm, x).output();
    writeUnseen(lstm);
    return infer(lstm, x).output().equal(before);
  }

  @Test
  void should_compute_with_packed_weights_until_training_begins() {
    Tensor x = Torch.randn(1, 3, INPUT);
    LSTM plain = small();
    plain.eval();
    assertThat(usesPackedWeights(plain, x)).isFalse();

    LSTM packed = small();
    packed.eval().prepack();
    assertThat(usesPackedWeights(packed, x)).isTrue();

    packed.prepack(); // asks for what could not be seen
    assertFollows(packed, x);

    packed.train();
    packed.eval();
    assertThat(usesPackedWeights(packed, x)).isFalse();
  }

  @TestFactory
  Stream<DynamicTest> should_have_the_bits_of_the_ordinary_forward() {
    List<DynamicTest> tests = new ArrayList<>();
    for (long hidden : new long[] {1, 16, 100}) {
      for (int layers : new int[] {1, 2}) {
        for (boolean bias : new boolean[] {true, false}) {
          for (boolean bidirectional : new boolean[] {true, false}) {
            for (boolean batchFirst : new boolean[] {true, false}) {
              tests.add(
                  DynamicTest.dynamicTest(
                      "hidden %d, %d layers, bias %s, bidirectional %s, batch first %s"
                          .formatted(hidden, layers, bias, bidirectional, batchFirst),
                      () ->
                          compare(
                              hidden,
                              o ->
                                  o.numLayers(layers)
                                      .bias(bias)
                                      .bidirectional(bidirectional)
                                      .batchFirst(batchFirst),
                              batchFirst,
                              layers * (bidirectional ? 2L : 1L))));
            }
          }
        }
      }
    }
    return tests.stream();
  }

  private static void compare(
      long hidden, Consumer<LSTM.Options> options, boolean batchFirst, long cells) {
    LSTM plain = new LSTM(INPUT, hidden, options);
    LSTM packed = new LSTM(INPUT, hidden, options);
    packed.loadStateDict(plain.stateDict());
    plain.eval();
    packed.eval().prepack();
    try (var mode = Torch.inferenceMode()) {
      for (long batch : new long[] {1, 2, 17, 32}) {
        for (long steps : new long[] {1, 10}) {
          Tensor x =
              batchFirst ? Torch.randn(batch, steps, INPUT) : Torch.randn(steps, batch, INPUT);
          assertSameBits(packed.forward(x), plain.forward(x));
          LSTM.State state =
              new LSTM.State(
                  Torch.randn(cells, batch, hidden),
                  Torch.randn(batch, cells, hidden).transpose(0, 1));
          assertSameBits(packed.forward(x, state), plain.forward(x, state));
        }
      }
      Tensor one = Torch.randn(4, INPUT);
      assertSameBits(packed.forward(one), plain.forward(one));
      // Elements that lie apart.
      Tensor apart = Torch.randn(3, INPUT, 4).transpose(1, 2);
      assertSameBits(packed.forward(apart), plain.forward(apart));
      Tensor negated = Torch.imag(Torch.complex(apart, apart).conj());
      assertSameBits(packed.forward(negated), plain.forward(negated));
    }
  }

  @Test
  void should_serve_where_gradients_are_off_in_any_way() {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    lstm.eval().prepack();
    LSTM.Output expected = infer(twin(lstm), x);
    writeUnseen(lstm);

    assertSameBits(Torch.noGrad(() -> lstm.forward(x)), expected);
    assertSameBits(Torch.noGrad(() -> lstm.forward(x.requiresGrad_())), expected);
    assertThat(lstm.forward(x).output().isclose(expected.output()).all().itemBoolean())
        .as("gradients are recorded")
        .isFalse();
  }

  /// libtorch has other kernels where gradients could be recorded, if only of the input.
  @Test
  void should_have_the_bits_of_training_where_gradients_are_on() {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    LSTM twin = twin(lstm);
    lstm.eval().prepack().requiresGrad_(false);
    twin.requiresGrad_(false);

    assertSameBits(lstm.forward(x), twin.forward(x));
  }

  @Test
  void should_leave_gradients_as_they_are() {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    LSTM twin = twin(lstm);
    lstm.eval().prepack();

    lstm.forward(x).output().sum().backward();
    twin.forward(x).output().sum().backward();

    for (String name : lstm.namedParameters().keySet()) {
      assertThat(gradient(lstm, name).equal(gradient(twin, name))).as(name).isTrue();
    }
  }

  private static Tensor gradient(LSTM lstm, String name) {
    Tensor gradient = lstm.getParameter(name).grad();
    if (gradient == null) throw new AssertionError(name + " has no gradient");
    return gradient;
  }

  private record Change(String name, Consumer<LSTM> change) {}

  private static Change step(String name, Function<List<Tensor>, Optimizer<?>> optimizer) {
    return new Change(
        name,
        lstm -> {
          lstm.forward(Torch.ones(2, 3, INPUT)).output().sum().backward();
          optimizer.apply(lstm.parameters()).step();
        });
  }

  @TestFactory
  Stream<DynamicTest> should_follow_whatever_an_operator_changes() {
    return Stream.of(
            step("Adam", p -> new Adam(p, o -> o.lr(0.1))),
            step("fused Adam", p -> new Adam(p, o -> o.lr(0.1).fused(true))),
            step("fused AdamW", p -> new AdamW(p, o -> o.lr(0.1).fused(true))),
            step("Adam one by one", p -> new Adam(p, o -> o.lr(0.1).foreach(false))),
            step("SGD", p -> new SGD(p, o -> o.lr(0.1))),
            step("fused SGD", p -> new SGD(p, o -> o.lr(0.1).fused(true))),
            step("fused Adagrad", p -> new Adagrad(p, o -> o.lr(0.1).fused(true))),
            new Change(
                "a fused optimizer through the dispatcher",
                lstm -> {
                  Tensor weight = lstm.getParameter("weight_ih_l1").detach();
                  Torch.op("aten::_fused_sgd_")
                      .call(
                          List.of(
                              List.of(weight),
                              List.of(Torch.onesLike(weight)),
                              List.of(),
                              0.0,
                              0.0,
                              0.1,
                              0.0,
                              false,
                              false,
                              true),
                          Map.of());
                }),
            new Change(
                "a state dict",
                lstm -> {
                  LSTM other = small();
                  lstm.loadStateDict(other.stateDict());
                }),
            new Change("new weights", LSTM::resetParameters),
            new Change(
                "a copy in inference mode",
                lstm ->
                    Torch.inferenceMode(() ->
                        lstm.getParameter("weight_hh_l1").copy_(Torch.randn(4 * HIDDEN, HIDDEN)))),
            new Change(
                "a view of a weight",
                lstm -> lstm.getParameter("weight_ih_l0").detach().select(0, 3).fill_(0.5)),
            new Change(
                "a state dict's tensor",
                lstm -> lstm.stateDict().sequencedValues().getFirst().mul_(2)),
            new Change("a bias", lstm -> lstm.getParameter("bias_ih_l1").detach().add_(1)),
            new Change("other memory", lstm -> lstm.to(DType.FLOAT64).to(DType.FLOAT32)))
        .map(change ->
            DynamicTest.dynamicTest(
                change.name,
                () -> {
                  LSTM lstm = small();
                  lstm.eval().prepack();
                  Tensor x = Torch.randn(2, 3, INPUT);
                  assertFollows(lstm, x);
                  change.change.accept(lstm);
                  assertFollows(lstm, x);
                  assertThat(usesPackedWeights(lstm, x)).isTrue();
                }));
  }

  /// The dtype of the answer, or why there is none: not every processor has kernels for bfloat16.
  private static Object underAutocast(LSTM lstm, Tensor x) {
    try (var mode = Torch.noGrad();
        var autocast = Torch.autocast(DeviceType.CPU)) {
      return lstm.forward(x).output().dtype();
    } catch (TorchException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void should_leave_to_the_ordinary_forward_what_packed_weights_do_not_serve() {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    LSTM twin = twin(lstm);
    lstm.eval().prepack();

    var sequence = Rnn.packPaddedSequence(x, Torch.tensor(new long[] {3, 2}), true, true);
    assertThat(lstm.forward(sequence).output().data().equal(twin.forward(sequence).output().data()))
        .isTrue();
    assertThat(underAutocast(lstm, x)).isEqualTo(underAutocast(twin, x));
    lstm.to(DType.FLOAT64);
    twin.to(DType.FLOAT64);
    assertSameBits(infer(lstm, x.to(DType.FLOAT64)), infer(twin, x.to(DType.FLOAT64)));

    LSTM projected = new LSTM(INPUT, HIDDEN, o -> o.projSize(3));
    projected.eval();
    LSTM.Output expected = infer(projected, x);
    projected.prepack();
    assertSameBits(infer(projected, x), expected);
  }

  @Test
  void should_refuse_wrong_arguments_as_without() {
    LSTM lstm = small();
    lstm.eval().prepack();
    try (var mode = Torch.inferenceMode()) {
      assertThatThrownBy(() -> lstm.forward(Torch.ones(2, 0, INPUT)))
          .hasMessageContaining("Expected sequence length to be larger than 0 in RNN");
      assertThatThrownBy(() -> lstm.forward(Torch.ones(2, 3, INPUT + 1)))
          .isExactlyInstanceOf(ShapeException.class)
          .hasMessage("input.size(-1) must be equal to input_size. Expected 5, got 6");
      LSTM.State small = new LSTM.State(Torch.zeros(2, 1, HIDDEN), Torch.zeros(2, 1, HIDDEN));
      assertThatThrownBy(() -> lstm.forward(Torch.ones(2, 3, INPUT), small))
          .isExactlyInstanceOf(ShapeException.class)
          .hasMessage("Expected hidden[0] size (2, 2, 16), got [2, 1, 16]");
    }
    lstm.getParameter("weight_hh_l0").close();
    assertThatThrownBy(() -> infer(lstm, Torch.ones(2, 3, INPUT)))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  @Test
  void should_compute_with_the_tensors_that_stand_in_for_weights() {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    lstm.eval().prepack();
    LSTM other = small();
    other.eval();

    LSTM.Output replaced =
        Torch.noGrad(
            () -> Stateless.functionalCall(lstm, other.stateDict(), () -> lstm.forward(x)));
    assertSameBits(replaced, infer(other, x));
    assertFollows(lstm, x);

    Parametrizations.weightNorm(lstm, "weight_hh_l0", 0);
    Tensor scale = lstm.getParameter("parametrizations.weight_hh_l0.original0").detach();
    Tensor before = infer(lstm, x).output();
    scale.mul_(2);
    assertThat(infer(lstm, x).output().equal(before)).isFalse();
    lstm.prepack();
    Tensor doubled = infer(lstm, x).output();
    scale.mul_(2);
    assertThat(infer(lstm, x).output().equal(doubled)).isFalse();

    Parametrize.removeParametrizations(lstm, "weight_hh_l0", true);
    assertFollows(lstm, x);
  }

  /// A layer, which can be traced.
  private static final class Last extends Layer {
    private final LSTM lstm = register("lstm", small());

    @Override
    public Tensor forward(Tensor x) {
      return lstm.forward(x).output().select(1, -1);
    }
  }

  @Test
  void should_be_traced_and_saved_as_without() {
    Tensor x = Torch.randn(2, 3, INPUT);
    Last model = new Last();
    model.eval();
    String graph = Jit.trace(model, x).inlinedGraph().toString();
    List<String> keys = List.copyOf(model.stateDict().keySet());

    model.prepack();

    assertThat(Jit.trace(model, x).inlinedGraph().toString()).isEqualTo(graph);
    assertThat(model.stateDict().keySet()).containsExactlyElementsOf(keys);
  }

  @Test
  void should_reach_every_layer_below_that_is_in_evaluation_mode() {
    Tensor x = Torch.randn(1, 3, INPUT);
    Sequential model = new Sequential(new Last(), new Linear(HIDDEN, INPUT));
    LSTM lstm = (LSTM) model.getSubmodule("0.lstm");
    assertThatThrownBy(model::prepack)
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Sequential is in training mode and prepack() is for inference: call eval() first");

    assertThat(model.eval().prepack()).isSameAs(model);
    assertThat(usesPackedWeights(lstm, x)).isTrue();

    lstm.train();
    model.prepack();
    lstm.eval();
    assertThat(usesPackedWeights(lstm, x)).isFalse();
  }

  @Test
  void should_keep_as_much_memory_as_the_weights_until_training_begins() {
    LSTM lstm = new LSTM(256, 256, o -> o.numLayers(2));
    long weights = 2 * 2 * 4 * 256 * 256 * 4; // layers, matrices, gates, sizes, bytes
    long before = CpuMemory.memoryAllocated();
    lstm.eval().prepack();
    long packed = CpuMemory.memoryAllocated() - before;
    assertThat(packed).isBetween(weights, weights * 5 / 4);

    lstm.prepack();
    assertThat(CpuMemory.memoryAllocated() - before).isEqualTo(packed);

    lstm.train();
    assertThat(CpuMemory.memoryAllocated()).isEqualTo(before);
  }

  /// Collections, after each of which the cleaner has a moment.
  private static final int ATTEMPTS = 200;

  @Test
  void should_be_freed_with_the_module() throws InterruptedException {
    long before = NativeHandle.live();
    for (int i = 0; i < 20; i++) {
      LSTM lstm = small();
      lstm.eval().prepack();
      infer(lstm, Torch.ones(1, 3, INPUT));
    }
    for (int i = 0; i < ATTEMPTS && NativeHandle.live() > before; i++) {
      LeakDetection.collect();
      Thread.sleep(10);
    }
    assertThat(NativeHandle.live()).isLessThanOrEqualTo(before);
  }

  @Test
  void should_serve_many_threads_while_weights_change_and_packings_go() throws Exception {
    Tensor x = Torch.randn(2, 3, INPUT);
    LSTM lstm = small();
    LSTM other = small();
    lstm.eval().prepack();
    // The two sets of weights between which the model goes to and fro.
    var weights = List.of(twin(lstm).stateDict(), other.stateDict());
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Callable<Void> task =
            () -> {
              for (int i = 0; i < 200; i++) {
                try (var scope = TensorScope.open()) {
                  assertThat(infer(lstm, x).output().isfinite().all().itemBoolean()).isTrue();
                }
              }
              return null;
            };
        running.add(executor.submit(task));
      }
      for (int i = 0; i < 50; i++) {
        lstm.loadStateDict(weights.get(i % 2));
        if (i % 10 == 0) lstm.train();
        if (i % 10 == 1) lstm.eval().prepack();
      }
      for (Future<?> future : running) future.get();
    }
    lstm.eval().prepack();
    assertFollows(lstm, x);
  }
}
