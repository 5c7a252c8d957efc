package dev.pantorch.parity;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import dev.pantorch.Autograd;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.nn.utils.rnn.PaddingSide;
import dev.pantorch.nn.utils.rnn.Rnn;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Recurrent layers and cells, padded and packed, draw Python's weights and give its values, states
/// and gradients.
class RecurrentParityTest extends RecordedModules {
  /// Features, and hidden ones.
  private static final List<JsonNode> SIZES = List.of(IntNode.valueOf(5), IntNode.valueOf(4));

  RecurrentParityTest() {
    super("recurrent");
  }

  @TestFactory
  Stream<DynamicTest> should_compute_as_python_does() {
    return Fixtures.elements(fixture.get("modules")).stream()
        .map(c ->
            dynamicTest(
                "%s: %s %s %s %d states"
                    .formatted(
                        c.get("prefix").asText(),
                        c.get("module").asText(),
                        c.get("options"),
                        c.get("packing"),
                        c.get("states").asInt()),
                () -> check(c)));
  }

  private void check(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText();
      Module module = build(recorded, r -> LayerByName.build(r, SIZES));
      JsonNode packing = recorded.get("packing");
      if (packing.isNull()) {
        module.stateDict().forEach((k, v) -> same(v, prefix + ".initial." + k));
      }
      List<Tensor> given = new ArrayList<>();
      for (int i = 0; i <= recorded.get("states").asInt(); i++) {
        given.add(given(prefix + ".input." + i));
      }
      List<Tensor> outputs =
          packing.isNull()
              ? padded(module, given)
              : packed(module, pack(given.getFirst(), packing), given);
      sameOutputs(recorded, outputs);
      backward(prefix, module, outputs, given);
    }
  }

  private static PackedSequence pack(Tensor input, JsonNode packing) {
    return Rnn.packPaddedSequence(
        input,
        Fixtures.longs(packing.get("lengths")),
        packing.get("batch_first").asBoolean(),
        packing.get("enforce_sorted").asBoolean());
  }

  private static @Nullable Tensor hx(List<Tensor> given) {
    return given.size() == 1 ? null : given.get(1);
  }

  private static LSTM.@Nullable State lstmState(List<Tensor> given) {
    return given.size() == 1 ? null : new LSTM.State(given.get(1), given.get(2));
  }

  private static List<Tensor> padded(Module module, List<Tensor> given) {
    Tensor input = given.getFirst();
    Tensor hx = hx(given);
    return switch (module) {
      case RNN rnn -> {
        RNN.Output output = rnn.forward(input, hx == null ? null : new RNN.State(hx));
        yield List.of(output.output(), output.state().h());
      }
      case GRU gru -> {
        GRU.Output output = gru.forward(input, hx == null ? null : new GRU.State(hx));
        yield List.of(output.output(), output.state().h());
      }
      case RNNCell cell -> List.of(cell.forward(input, hx));
      case GRUCell cell -> List.of(cell.forward(input, hx));
      case LSTMCell cell -> {
        LSTM.State state = cell.forward(input, lstmState(given));
        yield List.of(state.h(), state.c());
      }
      default -> throw new IllegalArgumentException(module.toString());
    };
  }

  private static List<Tensor> packed(Module module, PackedSequence input, List<Tensor> given) {
    Tensor hx = hx(given);
    return switch (module) {
      case RNN rnn -> {
        RNN.PackedOutput output = rnn.forward(input, hx == null ? null : new RNN.State(hx));
        yield List.of(output.output().data(), output.state().h());
      }
      case GRU gru -> {
        GRU.PackedOutput output = gru.forward(input, hx == null ? null : new GRU.State(hx));
        yield List.of(output.output().data(), output.state().h());
      }
      case LSTM lstm -> {
        LSTM.PackedOutput output = lstm.forward(input, lstmState(given));
        yield List.of(output.output().data(), output.state().h(), output.state().c());
      }
      default -> throw new IllegalArgumentException(module.toString());
    };
  }

  @TestFactory
  Stream<DynamicTest> should_pack_and_pad_as_python_does() {
    return Fixtures.elements(fixture.get("utilities").get("pack")).stream()
        .map(c -> dynamicTest(c.toString(), () -> packAndPad(c)));
  }

  private void packAndPad(JsonNode recorded) {
    try (TensorScope scope = TensorScope.open()) {
      String prefix = recorded.get("prefix").asText() + ".";
      boolean batchFirst = recorded.get("batchFirst").asBoolean();
      Tensor input = tensors.tensor("utilities.padded");
      if (!batchFirst) input = input.transpose(0, 1).contiguous();
      input.requiresGrad_(true);
      PackedSequence packed =
          Rnn.packPaddedSequence(
              input,
              Fixtures.longs(recorded.get("lengths")),
              batchFirst,
              recorded.get("enforceSorted").asBoolean());
      same(packed.data(), prefix + "data");
      same(packed.batchSizes(), prefix + "batch_sizes");
      sameOrNull(packed.sortedIndices(), prefix + "sorted_indices");
      sameOrNull(packed.unsortedIndices(), prefix + "unsorted_indices");
      for (JsonNode pad : recorded.get("pad")) {
        Rnn.Padded padded =
            Rnn.padPackedSequence(
                packed,
                pad.get("batchFirst").asBoolean(),
                pad.get("value").asDouble(),
                pad.get("total").isNull() ? null : pad.get("total").asLong());
        same(padded.output(), pad.get("prefix").asText() + ".output");
        same(padded.lengths(), pad.get("prefix").asText() + ".lengths");
      }
      List<Tensor> unpacked = Rnn.unpackSequence(packed);
      for (int i = 0; i < unpacked.size(); i++) same(unpacked.get(i), prefix + "unpacked." + i);
      Autograd.backward(
          List.of(packed.data()),
          List.of(tensors.tensor(prefix + "cotangent")),
          false,
          false,
          List.of());
      sameGradient(input, prefix + "gradient");
    }
  }

  @TestFactory
  Stream<DynamicTest> should_pad_sequences_as_python_does() {
    return Fixtures.elements(fixture.get("utilities").get("pad")).stream()
        .map(c ->
            dynamicTest(
                c.toString(),
                () -> {
                  try (TensorScope scope = TensorScope.open()) {
                    List<Tensor> sequences = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                      sequences.add(tensors.tensor("utilities.sequence." + i));
                    }
                    same(
                        Rnn.padSequence(
                            sequences,
                            c.get("batchFirst").asBoolean(),
                            c.get("value").asDouble(),
                            PaddingSide.valueOf(c.get("side").asText().toUpperCase(Locale.ROOT))),
                        c.get("tensor").asText());
                    same(Rnn.packSequence(sequences, false).data(), "utilities.packed.data");
                  }
                }));
  }
}
