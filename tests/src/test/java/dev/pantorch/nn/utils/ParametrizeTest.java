package dev.pantorch.nn.utils;

import static dev.pantorch.nn.utils.Parametrizations.orthogonal;
import static dev.pantorch.nn.utils.Parametrizations.spectralNorm;
import static dev.pantorch.nn.utils.Parametrizations.weightNorm;
import static dev.pantorch.nn.utils.Parametrize.assign;
import static dev.pantorch.nn.utils.Parametrize.cached;
import static dev.pantorch.nn.utils.Parametrize.isParametrized;
import static dev.pantorch.nn.utils.Parametrize.registerParametrization;
import static dev.pantorch.nn.utils.Parametrize.removeParametrizations;
import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.LeakDetection;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.Bilinear;
import dev.pantorch.nn.Conv1d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.ConvTranspose1d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.EmbeddingBag;
import dev.pantorch.nn.GroupNorm;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.PReLU;
import dev.pantorch.optim.SGD;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.AutoCloseableSoftAssertions;
import org.junit.jupiter.api.Test;

class ParametrizeTest {
  static class Symmetric extends Layer implements RightInverse {
    private int count;

    @Override
    public Tensor forward(Tensor x) {
      count++;
      return x.triu().add(x.triu(1).mT());
    }

    @Override
    public Tensor rightInverse(Tensor value) {
      return value.triu();
    }
  }

  static class RankOne extends JointParametrization {
    @Override
    protected Tensor forward(List<Tensor> originals) {
      return originals.get(0).unsqueeze(-1).matmul(originals.get(1).unsqueeze(-2));
    }

    @Override
    protected List<Tensor> rightInverse(Tensor value) {
      var svd = Linalg.svd(value, false);
      Tensor root = svd.s().select(0, 0).sqrt();
      return List.of(svd.u().select(-1, 0).mul(root), svd.vh().select(-2, 0).mul(root));
    }
  }

  /// A module of one's own, whose forward reads final fields.
  static class Scaled extends Module {
    final Tensor scale;
    final Tensor offset;

    Scaled() {
      scale = registerParameter("scale", Torch.tensor(new float[] {1, 2, 3}));
      offset = registerBuffer("offset", Torch.tensor(new float[] {1, 1, 1}));
    }

    Tensor forward(Tensor x) {
      return x.mul(scale).add(offset);
    }
  }

  static class Squared extends Layer {
    @Override
    public Tensor forward(Tensor x) {
      return x.square();
    }
  }

  @Test
  void should_compute_what_a_field_refers_to() {
    try (var scope = TensorScope.open()) {
      Scaled module = new Scaled();
      registerParametrization(module, "scale", new Squared());
      registerParametrization(module, "offset", new Squared());
      Tensor x = Torch.ones(3);
      // 1 * scale² + offset²
      assertThat(module.forward(x)).isBitEqualTo(Torch.tensor(new float[] {2, 5, 10}));
      Tensor original = module.getParameter("parametrizations.scale.original");
      module.forward(x).sum().backward();
      // The derivative of scale² is 2 scale.
      assertThat(requireNonNull(original.grad())).isBitEqualTo(Torch.tensor(new float[] {2, 4, 6}));
      assertThat(module.stateDict().keySet())
          .containsExactly("parametrizations.scale.original", "parametrizations.offset.original");
      assertThat(module.namedBuffers().keySet())
          .containsExactly("parametrizations.offset.original");
    }
  }

