package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Small batches give the gradient of the large one. The loss is the mean of w x, whose gradient is
/// the mean of x.
class GradientAccumulationTest {
  private final Tensor w = Torch.ones(1).requiresGrad_();

  private Tensor loss(float... x) {
    return Torch.tensor(x).mul(w).mean();
  }

  private double gradient() {
    return requireNonNull(w.grad()).item();
  }

  @Test
  void should_give_the_gradient_of_the_large_batch() {
    GradientAccumulation accumulation = new GradientAccumulation(2);
    for (int window = 0; window < 2; window++) {
      accumulation.scale(loss(1, 3)).backward();
      assertThat(accumulation.isDue()).isFalse();
      accumulation.scale(loss(5, 7)).backward();
      assertThat(accumulation.isDue()).isTrue();
      // (1 + 3 + 5 + 7) / 4
      assertThat(gradient()).isEqualTo(4);
      w.setGrad(null);
    }
  }

  @Test
  void should_weigh_batches_by_their_sizes() {
    GradientAccumulation accumulation = new GradientAccumulation(2);
    accumulation.scale(loss(1, 3, 2, 2), 4).backward();
    accumulation.scale(loss(8), 1).backward();
    assertThat(accumulation.settle(List.of(w))).isTrue();
    // (1 + 3 + 2 + 2 + 8) / 5
    assertThat(gradient()).isCloseTo(3.2, org.assertj.core.data.Offset.offset(1e-6));
    assertThat(accumulation.settle(List.of(w))).as("again").isFalse();
  }

  @Test
  void should_settle_what_is_left_over() {
    GradientAccumulation accumulation = new GradientAccumulation(4);
    assertThat(accumulation.settle(List.of(w))).as("nothing yet").isFalse();
    accumulation.scale(loss(1, 3)).backward();
    accumulation.scale(loss(5, 7)).backward();
    assertThat(accumulation.isDue()).isFalse();
    assertThat(accumulation.settle(List.of(w))).isTrue();
    assertThat(gradient()).isEqualTo(4);

    w.setGrad(null);
    accumulation.scale(loss(2)).backward();
    assertThat(gradient()).as("a new large batch has begun").isEqualTo(0.5);
  }

  @Test
  void should_refuse_counts_that_make_no_sense() {
    assertThatThrownBy(() -> new GradientAccumulation(0))
        .isInstanceOf(ValueException.class)
        .hasMessage("the number of batches to accumulate should be >= 1, got 0");
    assertThatThrownBy(() -> new GradientAccumulation(1).scale(loss(1), 0))
        .isInstanceOf(ValueException.class)
        .hasMessage("the number of samples should be >= 1, got 0");
  }
}
