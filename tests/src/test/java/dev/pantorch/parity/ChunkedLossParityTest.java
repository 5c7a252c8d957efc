package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.LinearCrossEntropyLoss;
import dev.pantorch.nn.LinearCrossEntropyOptions;
import dev.pantorch.nn.LinearCrossEntropyOptions.AccPolicy;
import dev.pantorch.nn.Reduction;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Cross entropy in pieces of the batch has Python's bits: the loss and all gradients.
class ChunkedLossParityTest {
  private final List<JsonNode> cases = Fixtures.elements(Fixtures.json("chunked_loss.json"));
  private final TensorFile tensors = Fixtures.tensors("chunked_loss.safetensors");

  @TestFactory
  Stream<DynamicTest> should_compute_as_python_does() {
    return IntStream.range(0, cases.size())
        .mapToObj(i -> dynamicTest(i + " " + cases.get(i), () -> check(i, cases.get(i))));
  }

  private void check(int index, JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      boolean extras = recorded.get("extras").asBoolean();
      Tensor input = get(index, "input").requiresGrad_();
      Tensor linearWeight = get(index, "linearWeight").requiresGrad_();
      Tensor linearBias = extras ? get(index, "linearBias").requiresGrad_() : null;
      Tensor loss =
          Functional.linearCrossEntropy(
              input,
              linearWeight,
              get(index, "target"),
              linearBias,
              extras ? get(index, "weight") : null,
              Reduction.valueOf(recorded.get("reduction").asText().toUpperCase(Locale.ROOT)),
              extras ? 1L : null,
              0,
              options(recorded.get("options")));
      same(loss, index, "loss");
      loss.backward(get(index, "cotangent"));
      same(input.grad(), index, "input.grad");
      same(linearWeight.grad(), index, "linearWeight.grad");
      if (linearBias != null) same(linearBias.grad(), index, "linearBias.grad");
    }
  }

  private Tensor get(int index, String name) {
    return tensors.tensor(index + "." + name);
  }

  private void same(@Nullable Tensor found, int index, String name) {
    Values.check(requireNonNull(found), get(index, name), name);
  }

  private static LinearCrossEntropyOptions options(JsonNode given) {
    return new LinearCrossEntropyOptions(o -> {
      if (given.has("acc_policy")) {
        o.accPolicy(AccPolicy.valueOf(given.get("acc_policy").asText().toUpperCase(Locale.ROOT)));
      }
      if (given.has("batch_chunk_size")) o.batchChunkSize(given.get("batch_chunk_size").asLong());
      if (given.has("chunking_method")) o.chunkingMethod(given.get("chunking_method").asText());
      if (given.has("acc_dtype")) o.accDtype(DType.FLOAT32);
      o.allowRetainGraph(given.has("allow_retain_graph"));
    });
  }

  @Test
  void should_go_back_once_unless_told_otherwise() {
    Tensor target = Torch.tensor(new long[] {0, 2, 1});
    Tensor x = Torch.ones(3, 4).requiresGrad_();
    LinearCrossEntropyLoss once =
        new LinearCrossEntropyLoss(4, 3, o -> o.options(new LinearCrossEntropyOptions()));
    Tensor loss = once.forward(x, target);
    loss.backward(null, true, false);
    assertThatThrownBy(() -> loss.backward(null, true, false))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "linear_cross_entropy chunked backward called twice; retain_graph=True / double"
                + " backward are not supported.");

    LinearCrossEntropyOptions many = new LinearCrossEntropyOptions(o -> o.allowRetainGraph(true));
    Tensor again = new LinearCrossEntropyLoss(4, 3, o -> o.options(many)).forward(x, target);
    requireNonNull(x.grad()).zero_();
    again.backward(null, true, false);
    Tensor first = requireNonNull(x.grad()).clone(null);
    again.backward();
    assertThat(requireNonNull(x.grad()).equal(first.mul(2))).isTrue();
  }

  @Test
  void should_compute_without_pieces_what_pieces_cannot_be_made_of() {
    LinearCrossEntropyOptions pieces = new LinearCrossEntropyOptions(o -> o.batchChunkSize(2L));
    Tensor x = Torch.ones(3, 4);
    Tensor target = Torch.tensor(new long[] {0, 2, 1});
    LinearCrossEntropyLoss with =
        new LinearCrossEntropyLoss(4, 3, o -> o.labelSmoothing(0.1).options(pieces));
    LinearCrossEntropyLoss without = new LinearCrossEntropyLoss(4, 3, o -> o.labelSmoothing(0.1));
    without.loadStateDict(with.stateDict());
    assertThat(with.forward(x, target).equal(without.forward(x, target))).isTrue();
  }

  @Test
  void should_refuse_options_in_pythons_words() {
    assertThatThrownBy(() -> new LinearCrossEntropyOptions(o -> o.chunkingMethod("aspect_ratio:0")))
        .isInstanceOf(ValueException.class)
        .hasMessage("invalid chunking_method: 'aspect_ratio:0'");
    assertThatThrownBy(() -> new LinearCrossEntropyOptions(o -> o.batchChunkSize(0L)))
        .hasMessage("batch_chunk_size must be positive int or None, got 0");
    assertThatThrownBy(() -> new LinearCrossEntropyOptions(o -> o.accDtype(DType.INT64)))
        .hasMessage(
            "acc_dtype must be one of {None, torch.float16, torch.bfloat16, torch.float32,"
                + " torch.float64}, got torch.int64. Pass acc_dtype=None to let the op pick"
                + " automatically.");
    LinearCrossEntropyOptions both =
        new LinearCrossEntropyOptions(o -> o.batchChunkSize(3L).chunkingMethod("aspect_ratio"));
    Tensor target = Torch.tensor(new long[] {0, 2, 1, 0});
    assertThatThrownBy(() ->
            new LinearCrossEntropyLoss(2, 4, o -> o.options(both))
                .forward(Torch.ones(4, 2), target))
        .hasMessage(
            "batch_chunk_size (=3) and chunking_method ('aspect_ratio') give different chunk sizes"
                + " (3 vs 2); pass only one.");
    LinearCrossEntropyOptions wide = new LinearCrossEntropyOptions(o -> o.accDtype(DType.FLOAT64));
    assertThatThrownBy(() ->
            new LinearCrossEntropyLoss(2, 4, o -> o.options(wide))
                .forward(Torch.ones(4, 2), target))
        .hasMessage(
            "linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got"
                + " torch.float64 acc_dtype and torch.float32 inputs.");
  }
}
