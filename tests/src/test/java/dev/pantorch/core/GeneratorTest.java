package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import org.junit.jupiter.api.Test;

class GeneratorTest {
  @Test
  void should_begin_with_libtorchs_default_seed() {
    // c10::detail's default_rng_seed_val, as torch.Generator().initial_seed() shows it.
    assertThat(new Generator().initialSeed()).isEqualTo(67280421310721L);
  }

  @Test
  void should_repeat_itself_after_the_same_seed() {
    try (var scope = TensorScope.open()) {
      Generator generator = new Generator().manualSeed(7);
      Tensor first = Torch.rand(generator, 100);
      Tensor second = Torch.rand(generator, 100);
      assertThat(first.equal(second)).isFalse();
      assertThat(Torch.rand(generator.manualSeed(7), 100).equal(first)).isTrue();
      assertThat(generator.initialSeed()).isEqualTo(7);
      assertThat(generator.device()).isEqualTo(Device.CPU);
    }
  }

  @Test
  void should_restore_a_state() {
    try (var scope = TensorScope.open()) {
      Generator generator = new Generator().manualSeed(7);
      Tensor state = generator.getState();
      Tensor first = Torch.rand(generator, 100);
      generator.setState(state);
      assertThat(Torch.rand(generator, 100).equal(first)).isTrue();
    }
  }

  @Test
  void should_leave_the_default_generator_alone() {
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(1);
      Tensor expected = Torch.rand(5);
      Torch.manualSeed(1);
      Torch.rand(new Generator(), 5);
      assertThat(Torch.rand(5).equal(expected)).isTrue();
    }
  }

  @Test
  void should_share_the_default_generator() {
    try (var scope = TensorScope.open()) {
      Torch.manualSeed(3);
      Tensor expected = Torch.rand(5);
      Generator.defaultFor(Device.CPU).manualSeed(3);
      assertThat(Torch.rand(5).equal(expected)).isTrue();
    }
  }

  @Test
  void should_draw_seeds_that_differ() {
    Generator generator = new Generator();
    assertThat(generator.seed()).isNotEqualTo(generator.seed());
  }
}
