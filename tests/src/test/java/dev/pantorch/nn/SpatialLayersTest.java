package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How layers for channels and places are written in Java; their numbers are compared elsewhere.
class SpatialLayersTest {
  @Test
  void should_chain_options_of_shared_and_own_kinds() {
    try (TensorScope scope = TensorScope.open()) {
      Sequential model =
          new Sequential(
              new Conv2d(1, 4, 3, o -> o.padding(Padding.SAME).bias(false)),
              new BatchNorm2d(4, o -> o.momentum(null).eps(1e-3)),
              new ReLU(),
              new MaxPool2d(2, o -> o.stride(2, 1).padding(1)),
              new Conv2d(
                  4, 8, new long[] {3, 1}, o -> o.groups(2).paddingMode(PaddingMode.REFLECT)),
              new GroupNorm(2, 8, o -> o.affine(false)),
              new AdaptiveAvgPool2d(new Long[] {2L, 1L}),
              new Flatten(),
              new LayerNorm(16, o -> o.elementwiseAffine(false)));
      Tensor y = model.forward(Torch.randn(2, 1, 6, 6));
      assertThat(y.shape()).containsExactly(2, 16);
      y.sum().backward();
      assertThat(model.parameters()).hasSize(5).allMatch(p -> p.grad() != null);
    }
  }

  @Test
  void should_undo_pooling_with_the_indices_of_its_record() {
    try (TensorScope scope = TensorScope.open()) {
      // Whole numbers, whose sum does not hang on the order.
      Tensor x = Torch.randperm(50).float32().view(1, 2, 5, 5);
      Pooled pooled = new MaxPool2d(2).forwardWithIndices(x);
      MaxUnpool2d unpool = new MaxUnpool2d(2);
      Tensor back = unpool.forward(pooled.output(), pooled.indices(), 5, 5);
      assertThat(back.shape()).containsExactly(1, 2, 5, 5);
      assertThat(back.sum().item()).isEqualTo(pooled.output().sum().item());
    }
  }

  @Test
  void should_run_hooks_around_every_kind_of_forward() {
    try (TensorScope scope = TensorScope.open()) {
      List<Object> seen = new ArrayList<>();
      ConvTranspose1d up = new ConvTranspose1d(1, 1, 3, o -> o.stride(2));
      MaxPool1d pool = new MaxPool1d(2);
      Bilinear bilinear = new Bilinear(2, 3, 4);
      for (Module module : List.of(up, pool, bilinear)) {
        module.registerForwardHook((m, input, output) -> {
          seen.add(output);
          return null;
        });
      }
      Tensor grown = up.forward(Torch.randn(1, 1, 3), 8);
      Pooled pooled = pool.forwardWithIndices(grown);
      Tensor mapped = bilinear.forward(Torch.randn(5, 2), Torch.randn(5, 3));
      assertThat(grown.shape()).containsExactly(1, 1, 8);
      assertThat(seen).containsExactly(grown, pooled, mapped);
    }
  }

  @Test
  void should_name_the_setting_that_has_another_number_of_sizes() {
    assertThatThrownBy(() -> new Conv2d(1, 1, new long[] {3, 3, 3}))
        .isInstanceOf(ValueException.class)
        .hasMessage("kernel_size of Conv2d must be one value or 2, got (3, 3, 3)");
    assertThatThrownBy(() -> new Conv3d(1, 1, 3, o -> o.dilation(1, 2)))
        .isInstanceOf(ValueException.class)
        .hasMessage("dilation of Conv3d must be one value or 3, got (1, 2)");
    assertThatThrownBy(() -> new ZeroPad2d(new long[] {1, 2, 3}))
        .isInstanceOf(ValueException.class)
        .hasMessage("padding of ZeroPad2d must be one value or 4, got (1, 2, 3)");
  }
}
