package dev.pantorch.parity;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.EmbeddingBag;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.nn.utils.rnn.Rnn;
import dev.pantorch.quantization.Quantization;
import dev.pantorch.quantization.QuantizationEngine;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What Python's `quantize_dynamic` makes of a model: weights, text and outputs.
class QuantizationParityTest {
  private static final TensorFile TENSORS = Fixtures.tensors("quantization.safetensors");
  private static final List<String> DTYPES = List.of("qint8", "float16");

  /// As in `quantization.py`.
  private static final class Model extends Module {
    final Linear linear = register("linear", new Linear(5, 3));
    final Linear plain = register("plain", new Linear(5, 3, o -> o.bias(false)));
    final LSTM lstm = register("lstm", new LSTM(5, 4, o -> o.numLayers(2).batchFirst(true)));
    final LSTM lstmBoth = register("lstm_both", new LSTM(5, 4, o -> o.bidirectional(true)));
    final GRU gru = register("gru", new GRU(5, 4, o -> o.numLayers(2).batchFirst(true)));
    final RNN rnn = register("rnn", new RNN(5, 4, o -> o.batchFirst(true)));
    final LSTMCell lstmCell = register("lstm_cell", new LSTMCell(5, 4));
    final GRUCell gruCell = register("gru_cell", new GRUCell(5, 4));
    final RNNCell tanhCell = register("tanh_cell", new RNNCell(5, 4));
    final RNNCell reluCell =
        register("relu_cell", new RNNCell(5, 4, o -> o.nonlinearity(RNN.Nonlinearity.RELU)));

    Model() {
      Map<String, Tensor> state = new TreeMap<>();
      stateDict().keySet().forEach(name -> state.put(name, TENSORS.tensor("state." + name)));
      loadStateDict(state);
    }

    Map<String, List<Tensor>> outputs() {
      Map<String, List<Tensor>> outputs = new TreeMap<>();
      Tensor x = given("x");
      Tensor step = given("step");
      Tensor h = given("h");
      Tensor c = given("c");
      Tensor h0 = h.select(0, 0);
      PackedSequence packed = Rnn.packPaddedSequence(x, new long[] {3, 6, 4}, true, false);
      LSTM.State lstmState = new LSTM.State(h, c);
      outputs.put("linear", List.of(linear.forward(x)));
      outputs.put("plain", List.of(plain.forward(x)));
      outputs.put("lstm", flat(lstm.forward(x)));
      outputs.put("lstm_state", flat(lstm.forward(x, lstmState)));
      LSTM.PackedOutput lstmPacked = lstm.forward(packed, lstmState);
      outputs.put(
          "lstm_packed", flat(new LSTM.Output(lstmPacked.output().data(), lstmPacked.state())));
      outputs.put("lstm_both", flat(lstmBoth.forward(x)));
      outputs.put("gru", flat(gru.forward(x)));
      outputs.put("gru_state", flat(gru.forward(x, new GRU.State(h))));
      GRU.PackedOutput gruPacked = gru.forward(packed, new GRU.State(h));
      outputs.put("gru_packed", List.of(gruPacked.output().data(), gruPacked.state().h()));
      RNN.Output read = rnn.forward(x);
      outputs.put("rnn", List.of(read.output(), read.state().h()));
      LSTM.State next = lstmCell.forward(step, new LSTM.State(h0, c.select(0, 0)));
      outputs.put("lstm_cell", List.of(next.h(), next.c()));
      outputs.put("gru_cell", List.of(gruCell.forward(step, h0)));
      outputs.put("tanh_cell", List.of(tanhCell.forward(step, h0)));
      outputs.put("relu_cell", List.of(reluCell.forward(step)));
      return outputs;
    }

    private static Tensor given(String name) {
      return TENSORS.tensor("given." + name);
    }

    private static List<Tensor> flat(LSTM.Output output) {
      return List.of(output.output(), output.state().h(), output.state().c());
    }

    private static List<Tensor> flat(GRU.Output output) {
      return List.of(output.output(), output.state().h());
    }
  }

  /// As in `quantization.py`.
  private static final class Rows extends Module {
    final Embedding embedding = register("embedding", new Embedding(7, 6));
    final EmbeddingBag bag =
        register("bag", new EmbeddingBag(7, 6, o -> o.mode(EmbeddingBag.Mode.SUM)));
    final EmbeddingBag last =
        register(
            "last",
            new EmbeddingBag(7, 6, o -> o.mode(EmbeddingBag.Mode.SUM).includeLastOffset(true)));

    Rows() {
      Map<String, Tensor> state = new TreeMap<>();
      stateDict().keySet().forEach(name -> state.put(name, TENSORS.tensor("state." + name)));
      loadStateDict(state);
    }

