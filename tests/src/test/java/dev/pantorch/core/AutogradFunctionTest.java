package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.AutogradFunction;
import dev.pantorch.DType;
import dev.pantorch.GradcheckException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AutogradFunctionTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static Tensor vector(double... values) {
    return Torch.tensor(values).requiresGrad_();
  }

  /// The example of PyTorch's documentation.
  private static class Exp extends AutogradFunction {
    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      Tensor result = inputs.getFirst().exp();
      context.saveForBackward(result);
      return List.of(result);
    }

    @Override
    protected List<@Nullable Tensor> backward(Context context, List<@Nullable Tensor> gradOutputs) {
      Tensor result = context.savedTensors().getFirst();
      return Arrays.asList(requireNonNull(gradOutputs.getFirst()).mul(result));
    }
  }

  /// Two inputs, two results, an argument that is no tensor.
  private static final class Scale extends AutogradFunction {
    private final double factor;
    private final List<List<@Nullable Tensor>> seen = new ArrayList<>();
    private boolean materialize = true;
    private int gradients = 2;

    Scale(double factor) {
      this.factor = factor;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      context.setMaterializeGrads(materialize);
      assertThat(Torch.isGradEnabled()).isFalse();
      return List.of(inputs.get(0).mul(factor), inputs.get(1).mul(2 * factor));
    }

    @Override
    protected List<@Nullable Tensor> backward(Context context, List<@Nullable Tensor> gradOutputs) {
      List<@Nullable Tensor> kept = new ArrayList<>();
      for (Tensor g : gradOutputs) kept.add(g == null ? null : g.keep());
      seen.add(kept);
      List<@Nullable Tensor> result = new ArrayList<>();
      for (int i = 0; i < gradients; i++) {
        Tensor g = i < 2 ? gradOutputs.get(i) : null;
        result.add(g == null || !context.needsInputGrad(i) ? null : g.mul(factor * (i + 1)));
      }
      return result;
    }
  }

  @Test
  void should_differentiate_by_the_given_derivative() {
    Tensor x = vector(0, 1);
    Tensor y = new Exp().apply(x);
    assertThat(y.gradFn()).isEqualTo("ExpBackward");
    y.sum().backward();
    assertThat(x.grad()).isBitEqualTo(Torch.exp(x.detach()));
  }

  @Test
  void should_agree_with_finite_differences_twice() {
    Tensor x = vector(0.3, -1.2, 0.5);
    assertThat(Autograd.gradcheck(new Exp()::apply, x)).isTrue();
    assertThat(Autograd.gradgradcheck(new Exp()::apply, x)).isTrue();
  }

  @Test
  void should_find_a_wrong_second_derivative() {
    // The first derivative is right; detached, it has no derivative of its own.
    class Detached extends Exp {
      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        return Arrays.asList(
            requireNonNull(gradOutputs.getFirst()).mul(context.savedTensors().getFirst().detach()));
      }
    }
    Tensor x = vector(0.3, -1.2);
    assertThat(Autograd.gradcheck(new Detached()::apply, x)).isTrue();
    assertThatThrownBy(() -> Autograd.gradgradcheck(new Detached()::apply, x))
        .isInstanceOf(GradcheckException.class)
        .hasMessageStartingWith("Jacobian mismatch for output 0 with respect to input 0");
  }

  @Test
  void should_give_zeros_or_nothing_for_a_result_without_gradient() {
    Tensor a = vector(1, 2);
    Tensor b = vector(3);
    Scale zeros = new Scale(10);
    zeros.applyAll(a, b).getFirst().sum().backward();
    assertThat(a.grad()).hasValues(10, 10);
    assertThat(requireNonNull(zeros.seen.getFirst().get(1))).hasValues(0);
    assertThat(b.grad()).hasValues(0);

    Scale nothing = new Scale(10);
    nothing.materialize = false;
    b.setGrad(null);
    nothing.applyAll(a, b).getFirst().sum().backward();
    assertThat(nothing.seen.getFirst().get(1)).isNull();
    assertThat(b.grad()).isNull();
    zeros.seen.getFirst().forEach(t -> requireNonNull(t).close());
    requireNonNull(nothing.seen.getFirst().getFirst()).close();
  }

  @Test
  void should_tell_which_gradients_are_wanted() {
    Tensor a = vector(1, 2);
    Tensor b = Torch.tensor(new double[] {3});
    List<Tensor> results = new Scale(2).applyAll(a, b);
    results.get(0).sum().add(results.get(1).sum()).backward();
    assertThat(a.grad()).hasValues(2, 2);
    assertThat(b.grad()).isNull();
    assertThat(Torch.noGrad(() -> new Exp().apply(a)).requiresGrad()).isFalse();
    assertThat(new Exp().apply(b).requiresGrad()).isFalse();
  }

  @Test
  void should_refuse_a_wrong_number_of_gradients() {
    Tensor a = vector(1);
    Tensor b = vector(3);
    Scale few = new Scale(1);
    few.gradients = 1;
    Tensor loss = few.applyAll(a, b).getFirst().sum();
    assertThatThrownBy(loss::backward)
        .hasMessage(
            "function ScaleBackward returned an incorrect number of gradients (expected 2, got 1)");
    Scale more = new Scale(1);
    more.gradients = 4; // the rest are nulls
    more.applyAll(a, b).getFirst().sum().backward();
    assertThat(a.grad()).hasValues(1);
    for (Scale s : List.of(few, more)) {
      s.seen.getFirst().forEach(t -> requireNonNull(t).close());
    }
  }

  @Test
  void should_refuse_gradients_of_a_wrong_shape() {
    class Wrong extends Exp {
      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        return Arrays.asList(Torch.ones(DType.FLOAT64, 3));
      }
    }
    Tensor loss = new Wrong().apply(vector(1, 2)).sum();
    // Python's words.
    assertThatThrownBy(loss::backward)
        .isInstanceOf(TorchException.class)
        .hasMessageContaining(
            "Function WrongBackward returned an invalid gradient at index 0 - got [3] but expected"
                + " shape compatible with [2]");
  }

  @Test
  void should_let_exceptions_out_as_themselves() {
    IOException mine = new IOException("mine");
    class Failing extends Exp {
      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        throw AutogradFunctionTest.<RuntimeException>sneaky(mine);
      }
    }
    Tensor x = vector(1);
    Tensor loss = new Failing().apply(x).sum();
    assertThatThrownBy(loss::backward).isSameAs(mine);
    assertThat(x.mul(2).requiresGrad()).isTrue();
  }

  @SuppressWarnings("unchecked") // erased: throws it unchecked
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }

  @Test
  void should_notice_saved_tensors_that_were_changed() {
    Tensor x = vector(1, 2);
    Tensor y = new Exp().apply(x);
    Torch.noGrad(() -> y.add_(1));
    assertThatThrownBy(() -> y.sum().backward())
        .hasMessageContaining("modified by an inplace operation");
  }

  @Test
  void should_refuse_a_second_pass_through_a_freed_graph() {
    Tensor x = vector(1, 2);
    Tensor loss = new Exp().apply(x).sum();
    loss.backward(Torch.ones(DType.FLOAT64), true, false);
    loss.backward();
    assertThatThrownBy(loss::backward)
        .hasMessageContaining("Trying to backward through the graph a second time");
    assertThat(x.grad()).isCloseTo(x.detach().exp().mul(2));
  }

  @Test
  void should_change_inputs_in_place() {
    class AddOne extends AutogradFunction {
      @Override
      protected List<Tensor> forward(Context context, List<Tensor> inputs) {
        inputs.getFirst().add_(1);
        context.markDirty(inputs.getFirst());
        return inputs;
      }

      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        return Arrays.asList(requireNonNull(gradOutputs.getFirst()).mul(5));
      }
    }
    Tensor x = vector(1, 2);
    Tensor y = x.mul(3);
    long before = y.version();
    Tensor z = new AddOne().apply(y);
    assertThat(y).hasValues(4, 7);
    assertThat(y.version()).isGreaterThan(before);
    assertThat(y.gradFn()).isEqualTo("AddOneBackward");
    z.sum().backward();
    assertThat(x.grad()).hasValues(15, 15);
    assertThatThrownBy(() -> new AddOne().apply(x))
        .hasMessageContaining(
            "a leaf Variable that requires grad has been used in an in-place operation.");
  }

  @Test
  void should_have_results_without_gradient() {
    class Sorted extends AutogradFunction {
      @Override
      protected List<Tensor> forward(Context context, List<Tensor> inputs) {
        var sorted = inputs.getFirst().sort();
        context.markNonDifferentiable(sorted.indices());
        context.saveForBackward(inputs.getFirst(), sorted.indices());
        return List.of(sorted.values(), sorted.indices());
      }

      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        Tensor input = context.savedTensors().get(0);
        Tensor indices = context.savedTensors().get(1);
        Tensor gradient = requireNonNull(gradOutputs.getFirst());
        return Arrays.asList(Torch.zerosLike(input).indexAdd(0, indices, gradient));
      }
    }
    Tensor x = vector(3, 1, 2);
    List<Tensor> results = new Sorted().applyAll(x);
    assertThat(results.get(1)).doesNotRequireGrad().hasValues(1, 2, 0);
    results.get(0).mul(Torch.tensor(new double[] {1, 10, 100})).sum().backward();
    assertThat(x.grad()).hasValues(100, 1, 10);
    assertThatThrownBy(() -> new Sorted().apply(x))
        .hasMessage("Sorted returned 2 results; apply is for one, applyAll for any number");
  }

  @Test
  void should_refuse_to_differentiate_twice_what_is_differentiable_once() {
    class Once extends Exp {
      @Override
      protected boolean isOnceDifferentiable() {
        return true;
      }
    }
    Tensor x = vector(1, 2);
    Tensor gradient =
        requireNonNull(
            Autograd.grad(
                    List.of(new Once().apply(x).pow(2).sum()), List.of(x), null, true, true, false)
                .getFirst());
    assertThat(gradient).isCloseTo(x.detach().mul(2).exp().mul(2));
    assertThatThrownBy(() -> gradient.sum().backward())
        .hasMessage(
            "trying to differentiate twice a function that was marked with @once_differentiable");
  }

  @Test
  void should_call_operators_and_passes_inside_of_a_backward_pass() {
    class Inner extends Exp {
      @Override
      protected List<@Nullable Tensor> backward(
          Context context, List<@Nullable Tensor> gradOutputs) {
        Tensor inner = Torch.enableGrad(() -> Torch.ones(DType.FLOAT64, 2).requiresGrad_());
        Torch.enableGrad(() -> new Exp().apply(inner).sum()).backward();
        return Arrays.asList(requireNonNull(inner.grad()));
      }
    }
    Tensor x = vector(7, 8);
    new Inner().apply(x).sum().backward();
    assertThat(x.grad()).isBitEqualTo(Torch.ones(DType.FLOAT64, 2).exp());
  }

  @Test
  void should_run_in_many_threads() throws Exception {
    Exp shared = new Exp();
    List<Future<Double>> results = new ArrayList<>();
    try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 32; i++) {
        double value = i / 10.0;
        results.add(
            executor.submit(() ->
                TensorScope.scope(() -> {
                  Tensor x = vector(value);
                  shared.apply(x).sum().backward();
                  return requireNonNull(x.grad()).item();
                })));
      }
      for (int i = 0; i < 32; i++) {
        double expected = Torch.tensor(i / 10.0).exp().item();
        assertThat(results.get(i).get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void should_refuse_what_is_no_input_or_result() {
    class Marking extends Exp {
      @Override
      protected List<Tensor> forward(Context context, List<Tensor> inputs) {
        context.markDirty(Torch.ones(1));
        return super.forward(context, inputs);
      }
    }
    assertThatThrownBy(() -> new Marking().apply(vector(1)))
        .hasMessage("Marking: markDirty was given a tensor that is not an input of forward");
    class Early extends Exp {
      @Override
      protected List<Tensor> forward(Context context, List<Tensor> inputs) {
        return context.savedTensors();
      }
    }
    assertThatThrownBy(() -> new Early().apply(vector(1)))
        .hasMessage("savedTensors is for backward; forward has the tensors themselves");
  }
}