  @Test
  void should_be_the_computed_tensor_for_every_call_that_takes_it() {
    try (var scope = TensorScope.open()) {
      Scaled module = new Scaled();
      registerParametrization(module, "scale", new Squared());
      Tensor scale = module.scale;
      assertThat(scale.shape()).containsExactly(3);
      assertThat(scale.dtype()).isEqualTo(DType.FLOAT32);
      assertThat(scale.requiresGrad()).isTrue();
      assertThat(scale.isLeaf()).isFalse();
      assertThat(scale.gradFn()).isEqualTo("PowBackward0");
      assertThat(scale.isClosed()).isFalse();
      assertThat(scale.toFloatArray()).containsExactly(1, 4, 9);
      assertThat(scale.select(0, 2).item()).isEqualTo(9);
      assertThat(scale).hasToString("tensor([1., 4., 9.], grad_fn=<PowBackward0>)");
      assertThat(Torch.cat(List.of(scale, scale)).toFloatArray()).containsExactly(1, 4, 9, 1, 4, 9);
      assertThat(scale.get(1).item()).isEqualTo(4);
      assertThat(scale.keep()).isSameAs(scale);
      assertThatThrownBy(() -> scale.moveTo(scope))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "a parametrized tensor is computed at each use and cannot be moved to a scope; call"
                  + " clone() to have its values");
      try (var mode = Torch.noGrad()) {
        assertThat(scale.requiresGrad()).isFalse();
      }
      scale.close();
      assertThat(scale.isClosed()).isTrue();
      assertThatThrownBy(scale::shape)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
    }
  }

  @Test
  void should_tell_an_optimizer_of_before_that_the_parameter_is_computed_now() {
    try (var scope = TensorScope.open()) {
      Linear layer = new Linear(2, 3);
      SGD before = new SGD(layer.parameters(), 0.1);
      weightNorm(layer);
      layer.forward(Torch.ones(1, 2)).sum().backward();
      String message =
          "a parametrized tensor has no gradient: the tensors that it is computed from have. Make"
              + " the optimizer after the parametrization, from model.parameters()";
      assertThatThrownBy(before::step)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
      assertThatThrownBy(before::zeroGrad)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
    }
  }

  @Test
  void should_go_on_with_an_optimizer_after_removal() {
    try (var scope = TensorScope.open()) {
      Linear layer = registerParametrization(new Linear(3, 3), "weight", new Symmetric());
      SGD optimizer = new SGD(layer.parameters(), 0.5);
      removeParametrizations(layer, "weight");
      Tensor before = layer.weight().detach().clone(null);
      layer.forward(Torch.ones(1, 3)).sum().backward();
      optimizer.step();
      // The gradient of the sum is 1 everywhere.
      assertThat(layer.weight().detach()).isBitEqualTo(before.sub(0.5));
    }
  }

  @Test
  void should_give_the_original_back() {
    try (var scope = TensorScope.open()) {
      Linear layer = new Linear(3, 3);
      Tensor before = layer.weight().detach().clone(null);
      registerParametrization(layer, "weight", new Squared());
      assertThat(isParametrized(layer)).isTrue();
      assertThat(isParametrized(layer, "weight")).isTrue();
      assertThat(isParametrized(layer, "bias")).isFalse();
      removeParametrizations(layer, "weight", false);
      assertThat(layer.weight().detach()).isBitEqualTo(before);
      assertThat(isParametrized(layer)).isFalse();
      assertThat(layer).hasToString("Linear(in_features=3, out_features=3, bias=True)");
    }
  }

  @Test
  void should_become_what_it_is_assigned() {
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(1);
      Tensor value = Torch.tensor(new float[][] {{1, 2}, {2, 5}});
      Linear symmetric = registerParametrization(new Linear(2, 2), "weight", new Symmetric());
      assign(symmetric, "weight", value);
      assertThat(symmetric.weight().detach()).isBitEqualTo(value);

      Linear norm = weightNorm(new Linear(2, 2));
      assign(norm, "weight", value);
      assertThat(norm.weight().detach()).isCloseTo(value, 1e-6, 0);

      // A rotation by a right angle is orthogonal.
      Tensor rotation = Torch.tensor(new float[][] {{0, -1}, {1, 0}});
      Linear rotated = orthogonal(new Linear(2, 2));
      assign(rotated, "weight", rotation);
      assertThat(rotated.weight().detach()).isBitEqualTo(rotation);
    }
  }

  @Test
  void should_compute_from_several_tensors() {
    try (var scope = TensorScope.open()) {
      Linear layer = registerParametrization(new Linear(4, 4), "weight", new RankOne(), false);
      assertThat(Linalg.matrixRank(layer.weight().detach()).itemLong()).isEqualTo(1);
      assertThatThrownBy(() -> registerParametrization(layer, "weight", new RankOne(), false))
          .isInstanceOf(ValueException.class)
          .hasMessage(
              "RankOne computes a tensor from several; expected one from one tensor, since 'weight'"
                  + " is parametrized already");
    }
  }

  @Test
  void should_compute_once_while_cached() {
    try (var scope = TensorScope.open()) {
      Symmetric symmetric = new Symmetric();
      Linear layer = registerParametrization(new Linear(3, 3), "weight", symmetric);
      Tensor x = Torch.ones(1, 3);
      int before = symmetric.count;
      layer.forward(x);
      layer.forward(x);
      assertThat(symmetric.count - before).isEqualTo(2);
      try (var outer = cached()) {
        Tensor first;
        try (var inner = cached();
            var turn = TensorScope.open()) {
          first = layer.forward(x).keep();
        }
        // The scope in which it was computed is closed; the outer cache goes on.
        assertThat(layer.forward(x)).isBitEqualTo(first);
        first.close();
        layer.forward(x).sum().backward();
      }
      assertThat(symmetric.count - before).isEqualTo(3);
      layer.forward(x);
      assertThat(symmetric.count - before).isEqualTo(4);
      assertThat(requireNonNull(layer.getParameter("parametrizations.weight.original").grad()))
          // Each element above the diagonal stands in two places.
          .isBitEqualTo(Torch.tensor(new float[][] {{1, 2, 2}, {0, 1, 2}, {0, 0, 1}}));
    }
  }

  @Test
  void should_refuse_caches_that_are_closed_out_of_order() {
    var outer = cached();
    var inner = cached();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "caches of parametrizations must be closed by the thread that opened them, the"
                + " innermost first");
    inner.close();
    inner.close();
    outer.close();
  }

  @Test
  void should_iterate_in_training_only() {
    try (var scope = TensorScope.open()) {
      Linear layer = spectralNorm(new Linear(4, 6));
      Tensor u = layer.getBuffer("parametrizations.weight.0._u");
      layer.getParameter("parametrizations.weight.original").detach().copy_(Torch.randn(6, 4));
      Tensor x = Torch.ones(1, 4);
      Tensor before = u.clone(null);
      layer.eval();
      layer.forward(x);
      assertThat(u).isBitEqualTo(before);
      layer.train();
      layer.forward(x);
      assertThat(u.equal(before)).isFalse();
    }
  }

  @Test
  void should_load_the_names_of_before_parametrizations() {
    try (var scope = TensorScope.open()) {
      Linear layer = weightNorm(new Linear(2, 3));
      Map<String, Tensor> state = new HashMap<>();
      state.put("bias", Torch.ones(3));
      state.put("weight_g", Torch.tensor(new float[][] {{5}, {10}, {15}}));
      state.put("weight_v", Torch.tensor(new float[][] {{3, 4}, {3, 4}, {3, 4}}));
      layer.loadStateDict(state);
      assertThat(state).containsKey("weight_g");
      // (3, 4) has the length 5.
      assertThat(layer.weight().detach())
          .isBitEqualTo(Torch.tensor(new float[][] {{3, 4}, {6, 8}, {9, 12}}));
    }
  }

  @Test
  void should_change_dtype_and_freeze_with_the_module() {
    try (var scope = TensorScope.open()) {
      Linear layer = spectralNorm(new Linear(2, 3));
      layer.to(DType.FLOAT64);
      assertThat(layer.weight().dtype()).isEqualTo(DType.FLOAT64);
      assertThat(layer.forward(Torch.ones(DType.FLOAT64, 1, 2)).dtype()).isEqualTo(DType.FLOAT64);
      layer.requiresGrad_(false);
      assertThat(layer.weight().requiresGrad()).isFalse();
    }
  }

  @Test
  void should_compute_in_several_threads_at_once() throws Exception {
    try (var scope = TensorScope.open();
        var executor = Executors.newFixedThreadPool(4)) {
      Linear layer = weightNorm(new Linear(8, 8));
      Tensor x = Torch.randn(4, 8).keep();
      Tensor expected = layer.forward(x).detach().keep();
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        tasks.add(() -> {
          boolean same = true;
          for (int turn = 0; turn < 50; turn++) {
            try (var each = TensorScope.open()) {
              same &= layer.forward(x).equal(expected);
            }
          }
          return same;
        });
      }
      for (Future<Boolean> result : executor.invokeAll(tasks)) assertThat(result.get()).isTrue();
    }
  }

  /// A spectral norm iterates each time, so that more often would be other numbers than Python's.
  @Test
  void should_be_computed_once_in_the_forward_of_a_layer() {
    try (var scope = TensorScope.open();
        var softly = new AutoCloseableSoftAssertions()) {
      Tensor series = Torch.randn(2, 3, 5);
      Tensor image = Torch.randn(2, 3, 5, 5);
      Tensor words = Torch.tensor(new long[][] {{1, 2}, {0, 3}});
      Tensor batch = Torch.randn(4, 3);
      softly.assertThat(computations(new Linear(3, 2), m -> m.forward(batch))).isEqualTo(1);
      softly
          .assertThat(computations(new Bilinear(3, 3, 2), m -> m.forward(batch, batch)))
          .isEqualTo(1);
      softly.assertThat(computations(new Conv1d(3, 2, 3), m -> m.forward(series))).isEqualTo(1);
      softly.assertThat(computations(new Conv2d(3, 2, 3), m -> m.forward(image))).isEqualTo(1);
      softly
          .assertThat(computations(new ConvTranspose1d(3, 2, 3), m -> m.forward(series)))
          .isEqualTo(1);
      softly
          .assertThat(computations(new ConvTranspose2d(3, 2, 3), m -> m.forward(image)))
          .isEqualTo(1);
      softly
          .assertThat(
              computations(new Embedding(5, 3, o -> o.paddingIdx(0)), m -> m.forward(words)))
          .isEqualTo(1);
      softly.assertThat(computations(new EmbeddingBag(5, 3), m -> m.forward(words))).isEqualTo(1);
      softly.assertThat(computations(new LayerNorm(5), m -> m.forward(series))).isEqualTo(1);
      softly.assertThat(computations(new GroupNorm(1, 3), m -> m.forward(series))).isEqualTo(1);
      softly.assertThat(computations(new BatchNorm1d(3), m -> m.forward(series))).isEqualTo(1);
      softly
          .assertThat(computations(new PReLU(o -> o.numParameters(3)), m -> m.forward(series)))
          .isEqualTo(1);
    }
  }

  @Test
  void should_limit_the_rows_of_a_computed_table() {
    try (var scope = TensorScope.open()) {
      Embedding layer = new Embedding(2, 2, o -> o.maxNorm(1.0));
      registerParametrization(layer, "weight", new Squared());
      layer
          .getParameter("parametrizations.weight.original")
          .detach()
          .copy_(Torch.tensor(new float[][] {{2, 0}, {0, 0.5f}}));
      // The rows are (4, 0), which is too long, and (0, 0.25).
      assertThat(layer.forward(Torch.tensor(new long[] {0, 1})))
          .isCloseTo(Torch.tensor(new float[][] {{1, 0}, {0, 0.25f}}), 1e-6, 0);
    }
  }

  private static <M extends Module> int computations(M module, Consumer<M> forward) {
    AtomicInteger count = new AtomicInteger();
    Layer counting =
        new Layer() {
          @Override
          public Tensor forward(Tensor x) {
            count.incrementAndGet();
            return x.mul(1);
          }
        };
    registerParametrization(module, "weight", counting);
    count.set(0);
    forward.accept(module);
    return count.get();
  }

  @Test
  void should_free_what_is_computed_with_the_scope() {
    Linear layer = spectralNorm(new Linear(4, 4));
    long before = LeakDetection.liveHandles();
    for (int i = 0; i < 3; i++) {
      try (var scope = TensorScope.open();
          var cache = cached()) {
        layer.forward(Torch.ones(1, 4)).sum();
      }
      try (var scope = TensorScope.open()) {
        layer.forward(Torch.ones(1, 4)).sum();
      }
    }
    assertThat(LeakDetection.liveHandles()).isEqualTo(before);
  }
}
