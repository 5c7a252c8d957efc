package dev.pantorch.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The same seed draws the very bits of Python, from the default generator and from one of one's
/// own.
class RandomParityTest {
  private final JsonNode fixture = Fixtures.json("random.json");
  private final TensorFile tensors = Fixtures.tensors("random.safetensors");
  private final long seed = fixture.get("seed").asLong();

  @TestFactory
  Stream<DynamicTest> should_draw_as_python_does_from_the_default_generator() {
    return compare("default", null);
  }

  @TestFactory
  Stream<DynamicTest> should_draw_as_python_does_from_a_generator() {
    return compare("generator", new Generator());
  }

  private Stream<DynamicTest> compare(String source, @Nullable Generator generator) {
    List<JsonNode> cases =
        Fixtures.elements(fixture.get("cases")).stream()
            .filter(c -> c.get("source").asText().equals(source))
            .toList();
    return IntStream.range(0, cases.size())
        .mapToObj(i ->
            dynamicTest(
                "%s%s %s"
                    .formatted(
                        cases.get(i).get("draw").asText(),
                        cases.get(i).get("args"),
                        cases.get(i).get("dtype").asText()),
                () -> draw(i, cases.size(), cases.get(i), generator)));
  }

  /// Draws everything up to the number asked for: each draw begins where the one before it stopped.
  private void draw(int index, int count, JsonNode recorded, @Nullable Generator generator) {
    try (TensorScope scope = TensorScope.open()) {
      if (generator == null) {
        Torch.manualSeed(seed);
      } else {
        generator.manualSeed(seed);
      }
      List<Tensor> drawn = draws(generator, index + 1);
      assertThat(draws(new Generator(), count)).as("draws on each side").hasSize(count);
      Tensor found = drawn.get(index);
      if (found.dtype().isComplex()) {
        found = Torch.viewAsReal(found);
      }
      TensorAssert.assertThat(found).isBitEqualTo(tensors.tensor(recorded.get("tensor").asText()));
    }
  }

  /// The first draws of what `tests/python/random_bits.py` draws, in its order.
  private static List<Tensor> draws(@Nullable Generator g, int count) {
    var draws = new ArrayList<Tensor>();
    List<Runnable> all =
        List.of(
            () -> draws.add(Torch.rand(new long[] {3, 5}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.rand(new long[] {17}, g, DType.FLOAT64)),
            () -> draws.add(Torch.randn(new long[] {15}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.randn(new long[] {16}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.randn(new long[] {37}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.randn(new long[] {3}, g, DType.FLOAT64)),
            () -> draws.add(Torch.randn(new long[] {33}, g, DType.FLOAT64)),
            () -> draws.add(Torch.randn(new long[] {20}, g, DType.COMPLEX64)),
            () -> draws.add(Torch.randn(new long[] {20}, g, DType.BFLOAT16)),
            () -> draws.add(Torch.randint(0, 10, new long[] {9}, g, TensorOptions.defaults())),
            () ->
                draws.add(Torch.randint(-5, 1L << 40, new long[] {9}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.randperm(10, g, DType.INT64)),
            () -> draws.add(Torch.randperm(1, g, DType.INT64)),
            () -> draws.add(Torch.empty(20).bernoulli_(0.3, g)),
            () -> draws.add(Torch.bernoulli(Torch.full(new long[] {20}, 0.7), g)),
            () -> draws.add(Torch.normal(2.0, 0.5, new long[] {18}, g, TensorOptions.defaults())),
            () -> draws.add(Torch.empty(9).uniform_(-1.0, 1.0, g)),
            () -> draws.add(Torch.empty(9).exponential_(1.5, g)),
            () -> draws.add(Torch.empty(9).geometric_(0.4, g)),
            () -> draws.add(Torch.empty(9).cauchy_(0.0, 1.0, g)),
            () -> draws.add(Torch.empty(9).logNormal_(0.0, 1.0, g)),
            () -> draws.add(Torch.empty(DType.INT64, 9).random_(g)),
            () -> draws.add(Torch.multinomial(weights(), 5, true, g)),
            () -> draws.add(Torch.multinomial(weights(), 2, false, g)),
            () -> draws.add(Torch.poisson(Torch.full(new long[] {9}, 3.0), g)),
            () -> draws.add(Torch.randn(new long[] {1}, g, TensorOptions.defaults())));
    all.subList(0, Math.min(count, all.size())).forEach(Runnable::run);
    return draws;
  }

  private static Tensor weights() {
    return Torch.tensor(new float[] {0.1f, 0.2f, 0.7f});
  }

  @TestFactory
  Stream<DynamicTest> should_take_any_seed() {
    return fixture.get("seeds").properties().stream()
        .map(field ->
            dynamicTest(
                field.getKey(),
                () -> {
                  try (TensorScope scope = TensorScope.open()) {
                    Generator generator = new Generator().manualSeed(field.getValue().asLong());
                    TensorAssert.assertThat(
                            Torch.rand(new long[] {4}, generator, TensorOptions.defaults()))
                        .isBitEqualTo(tensors.tensor(field.getKey()));
                  }
                }));
  }

  @Test
  void should_drop_the_elements_that_python_drops() {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(seed);
      TensorAssert.assertThat(Torch.dropout(Torch.ones(50), 0.3, true))
          .isBitEqualTo(tensors.tensor("dropout"));
    }
  }

  @Test
  void should_go_on_from_a_state_that_python_saved() {
    try (TensorScope scope = TensorScope.open()) {
      Generator generator = new Generator().setState(tensors.tensor("state.after7"));
      TensorAssert.assertThat(Torch.rand(new long[] {5}, generator, TensorOptions.defaults()))
          .isBitEqualTo(tensors.tensor("state.next"));
    }
  }

  @Test
  void should_save_the_state_that_python_saves() {
    try (TensorScope scope = TensorScope.open()) {
      Generator generator = new Generator().manualSeed(seed);
      Torch.randn(new long[] {7}, generator, TensorOptions.defaults());
      TensorAssert.assertThat(generator.getState()).isBitEqualTo(tensors.tensor("state.after7"));
    }
  }
}
