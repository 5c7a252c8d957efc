package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.junit.jupiter.api.Test;

/// Where Python ends, or reads what is not there, the kernels that the shim has in the place of
/// libtorch's answer: a sum over nothing is zero, and equal numbers are their own median.
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
  void should_find_the_median_of_an_expanded_dimension() {
    Tensor x = Torch.tensor(3f, 5f).view(2, 1).expand(2, 4);
    assertThat(Torch.median(x, 1).values().toFloatArray()).containsExactly(3, 5);
    assertThat(Torch.nanmedian(x, -1).values().toFloatArray()).containsExactly(3, 5);
    assertThat(Torch.median(x, 0).values().toFloatArray()).containsExactly(3, 3, 3, 3);
  }

  @Test
  void should_transpose_nothing_in_the_layout_of_onednn() {
    assertThat(Torch.zeros(3, 0).toMkldnn().t().shape()).containsExactly(0, 3);
    assertThat(Torch.zeros(2, 0, 3).toMkldnn().transpose(-2, 0).shape()).containsExactly(0, 2, 3);
  }
}
