package dev.pantorch.nn.utils;

import static dev.pantorch.nn.utils.ConvertParameters.parametersToVector;
import static dev.pantorch.nn.utils.ConvertParameters.vectorToParameters;
import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Linear;
import org.junit.jupiter.api.Test;

class ConvertParametersTest {
  @Test
  void should_write_parameters_one_after_the_other_and_read_them_back() {
    try (var scope = TensorScope.open()) {
      Linear layer = new Linear(2, 3);
      Tensor vector = parametersToVector(layer.parameters());
      assertThat(vector.shape()).containsExactly(9);
      assertThat(vector.narrow(0, 0, 6).view(3, 2)).isBitEqualTo(layer.weight());

      Tensor doubled = vector.detach().mul(2);
      vectorToParameters(doubled, layer.parameters());
      assertThat(parametersToVector(layer.parameters())).isBitEqualTo(doubled);
      doubled.fill_(7);
      assertThat(layer.weight()).isBitEqualTo(Torch.ones(3, 2).mul(7));
      assertThat(layer.weight().requiresGrad()).isTrue();
    }
  }

  @Test
  void should_refuse_a_vector_that_is_too_short() {
    try (var scope = TensorScope.open()) {
      Linear layer = new Linear(2, 3);
      assertThatThrownBy(() -> vectorToParameters(Torch.ones(8), layer.parameters()))
          .isInstanceOf(ShapeException.class)
          .hasMessage(
              "the parameters have 9 elements; expected a vector of as many, got 8 in 1"
                  + " dimensions");
    }
  }
}
