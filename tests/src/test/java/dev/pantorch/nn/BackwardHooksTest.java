package dev.pantorch.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Autograd;
import dev.pantorch.HookHandle;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Hooks that see gradients go through a module. Each example was run in Python 2.13, which prints
/// what is expected here, but for states in tuples, which it passes over.
class BackwardHooksTest {
  record Two(Tensor a, Tensor b) {}

  /// Twice the one, three times the other.
  static class Scales extends Module {
    Two forward(Tensor a, Tensor b) {
      return hooked(new Two(a, b), in -> new Two(in.a.mul(2), in.b.mul(3)));
    }
  }

  private final List<String> seen = new ArrayList<>();

  private static String text(List<@Nullable Tensor> tensors) {
    List<String> parts = new ArrayList<>();
    for (Tensor tensor : tensors) {
      parts.add(tensor == null ? "None" : Arrays.toString(tensor.contiguous().toFloatArray()));
    }
    return parts.toString();
  }

  private @Nullable List<@Nullable Tensor> see(
      Module module, List<@Nullable Tensor> gradInput, List<@Nullable Tensor> gradOutput) {
    seen.add(text(gradInput) + " " + text(gradOutput));
    return null;
  }

  private static List<@Nullable Tensor> gradients(Tensor... gradients) {
    return new ArrayList<>(List.of(gradients));
  }

  private static List<@Nullable Tensor> each(
      List<@Nullable Tensor> tensors, UnaryOperator<Tensor> change) {
    List<@Nullable Tensor> changed = new ArrayList<>();
    for (Tensor tensor : tensors) changed.add(tensor == null ? null : change.apply(tensor));
    return changed;
  }

  @Test
  void should_replace_gradients_before_and_behind_the_module() {
    Scales scales = new Scales();
    scales.registerFullBackwardHook((module, gradInput, gradOutput) -> {
      see(module, gradInput, gradOutput);
      return each(gradInput, g -> g.mul(10));
    });
    scales.registerFullBackwardPreHook((module, gradOutput) -> {
      seen.add("before " + text(gradOutput));
      return each(gradOutput, g -> g.add(1));
    });
    Tensor a = Torch.ones(2).requiresGrad_();

    scales.forward(a, Torch.ones(2)).a().sum().backward();

    assertThat(seen)
        .containsExactly(
            "before [[1.0, 1.0], None]", "[[4.0, 4.0], [0.0, 0.0]] [[2.0, 2.0], None]");
    assertThat(requireNonNull(a.grad()).toFloatArray()).containsExactly(40, 40);
  }

  @Test
  void should_run_once_a_pass_until_removed() {
    Linear layer = new Linear(2, 1, o -> o.bias(false));
    HookHandle handle = layer.registerFullBackwardHook(this::see);
    Torch.noGrad(() -> layer.weight().copy_(Torch.tensor(new float[] {3, 4})));
    Tensor x = Torch.ones(1, 2).requiresGrad_();

    Tensor y = layer.forward(x);
    y.sum().backward(null, true, false);
    y.sum().backward();
    Autograd.grad(List.of(layer.forward(x).sum()), List.of(layer.weight()));
    handle.remove();
    layer.forward(x).sum().backward();

    assertThat(seen).containsExactly("[[3.0, 4.0]] [[1.0]]", "[[3.0, 4.0]] [[1.0]]");
  }

  @Test
  void should_see_output_gradients_where_no_input_has_one() {
    Linear layer = new Linear(2, 1);
    HookHandle handle = layer.registerFullBackwardHook(this::see);
    layer.forward(Torch.ones(1, 2)).sum().backward();
    assertThat(seen).containsExactly("[None] [[1.0]]");

    handle.remove();
    layer.registerFullBackwardHook((module, gradInput, gradOutput) -> gradients(Torch.ones(1, 2)));
    Tensor loss = layer.forward(Torch.ones(1, 2)).sum();
    assertThatThrownBy(loss::backward)
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "Backward hook for Modules where no input requires gradient should always return None"
                + " or None for all gradients.");
  }

  @Test
  void should_refuse_another_number_of_gradients() {
    Tensor x = Torch.ones(1, 2).requiresGrad_();
    Linear layer = new Linear(2, 1);
    HookHandle handle =
        layer.registerFullBackwardHook((module, gradInput, gradOutput) -> gradients(x, x));
    Tensor first = layer.forward(x).sum();
    assertThatThrownBy(first::backward)
        .hasMessage(
            "Backward hook returned an invalid number of grad_input, got 2, but expected 1");

    handle.remove();
    layer.registerFullBackwardPreHook((module, gradOutput) -> gradients());
    Tensor second = layer.forward(x).sum();
    assertThatThrownBy(second::backward)
        .hasMessage(
            "Backward pre hook returned an invalid number of grad_output, got 0, but expected 1");
  }

  @Test
  void should_see_states_in_records() {
    LSTM lstm = new LSTM(2, 3);
    List<List<Long>> shapes = new ArrayList<>();
    lstm.registerFullBackwardHook((module, gradInput, gradOutput) -> {
      for (List<@Nullable Tensor> grads : List.of(gradInput, gradOutput)) {
        List<Long> sizes = new ArrayList<>();
        for (Tensor grad : grads) sizes.add(grad == null ? -1 : grad.numel());
        shapes.add(sizes);
      }
      return null;
    });

    Tensor x = Torch.ones(4, 1, 2).requiresGrad_();
    lstm.forward(x, new LSTM.State(Torch.zeros(1, 1, 3), Torch.zeros(1, 1, 3)))
        .output()
        .sum()
        .backward();

    assertThat(shapes).containsExactly(List.of(8L, 3L, 3L), List.of(12L, -1L, -1L));
  }
}