    Map<String, Tensor> outputs() {
      Tensor indices = TENSORS.tensor("given.indices");
      Tensor line = indices.reshape(-1);
      Tensor offsets = TENSORS.tensor("given.offsets");
      return Map.of(
          "embedding",
          embedding.forward(indices),
          "bag",
          bag.forward(indices),
          "bag_weighted",
          bag.forward(line, offsets, TENSORS.tensor("given.sample_weights")),
          "last",
          last.forward(line, TENSORS.tensor("given.ends")));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"QUINT8", "QUINT4X2"})
  void should_quantize_embeddings_as_python_does(DType dtype) {
    Rows model = Quantization.quantizeDynamic_(new Rows(), o -> o.dtype(dtype));
    String name = dtype.name().toLowerCase(Locale.ROOT);
    assertThat(model).hasToString(Fixtures.json("quantization.json").at("/repr/" + name).asText());
    Quantization.quantizeDynamic_(model, o -> o.dtype(dtype).types(Embedding.class));
    model
        .outputs()
        .forEach((key, output) ->
            assertThat(output)
                .as(key)
                .isBitEqualTo(TENSORS.tensor("%s.%s.0".formatted(name, key))));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 8", "FLOAT32, 4", "BFLOAT16, 8", "BFLOAT16, 4"})
  void should_quantize_weights_alone_as_the_tests_of_pytorch_do(DType dtype, int bits) {
    Linear linear = new Linear(64, 32);
    linear.loadStateDict(
        Map.of("weight", TENSORS.tensor("only.weight"), "bias", TENSORS.tensor("only.bias")));
    linear.to(dtype);
    Quantization.quantizeWeights_(linear, o -> o.bits(bits));
    String name = "only.%s.%d".formatted(dtype.name().toLowerCase(Locale.ROOT), bits);
    assertThat(linear.weight()).isBitEqualTo(TENSORS.tensor(name + ".weight"));
    Tensor x = TENSORS.tensor("only.x").to(dtype);
    assertThat(linear.forward(x)).isBitEqualTo(TENSORS.tensor(name));
    assertThat(linear.forward(x.select(0, 1))).isBitEqualTo(TENSORS.tensor(name).select(0, 1));
  }

  private static DType dtype(String name) {
    return name.equals("qint8") ? DType.QINT8 : DType.FLOAT16;
  }

  @BeforeEach
  void engine() {
    assumeThat(Quantization.supportedEngines()).contains(QuantizationEngine.X86);
    assertThat(Quantization.engine()).isEqualTo(QuantizationEngine.X86);
    assertThat(Fixtures.json("quantization.json").get("engine").asText()).isEqualTo("x86");
  }

  @ParameterizedTest
  @ValueSource(strings = {"qint8", "float16"})
  void should_compute_the_bits_that_python_computes(String dtype) {
    Model model = new Model();
    Map<String, List<Tensor>> before = model.outputs();
    Model quantized = Quantization.quantizeDynamic(model, Model::new, o -> o.dtype(dtype(dtype)));
    Map<String, List<Tensor>> outputs = quantized.outputs();
    outputs.forEach((name, tensors) -> {
      for (int i = 0; i < tensors.size(); i++) {
        assertThat(tensors.get(i))
            .as("%s.%s.%s", dtype, name, i)
            .isBitEqualTo(TENSORS.tensor("%s.%s.%d".formatted(dtype, name, i)));
      }
    });
    model
        .outputs()
        .forEach((name, tensors) ->
            assertThat(tensors.getFirst())
                .isBitEqualTo(requireNonNull(before.get(name)).getFirst()));
  }

  @Test
  void should_quantize_weights_as_python_does() {
    Map<String, Tensor> state = Quantization.quantizeDynamic_(new Model()).stateDict();
    int compared = 0;
    for (Map.Entry<String, Tensor> entry : state.entrySet()) {
      Tensor value = entry.getValue();
      if (value.isQuantized()) {
        assertThat(value.intRepr()).isBitEqualTo(TENSORS.tensor("weight." + entry.getKey()));
        assertThat(value.qScale()).isEqualTo(TENSORS.tensor("scale." + entry.getKey()).item());
        assertThat(value.qZeroPoint()).isZero();
        compared++;
      } else {
        assertThat(value).isBitEqualTo(TENSORS.tensor("state." + entry.getKey()));
      }
    }
    // Two of linear layers, four matrices of each of three recurrent layers, two of each cell.
    assertThat(compared).isEqualTo(2 + 3 * 4 + 4 * 2);
  }

  @Test
  void should_print_as_python_does() {
    var texts = Fixtures.json("quantization.json").get("repr");
    for (String dtype : DTYPES) {
      assertThat(Quantization.quantizeDynamic_(new Model(), o -> o.dtype(dtype(dtype))))
          .hasToString(texts.get(dtype).asText());
    }
    assertThat(Quantization.quantizeDynamic_(new Model(), o -> o.types(LSTM.class).names("linear")))
        .hasToString(texts.get("spec").asText());
  }
}
