package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.Autograd;
import dev.pantorch.GradcheckException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Masked losses by arithmetic that is shown.
class SequenceLossesTest {
  private static final float NAN = Float.NaN;

  /// Errors 1, 2, 3 in the first sequence and 5 in the second; the third is empty.
  private final Tensor input =
      Torch.tensor(new float[] {1, 2, 3, 5, NAN, NAN, NAN, NAN, NAN}, 3, 3);

  private final Tensor mask = SequenceLosses.mask(Torch.tensor(3L, 1L, 0L), 3);
  private final Tensor target = Torch.zeros(3, 3);

  private double l1(SequenceReduction reduction) {
    return SequenceLosses.l1(input, target, mask, reduction).item();
  }

  @Test
  void should_reduce_over_steps_and_sequences() {
    assertThat(mask.toBooleanArray())
        .containsExactly(true, true, true, true, false, false, false, false, false);
    assertThat(l1(SequenceReduction.SUM)).isEqualTo(11);
    assertThat(l1(SequenceReduction.TOKEN_MEAN)).isEqualTo(11 / 4.0);
    assertThat(l1(SequenceReduction.SEQUENCE_MEAN)).isEqualTo((2 + 5) / 2.0);
    assertThat(SequenceLosses.mse(input, target, mask, SequenceReduction.NONE).toFloatArray())
        .containsExactly(1, 4, 9, 25, 0, 0, 0, 0, 0);
    assertThat(
            SequenceLosses.l1(
                    input, target, mask.logicalAnd(mask.logicalNot()), SequenceReduction.TOKEN_MEAN)
                .item())
        .isZero();
  }

  @Test
  void should_not_let_padding_into_gradients() {
    input.requiresGrad_(true);
    SequenceLosses.bceWithLogits(input, target, mask, SequenceReduction.TOKEN_MEAN).backward();

    Tensor gradient = input.grad();
    assertThat(gradient).isNotNull();
    if (gradient != null) {
      assertThat(gradient.isfinite().all().itemBoolean()).isTrue();
      assertThat(gradient.toFloatArray()[3]).isCloseTo(0.9933f / 4, within(1e-4f));
      assertThat(gradient.toFloatArray()[4]).isZero();
    }
  }

  @Test
  void should_take_the_mean_over_further_dimensions() {
    Tensor wide = Torch.stack(List.of(input, input.mul(3)), 2);

    assertThat(SequenceLosses.l1(wide, Torch.zeros(3, 3, 2), mask, SequenceReduction.SUM).item())
        .isEqualTo(22);
  }

  @Test
  void should_give_the_cross_entropy_of_the_steps_alone() {
    Tensor logits = Torch.randn(2, 3, 4);
    Tensor classes = Torch.tensor(new long[] {1, 2, 3, 0, -100, 77}, 2, 3);
    Tensor steps = SequenceLosses.mask(Torch.tensor(3L, 1L), 3);
    double expected =
        Functional.crossEntropy(
                logits.reshape(6, 4).narrow(0, 0, 4), classes.reshape(6).narrow(0, 0, 4))
            .item();

    assertThat(
            SequenceLosses.crossEntropy(logits, classes, steps, SequenceReduction.TOKEN_MEAN)
                .item())
        .isCloseTo(expected, within(1e-6));
    assertThatThrownBy(() ->
            SequenceLosses.crossEntropy(
                logits, classes, steps.narrow(1, 0, 2), SequenceReduction.SUM))
        .isExactlyInstanceOf(ShapeException.class)
        .hasMessage("the first two dimensions of input and mask must match, got (2, 3) and (2, 2)");
  }

  @Test
  void should_find_a_gradient_that_is_wrong() {
    Tensor x = Torch.tensor(1.0, 2.0).requiresGrad_(true);

    assertThat(Autograd.gradcheck(t -> t.mul(t), x)).isTrue();
    // Half of the function is hidden from autograd.
    assertThatThrownBy(() -> Autograd.gradcheck(t -> t.mul(t.detach()), x))
        .isExactlyInstanceOf(GradcheckException.class)
        .hasMessage(
            """
            Jacobian mismatch for output 0 with respect to input 0,
            numerical:tensor([[2.0000, 0.0000],
                    [0.0000, 4.0000]], dtype=torch.float64)
            analytical:tensor([[1., 0.],
                    [0., 2.]], dtype=torch.float64)
            """);
    assertThatThrownBy(() -> Autograd.gradcheck(t -> t, x.detach()))
        .hasMessage(
            "gradcheck expects at least one input tensor to require gradient, but none of them have"
                + " requires_grad=True.");
  }
}
