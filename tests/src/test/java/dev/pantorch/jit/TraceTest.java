package dev.pantorch.jit;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Sequential;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraceTest {
  static final class Model extends Module {
    final LSTM lstm;
    final Dropout dropout;
    final Linear fc;

    Model() {
      lstm = register("lstm", new LSTM(5, 8, o -> o.numLayers(2).batchFirst(true)));
      dropout = register("dropout", new Dropout(0.5));
      fc = register("fc", new Linear(8, 1));
    }

    Tensor forward(Tensor x) {
      Tensor last = lstm.forward(x).output().select(1, -1);
      return fc.forward(dropout.forward(last));
    }
  }

  /// A layer of one function.
  static Layer layer(Function<Tensor, Tensor> function) {
    return new Layer() {
      @Override
      public Tensor forward(Tensor input) {
        return function.apply(input);
      }
    };
  }

  private static ScriptModule saved(ScriptModule module) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    module.save(bytes, Map.of());
    return Jit.load(new ByteArrayInputStream(bytes.toByteArray()), o -> {});
  }

  @Test
  void should_compute_what_the_module_computes_and_survive_a_file() throws IOException {
    Torch.manualSeed(1);
    Model model = new Model();
    model.eval();
    ScriptModule traced = Jit.trace(model, Torch.randn(3, 7, 5));
    ScriptModule loaded = saved(traced);
    assertThat(loaded.stateDict().keySet()).containsExactlyElementsOf(model.stateDict().keySet());
    assertThat(loaded.isTraining()).isFalse();
    // Other batches and lengths than the example's.
    for (long[] size : new long[][] {{3, 7, 5}, {1, 7, 5}, {6, 2, 5}}) {
      Tensor x = Torch.randn(size);
      Tensor expected = model.forward(x);
      assertThat(traced.forward(x)).isBitEqualTo(expected);
      assertThat(loaded.forward(x)).isBitEqualTo(expected);
    }
  }

  @Test
  void should_share_parameters_with_the_module() {
    Model model = new Model();
    model.eval();
    ScriptModule traced = Jit.trace(model, Torch.randn(2, 3, 5));
    Tensor x = Torch.randn(2, 3, 5);
    try (var mode = Torch.noGrad()) {
      model.fc.weight().mul_(2);
    }
    assertThat(traced.forward(x)).isBitEqualTo(model.forward(x));
    assertThat(traced.getParameter("fc.weight")).isBitEqualTo(model.fc.weight());
  }

  @Test
  void should_show_nodes_with_scopes_types_and_the_line_of_the_call() {
    Model model = new Model();
    model.eval();
    Graph graph = Jit.trace(model, Torch.randn(3, 7, 5)).inlinedGraph();
    Node lstm = only(graph, "aten::lstm");
    assertThat(lstm.scope()).isEqualTo("__module.lstm");
    assertThat(lstm.outputs().getFirst().type().sizes()).containsExactly(3L, 7L, 8L);
    assertThat(lstm.outputs().getFirst().type().dtype()).isEqualTo(DType.FLOAT32);
    SourceLocation source = requireNonNull(lstm.source());
    assertThat(source.file()).isEqualTo("TraceTest.java");
    assertThat(source.stack()).contains("TraceTest$Model.forward(TraceTest.java:" + source.line());
    assertThat(only(graph, "aten::linear").scope()).isEqualTo("__module.fc");
    // The zeros of the first state follow the batch.
    Node zeros =
        graph.nodes().stream()
            .filter(n -> n.kind().equals("aten::zeros"))
            .findFirst()
            .orElseThrow();
    Node sizes = producer(graph, zeros.inputs().getFirst());
    assertThat(sizes.kind()).isEqualTo("prim::ListConstruct");
    assertThat(producer(graph, sizes.inputs().get(1)).kind()).isEqualTo("aten::size");
    assertThat(producer(graph, sizes.inputs().get(0)).attribute("value")).isEqualTo(2L);
    // The first input is the module itself.
    assertThat(graph.inputs()).hasSize(2);
    assertThat(graph.inputs().getFirst().type().kind()).isEqualTo("ClassType");
    assertThat(graph.inputs().get(1).type().sizes()).containsExactly(3L, 7L, 5L);
    assertThat(graph.outputs()).hasSize(1);
    assertThat(graph.nodes().stream().filter(n -> n.kind().equals("prim::GetAttr")))
        .extracting(n -> n.attribute("name"))
        .contains("lstm", "weight_ih_l0", "fc", "bias");
  }

  private static Node only(Graph graph, String kind) {
    List<Node> found = graph.nodes().stream().filter(n -> n.kind().equals(kind)).toList();
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  private static Node producer(Graph graph, Value value) {
    return graph.nodes().stream()
        .filter(n -> n.outputs().contains(value))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void should_keep_the_mode_of_the_module() {
    Torch.manualSeed(3);
    Model model = new Model();
    Tensor x = Torch.randn(4, 3, 5);
    ScriptModule traced = Jit.trace(model, o -> o.checkTrace(false), x);
    assertThat(traced.isTraining()).isTrue();
    Torch.manualSeed(5);
    Tensor expected = model.forward(x);
    Torch.manualSeed(5);
    assertThat(traced.forward(x)).isBitEqualTo(expected);
  }

  @Test
  void should_warn_of_numbers_that_are_read() {
    Layer model = layer(x -> x.mul(x.max().item()));
    try (Warnings warnings = new Warnings()) {
      Jit.trace(model, Torch.ones(2, 3));
      assertThat(warnings.messages()).hasSize(1);
      assertThat(warnings.messages().getFirst())
          .startsWith(
              "Converting a tensor to a Java number might cause the trace to be incorrect. We can't"
                  + " record the data flow of Java values, so this value will be treated as a"
                  + " constant in the future. This means that the trace might not generalize to"
                  + " other inputs! (TraceTest.java:");
    }
  }

  @Test
  void should_warn_of_arrays_that_are_read() {
    Layer model = layer(x -> x.add(Torch.tensor(x.toFloatArray())));
    try (Warnings warnings = new Warnings()) {
      Jit.trace(model, o -> o.dynamicSizes(false), Torch.ones(3));
      assertThat(warnings.messages()).hasSize(1);
      assertThat(warnings.messages().getFirst()).startsWith("Converting a tensor to a Java array");
    }
  }

  @Test
  void should_take_data_that_is_copied_in_as_constants() throws IOException {
    Layer model = layer(x -> x.add(Torch.tensor(new float[] {1, 2, 3})).mul(Torch.tensor(2L)));
    Tensor x = Torch.randn(2, 3);
    assertThat(saved(Jit.trace(model, x)).forward(x)).isBitEqualTo(model.forward(x));
  }

  @Test
  void should_record_changes_in_place() throws IOException {
    Layer model =
        layer(x -> {
          Tensor y = x.relu();
          y.get(":, 0:1").mul_(3);
          y.set(7, ":, 1");
          return y.add_(x);
        });
    ScriptModule traced = saved(Jit.trace(model, Torch.randn(2, 3)));
    Tensor x = Torch.randn(4, 3);
    assertThat(traced.forward(x)).isBitEqualTo(model.forward(x));
  }

  @Test
  void should_leave_buffers_as_one_run_leaves_them() {
    Sequential model = new Sequential(new Linear(3, 2), new BatchNorm1d(2));
    Jit.trace(model, o -> o.checkTrace(false), Torch.randn(4, 3));
    assertThat(model.getBuffer("1.num_batches_tracked").itemLong()).isEqualTo(1);
  }

  static final class Recurrent extends Module {
    final LSTM lstm = register("lstm", new LSTM(2, 3));

    LSTM.Output forward(Tensor x, LSTM.State state) {
      return lstm.forward(x, state);
    }
  }

  @Test
  void should_take_and_return_records_as_tuples() {
    Recurrent model = new Recurrent();
    LSTM.State state = new LSTM.State(Torch.randn(1, 4, 3), Torch.randn(1, 4, 3));
    Tensor x = Torch.randn(5, 4, 2);
    ScriptModule traced = Jit.trace(model, x, state);
    LSTM.Output expected = model.forward(x, state);
    List<?> result = (List<?>) requireNonNull(traced.call(x, state));
    List<?> last = (List<?>) result.get(1);
    assertThat((Tensor) result.get(0)).isBitEqualTo(expected.output());
    assertThat((Tensor) last.get(0)).isBitEqualTo(expected.state().h());
    assertThat((Tensor) last.get(1)).isBitEqualTo(expected.state().c());
  }

  @Test
  void should_refuse_a_map_unless_it_is_asked_for() {
    class Named extends Module {
      @SuppressWarnings("unused") // found by its name
      Map<String, Tensor> forward(Tensor x) {
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("double", x.mul(2));
        out.put("half", x.div(2));
        return out;
      }
    }
    Tensor x = Torch.randn(3);
    assertThatThrownBy(() -> Jit.trace(new Named(), x))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("Encountering a dict at the output of the tracer");
    ScriptModule traced = Jit.trace(new Named(), o -> o.strict(false), x);
    Map<?, ?> result = (Map<?, ?>) requireNonNull(traced.call(x));
    assertThat((Tensor) Objects.requireNonNull(result.get("half"))).isBitEqualTo(x.div(2));
  }

  @Test
  void should_name_a_parameter_that_is_not_registered() {
    class Scaled extends Module {
      final Tensor scale = Torch.ones(3).requiresGrad_();

      @SuppressWarnings("unused") // found by its name
      Tensor forward(Tensor x) {
        return x.mul(scale);
      }
    }
    assertThatThrownBy(() -> Jit.trace(new Scaled(), Torch.randn(3)))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "Cannot insert a Tensor that requires grad as a constant. Consider making it a"
                + " parameter or input, or detaching the gradient. scale of Scaled requires"
                + " gradients but is not registered: use registerParameter(...)");
  }

  @Test
  void should_find_out_that_a_further_run_calls_other_operators() {
    AtomicInteger runs = new AtomicInteger();
    Layer model = layer(x -> runs.getAndIncrement() % 2 == 0 ? x.relu() : x.sigmoid());
    assertThatThrownBy(() -> Jit.trace(model, o -> o.dynamicSizes(false), Torch.randn(3)))
        .isInstanceOf(TracingCheckException.class)
        .hasMessageStartingWith(
            """
            Tracing failed sanity checks!
            ERROR: Graphs differed across invocations!
            \tFirst diverging operator:
            \tNode diff:
            \t\t- %\
            """)
        .hasMessageContaining("aten::sigmoid")
        .hasMessageContaining("Trace source location:\n\t\t\tat dev.pantorch.jit.TraceTest");
  }

  @Test
  void should_warn_of_outputs_that_differ() {
    Torch.manualSeed(0);
    Layer model = layer(x -> Torch.dropout(x, 0.5, true));
    try (Warnings warnings = new Warnings()) {
      Jit.trace(model, Torch.ones(100));
      assertThat(warnings.messages()).hasSize(2);
      assertThat(warnings.messages().get(0))
          .startsWith(
              "Trace had nondeterministic nodes. Did you forget call .eval() on your model?"
                  + " Nodes:\n")
          .contains("aten::dropout");
      assertThat(warnings.messages().get(1))
          .startsWith(
              "Output nr 1. of the traced function does not match the corresponding output of the"
                  + " Java function. Detailed error:\n"
                  + "Tensor-likes are not close!");
    }
  }

  @Test
  void should_check_with_fresh_inputs() {
    Layer constant = layer(x -> x.size(0) == 2 ? x.relu() : x.sigmoid());
    assertThatThrownBy(() ->
            Jit.trace(
                constant,
                o -> o.dynamicSizes(false).checkInputs(Torch.randn(3, 3)),
                Torch.randn(2, 3)))
        .isInstanceOf(TracingCheckException.class);
    Layer general = layer(x -> x.view(x.size(0), -1));
    Jit.trace(general, o -> o.checkInputs(Torch.randn(5, 4)), Torch.randn(2, 3));
  }

  @Test
  void should_leave_nothing_behind_when_the_module_fails() {
    Layer failing =
        layer(x -> {
          x.relu();
          throw new IllegalStateException("no");
        });
    assertThatThrownBy(() -> Jit.trace(failing, Torch.randn(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");
    assertThatThrownBy(() -> Jit.trace(layer(x -> x.view(7)), Torch.randn(3)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("shape '[7]' is invalid for input of size 3");
    Layer model = layer(x -> x.add(1));
    assertThat(Jit.trace(model, Torch.zeros(2)).forward(Torch.ones(2)))
        .isBitEqualTo(Torch.full(new long[] {2}, 2.0));
  }

  @Test
  void should_refuse_a_trace_inside_a_trace() {
    Layer inner = layer(Tensor::relu);
    Layer outer = layer(x -> Jit.trace(inner, x).forward(x));
    assertThatThrownBy(() -> Jit.trace(outer, Torch.randn(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Tracing can't be nested");
  }

  @Test
  void should_trace_in_virtual_threads() throws InterruptedException {
    Layer model =
        layer(x -> {
          Tensor y = x.relu();
          LockSupport.parkNanos(1000);
          return y.add(1);
        });
    int count = 8;
    @Nullable Throwable[] failures = new Throwable[count];
    Thread[] threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      int index = i;
      threads[i] =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  ScriptModule traced = Jit.trace(model, Torch.randn(2, 3));
                  Tensor x = Torch.randn(4, 3);
                  assertThat(traced.forward(x)).isBitEqualTo(model.forward(x));
                } catch (Throwable failure) {
                  failures[index] = failure;
                }
              });
    }
    for (Thread thread : threads) thread.join();
    assertThat(failures).containsOnlyNulls();
  }

  @Test
  void should_say_which_methods_there_are() {
    assertThatThrownBy(() -> Jit.trace(new Recurrent(), Torch.randn(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "no method 'forward' takes (Tensor); there are [Recurrent.forward(Tensor, State)]");
  }

  @Test
  void should_keep_modes_inside_a_trace() {
    Linear fc = new Linear(2, 2);
    Layer model =
        new Layer() {
          final Linear inner = register("fc", fc);

          @Override
          public Tensor forward(Tensor input) {
            Tensor fixed = Torch.noGrad(() -> inner.forward(input));
            Tensor frozen = Torch.inferenceMode(() -> input.mul(2));
            return inner.forward(input).add(fixed).add(frozen);
          }
        };
    Tensor x = Torch.randn(3, 2);
    assertThat(Jit.trace(model, x).forward(x)).isCloseTo(model.forward(x));
  }
}
