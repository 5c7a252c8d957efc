package dev.pantorch.testing;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import org.junit.jupiter.api.Test;

/// The assertions fail where they should, and say what differs.
class TensorAssertTest {
  @Test
  void should_accept_what_holds() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new float[] {1, Float.NaN, 3}, 3);
      assertThat(x)
          .hasShape(3)
          .hasDType(DType.FLOAT32)
          .hasValues(1, Double.NaN, 3)
          .isBitEqualTo(Torch.tensor(new float[] {1, Float.NaN, 3}, 3))
          .isCloseTo(Torch.tensor(new float[] {1, Float.NaN, 3.00001f}, 3))
          .doesNotRequireGrad();
      assertThat(Torch.ones(2).requiresGrad_(true)).requiresGrad();
    }
  }

  @Test
  void should_name_shapes_that_differ() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> assertThat(Torch.ones(2, 3)).hasShape(3, 2))
          .isInstanceOf(AssertionError.class)
          .hasMessage("Expected shape [3, 2] but was [2, 3]");
    }
  }

  @Test
  void should_name_the_first_element_that_differs() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.tensor(new float[] {1, 2}, 2);
      assertThatThrownBy(() -> assertThat(x).hasValues(1, 3))
          .isInstanceOf(AssertionError.class)
          .hasMessageStartingWith("Expected 3.0 at position 1 but was 2.0");
    }
  }

  @Test
  void should_see_the_sign_of_zero_and_the_last_bit_of_a_long() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor zero = Torch.tensor(new float[] {0}, 1);
      Tensor negativeZero = Torch.tensor(new float[] {-0f}, 1);
      assertThatThrownBy(() -> assertThat(zero).isBitEqualTo(negativeZero))
          .isInstanceOf(AssertionError.class);
      Tensor large = Torch.tensor(new long[] {1L << 60}, 1);
      Tensor larger = Torch.tensor(new long[] {(1L << 60) + 1}, 1);
      assertThatThrownBy(() -> assertThat(large).isBitEqualTo(larger))
          .isInstanceOf(AssertionError.class)
          .hasMessage("Expected the same bytes");
    }
  }
}
