package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.junit.jupiter.api.Test;

/// Where Python ends, the kernels that the shim has in the place of libtorch's answer: a sum over
/// nothing is zero.
class ReplacedKernelsTest {
  @Test
  void should_take_distances_of_no_rows_backward() {
    Tensor x = Torch.zeros(0, 5).requiresGrad_(true);
    Torch.pdist(x).sum().backward();
    assertThat(x.grad()).hasShape(0, 5);
  }

  @Test
  void should_take_an_evaluated_batch_norm_of_no_rows_backward() {
    Tensor x = Torch.zeros(0, 2).requiresGrad_(true);
    Tensor weight = Torch.ones(2).requiresGrad_(true);
    Tensor bias = Torch.zeros(2).requiresGrad_(true);
    Torch.nativeBatchNorm(x, weight, bias, Torch.zeros(2), Torch.ones(2), false, 0.1, 1e-5)
        .output()
        .sum()
        .backward();
    assertThat(x.grad()).hasShape(0, 2);
    assertThat(weight.grad().toFloatArray()).containsExactly(0, 0);
    assertThat(bias.grad().toFloatArray()).containsExactly(0, 0);
  }

  @Test
  void should_transpose_nothing_in_the_layout_of_onednn() {
    assertThat(Torch.zeros(3, 0).toMkldnn().t().shape()).containsExactly(0, 3);
    assertThat(Torch.zeros(2, 0, 3).toMkldnn().transpose(-2, 0).shape()).containsExactly(0, 2, 3);
  }
}
