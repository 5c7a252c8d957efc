package dev.pantorch.quantization;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.examples.LSTMModel;
import dev.pantorch.jit.Jit;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.EmbeddingBag;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.LinearCrossEntropyLoss;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.TransformerEncoderLayer;
import dev.pantorch.nn.utils.Parametrizations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizationTest {
  private static LSTMModel model() {
    return new LSTMModel(5, 64, 2, 1);
  }

  private static Tensor fcWeight(LSTMModel model) {
    return ((Linear) model.getSubmodule("fc")).weight();
  }

  @Test
  void should_quantize_a_copy() {
    LSTMModel model = model();
    Tensor x = Torch.randn(8, 10, 5);
    Tensor expected = model.forward(x);
    LSTMModel quantized = Quantization.quantizeDynamic(model, () -> new LSTMModel(5, 64, 2, 1));
    Tensor y = quantized.forward(x);
    // Bytes carry 2 to 3 decimal places of weights below 1/8.
    assertThat(y).isCloseTo(expected, 0, 0.01);
    assertThat(y.equal(expected)).isFalse();
    assertThat(model.forward(x)).isBitEqualTo(expected);
    assertThat(quantized.parameters()).isEmpty();
    assertThat(quantized.isTraining()).isFalse();
    assertThat(model.isTraining()).isTrue();
    assertThat(fcWeight(quantized).dtype()).isEqualTo(DType.QINT8);
    assertThat(quantized.stateDict().keySet()).isEqualTo(model.stateDict().keySet());
  }

  @Test
  void should_quantize_by_type_and_by_name() {
    LSTMModel model = model();
    Quantization.quantizeDynamic_(model, o -> o.types(LSTM.class).names("fc").dtype(DType.QINT8));
    assertThat(model.parameters()).isEmpty();
    LSTMModel part = Quantization.quantizeDynamic_(model(), o -> o.types(Linear.class));
    assertThat(part.namedParameters().keySet())
        .hasSize(8)
        .allMatch(name -> name.startsWith("lstm."));
    // All that is in a module of that class.
    assertThat(Quantization.quantizeDynamic_(model(), o -> o.types(LSTMModel.class)).parameters())
        .isEmpty();
    // Once more changes nothing.
    Tensor before = fcWeight(model);
    assertThat(fcWeight(Quantization.quantizeDynamic_(model))).isSameAs(before);
  }

  @Test
  void should_refuse_what_cannot_be_quantized() {
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(model(), o -> o.names("lstm", "head")))
        .isInstanceOf(ValueException.class)
        .hasMessage("the model has no modules [head]; it has [, lstm, fc]");
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(model(), o -> o.dtype(DType.INT8)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Don't know how to quantize with default settings for torch.int8; there are"
                + " [torch.qint8, torch.float16, torch.quint8, torch.quint4x2]");
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(new LSTM(3, 4, o -> o.bias(false))))
        .isInstanceOf(ValueException.class)
        .hasMessage("LSTM without biases cannot be quantized: mod.bias must be True");
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(new GRUCell(3, 4, o -> o.bias(false))))
        .isInstanceOf(ValueException.class)
        .hasMessage("GRUCell without biases cannot be quantized: mod.bias must be True");
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(new LSTM(3, 4, o -> o.projSize(2))))
        .isInstanceOf(ValueException.class)
        .hasMessage("LSTM with proj_size=2 cannot be quantized: the kernels know no projections");
    Linear infinite = new Linear(2, 2);
    try (var mode = Torch.noGrad()) {
      infinite.weight().fill_(Double.POSITIVE_INFINITY);
    }
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(infinite))
        .isInstanceOf(ValueException.class)
        .hasMessage("'weight' has NaN or infinite elements");
    Linear parametrized = new Linear(2, 2);
    Parametrizations.weightNorm(parametrized);
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(parametrized))
        .isInstanceOf(ValueException.class)
        .hasMessage("a parametrized Linear cannot be quantized: remove its parametrizations first");
    LSTMModel model = model();
    assertThatThrownBy(() -> Quantization.quantizeDynamic(model, () -> model))
        .isInstanceOf(ValueException.class)
        .hasMessageStartingWith("the architecture has to be another object than the model");
  }

  private static EmbeddingBag bag(Consumer<EmbeddingBag.Options> settings) {
    return new EmbeddingBag(4, 6, o -> settings.accept(o.mode(EmbeddingBag.Mode.SUM)));
  }

  private static void assertRefused(Module module, DType dtype, String message) {
    assertThatThrownBy(() -> Quantization.quantizeDynamic_(module, o -> o.dtype(dtype).names("")))
        .isInstanceOf(ValueException.class)
        .hasMessage(message);
  }

  @Test
  void should_refuse_embeddings_that_kernels_do_not_know() {
    assertRefused(
        new EmbeddingBag(4, 6),
        DType.QUINT8,
        "EmbeddingBag with mode='mean' cannot be quantized: the kernels know sums only");
    assertRefused(
        bag(o -> o.paddingIdx(1L)),
        DType.QUINT8,
        "EmbeddingBag with padding_idx=1 cannot be quantized: the kernels leave no row out");
    assertRefused(
        bag(o -> o.maxNorm(1.0)),
        DType.QUINT8,
        "EmbeddingBag with max_norm cannot be quantized: the kernels do not renormalize rows");
    assertRefused(
        new Embedding(4, 6, o -> o.maxNorm(1)),
        DType.QUINT8,
        "Embedding with max_norm cannot be quantized: the kernels do not renormalize rows");
    assertRefused(
        new Embedding(4, 5),
        DType.QUINT4X2,
        "rows of 5 elements cannot be quantized to torch.quint4x2, two elements a byte");
    assertRefused(
        new Embedding(4, 5),
        DType.QINT8,
        "'', a Embedding, cannot be quantized to torch.qint8, but to torch.quint8");
    assertRefused(
        new Linear(4, 5),
        DType.QUINT8,
        "'', a Linear, cannot be quantized to torch.quint8, but to torch.qint8");
    Embedding infinite = new Embedding(2, 2);
    try (var mode = Torch.noGrad()) {
      infinite.weight().fill_(Double.POSITIVE_INFINITY);
    }
    assertRefused(infinite, DType.QUINT8, "'weight' has NaN or infinite elements");
  }

  @Test
  void should_refuse_bags_beyond_their_indices() {
    for (DType dtype : List.of(DType.QUINT8, DType.QUINT4X2)) {
      EmbeddingBag bag = Quantization.quantizeDynamic_(bag(o -> {}), o -> o.dtype(dtype));
      EmbeddingBag last =
          Quantization.quantizeDynamic_(bag(o -> o.includeLastOffset(true)), o -> o.dtype(dtype));
      Tensor indices = Torch.tensor(new long[] {1, 2, 3});
      assertBad(
          () -> bag.forward(indices, offsets(0, 100)),
          "offsets must not decrease nor be greater than input's length, 3; offsets[1] is 100");
      assertBad(
          () -> bag.forward(indices, offsets(0, 2, 1)),
          "offsets must not decrease nor be greater than input's length, 3; offsets[2] is 1");
      assertBad(
          () -> bag.forward(indices, offsets(-5, 2)),
          "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from"
              + " position 0. However, got -5");
      assertBad(
          () -> bag.forward(indices, offsets(0), Torch.rand(2)),
          "expected as many per_sample_weights as there are indices, 3, got 2");
      assertBad(
          () -> last.forward(indices, offsets(0, 2)),
          "the last offset is the number of indices with include_last_offset, 3, got 2");
      assertBad(
          () -> last.forward(indices, offsets()),
          "include_last_offset: number of offset should be at least 1");
      assertThat(bag.forward(indices, offsets(0, 3))).hasShape(2, 6);
    }
  }

  private static Tensor offsets(long... offsets) {
    return Torch.tensor(offsets);
  }

  private static void assertBad(ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(TorchException.class).hasMessage(message);
  }

  @Test
  void should_take_indices_that_are_not_contiguous() {
    Embedding embedding =
        Quantization.quantizeDynamic_(new Embedding(4, 6), o -> o.dtype(DType.QUINT8));
    Tensor indices = Torch.tensor(new long[] {0, 3, 1, 2, 2, 0}, 3, 2).t();
    assertThat(embedding.forward(indices)).isBitEqualTo(embedding.forward(indices.contiguous()));
  }

  @Test
  void should_quantize_half_bytes_of_bags_unless_asked_for_more() {
    Embedding embedding =
        Quantization.quantizeDynamic_(new Embedding(4, 6), o -> o.dtype(DType.QUINT4X2));
    assertThat(embedding.weight().dtype()).isEqualTo(DType.FLOAT32);
    // Three bytes, and two halves of scale and offset.
    Quantization.quantizeDynamic_(embedding, o -> o.dtype(DType.QUINT4X2).names(""));
    assertThat(embedding.weight()).hasShape(4, 3 + 4).hasDType(DType.UINT8);
  }

  @Test
  void should_save_trace_and_check_quantized_embeddings(@TempDir Path folder) throws IOException {
    for (DType dtype : List.of(DType.QUINT8, DType.QUINT4X2)) {
      Sequential saved =
          Quantization.quantizeDynamic_(
              new Sequential(new Embedding(9, 6)), o -> o.dtype(dtype).types(Embedding.class));
      Sequential loaded =
          Quantization.quantizeDynamic_(
              new Sequential(new Embedding(9, 6)), o -> o.dtype(dtype).types(Embedding.class));
      Path file = folder.resolve(dtype.name() + ".pt");
      Torch.save(saved.stateDict(), file);
      loaded.loadStateDict(Torch.load(file).stateDict());
      Tensor indices = Torch.randint(0, 9, 4, 3);
      assertThat(loaded.forward(indices)).isBitEqualTo(saved.forward(indices));
      assertThat(loaded.forward(indices)).hasShape(4, 3, 6);
      Jit.trace(saved, Torch.randint(0, 9, 2, 3)).save(file);
      assertThat(Jit.load(file).forward(indices)).isBitEqualTo(saved.forward(indices));
      assertThatThrownBy(() -> saved.forward(Torch.tensor(new long[] {9})))
          .isInstanceOf(TorchException.class);
    }
  }

  private static Linear weights(int bits, Linear linear) {
    return Quantization.quantizeWeights_(linear, o -> o.bits(bits));
  }

  @Test
  void should_quantize_weights_alone(@TempDir Path folder) throws IOException {
    for (int bits : new int[] {8, 4}) {
      Linear saved = weights(bits, new Linear(64, 32));
      Linear loaded = weights(bits, new Linear(64, 32));
      Path file = folder.resolve(bits + ".pt");
      Torch.save(saved.stateDict(), file);
      loaded.loadStateDict(Torch.load(file).stateDict());
      Tensor x = Torch.randn(2, 3, 64);
      Tensor y = saved.forward(x);
      assertThat(y).hasShape(2, 3, 32);
      assertThat(loaded.forward(x)).isBitEqualTo(y);
      Jit.trace(saved, Torch.randn(1, 2, 64)).save(file);
      assertThat(Jit.load(file).forward(x)).isBitEqualTo(y);
      assertThat(saved.parameters()).isEmpty();
    }
    assertThat(weights(8, new Linear(64, 32)))
        .hasToString(
            "WeightOnlyQuantizedLinear(in_features=64, out_features=32, bias=True, bits=8)");
    assertThat(weights(4, new Linear(64, 32, o -> o.bias(false))))
        .hasToString(
            "WeightOnlyQuantizedLinear(in_features=64, out_features=32, bias=False, bits=4,"
                + " group_size=32)");
    Sequential fused = new Sequential(new Linear(64, 32), new ReLU());
    fused.eval();
    Tensor x = Torch.randn(3, 64);
    Tensor expected = fused.forward(x);
    Quantization.quantizeWeights_(Quantization.fuseModules_(fused, "0", "1"), o -> o.names("0"));
    // Weights below 1/8 in steps of 1/1000, 64 of them.
    assertThat(fused.forward(x)).isCloseTo(expected, 0, 0.02);
    assertThat(fused.forward(x).min().item()).isZero();
  }

  @Test
  void should_refuse_weights_that_do_not_fit() {
    assertBad(() -> weights(2, new Linear(64, 32)), "a weight has 8 or 4 bits, got 2");
    assertBad(
        () -> Quantization.quantizeWeights_(new Linear(64, 32), o -> o.groupSize(16)),
        "expect group_size to be 32, 64, 128 or 256, got 16");
    assertBad(
        () -> weights(4, new Linear(48, 32)),
        "a weight of 4 bits has a multiple of 16 rows and of group_size=32 columns, got"
            + " torch.Size([32, 48])");
    assertBad(
        () -> Quantization.quantizeWeights_(new Linear(64, 32), o -> o.names("fc")),
        "the model has no modules [fc]; it has []");
    Linear infinite = new Linear(2, 2);
    try (var mode = Torch.noGrad()) {
      infinite.weight().fill_(Double.NaN);
    }
    assertBad(() -> weights(8, infinite), "'weight' has NaN or infinite elements");
    Linear quantized = weights(8, new Linear(64, 32));
    assertThatThrownBy(() -> quantized.forward(Torch.randn(2, 63)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("expect B.size(1) == 63");
    // Once more, or dynamically, changes nothing.
    Tensor before = quantized.weight();
    assertThat(weights(4, Quantization.quantizeDynamic_(quantized)).weight()).isSameAs(before);
  }

  @Test
  void should_save_and_load_without_a_difference(@TempDir Path folder) throws IOException {
    for (DType dtype : List.of(DType.QINT8, DType.FLOAT16)) {
      Path file = folder.resolve(dtype.name());
      LSTMModel saved = Quantization.quantizeDynamic_(model(), o -> o.dtype(dtype));
      Torch.save(saved.stateDict(), file);
      LSTMModel loaded = Quantization.quantizeDynamic_(model(), o -> o.dtype(dtype));
      loaded.loadStateDict(Torch.load(file).stateDict());
      Tensor x = Torch.randn(4, 6, 5);
      assertThat(loaded.forward(x)).isBitEqualTo(saved.forward(x));
      GRUCell cell = Quantization.quantizeDynamic_(new GRUCell(5, 4), o -> o.dtype(dtype));
      GRUCell other = Quantization.quantizeDynamic_(new GRUCell(5, 4), o -> o.dtype(dtype));
      other.loadStateDict(cell.stateDict());
      Tensor step = x.select(1, 0);
      assertThat(other.forward(step)).isBitEqualTo(cell.forward(step));
    }
  }

  @Test
  void should_not_load_floats_into_quantized_weights_or_the_reverse() {
    Linear plain = new Linear(2, 2);
    Linear quantized = Quantization.quantizeDynamic_(new Linear(2, 2));
    assertThatThrownBy(() -> quantized.loadStateDict(plain.stateDict()))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "Error(s) in loading state_dict for DynamicQuantizedLinear:\n\tdtype mismatch for"
                + " weight: the checkpoint has torch.float32, the current model torch.qint8."
                + " Quantize the model before loading what a quantized one was saved as, and only"
                + " then.");
    assertThatThrownBy(() -> plain.loadStateDict(quantized.stateDict()))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("the checkpoint has torch.qint8, the current model torch.float32");
  }

  @Test
  void should_keep_hooks_checks_and_single_sequences() {
    LSTM lstm = new LSTM(5, 4, o -> o.batchFirst(true));
    List<Object> seen = new ArrayList<>();
    lstm.registerForwardHook((module, input, output) -> {
      seen.add(output);
      return null;
    });
    Quantization.quantizeDynamic_(lstm);
    Tensor x = Torch.randn(1, 6, 5);
    Tensor batch = lstm.forward(x).output();
    Tensor single = lstm.forward(x.squeeze(0)).output();
    assertThat(single).isBitEqualTo(batch.squeeze(0));
    assertThat(seen).hasSize(2);
    assertThatThrownBy(() -> lstm.forward(x.to(DType.FLOAT64)))
        .isInstanceOf(TypeException.class)
        .hasMessageStartingWith(
            "RNN input dtype (torch.float64) does not match weight dtype (torch.float32)");
    Linear linear = Quantization.quantizeDynamic_(new Linear(5, 2));
    // As Python, which computes in float32 and returns the dtype of the input.
    assertThat(linear.forward(x.to(DType.FLOAT64)).dtype()).isEqualTo(DType.FLOAT64);
    assertThatThrownBy(() -> linear.forward(Torch.randn(3, 4))).isInstanceOf(TorchException.class);
  }

  @Test
  void should_leave_alone_what_is_read_from_outside_its_layer() {
    MultiheadAttention attention = Quantization.quantizeDynamic_(new MultiheadAttention(8, 2));
    assertThat(attention.parameters()).hasSize(4);
    LinearCrossEntropyLoss loss = Quantization.quantizeDynamic_(new LinearCrossEntropyLoss(3, 4));
    assertThat(loss.parameters()).hasSize(1);
    TransformerEncoderLayer layer =
        new TransformerEncoderLayer(8, 2, o -> o.dimFeedforward(16).dropout(0).batchFirst(true));
    layer.eval();
    Tensor x = Torch.randn(2, 3, 8);
    try (var mode = Torch.noGrad()) {
      Tensor expected = layer.forward(x);
      Tensor y = Quantization.quantizeDynamic_(layer).forward(x);
      // Outputs are normalised: the quantized ones differ in the second decimal place.
      assertThat(y).isCloseTo(expected, 0, 0.1);
      assertThat(y.equal(expected)).isFalse();
    }
  }

  @Test
  void should_choose_and_report_the_engine() {
    QuantizationEngine before = Quantization.engine();
    Tensor x = Torch.randn(3, 5);
    Linear linear = new Linear(5, 2);
    Tensor expected = linear.forward(x);
    Tensor indices = Torch.randint(0, 4, 2, 3);
    Map<DType, Tensor> bags = new EnumMap<>(DType.class);
    try {
      for (QuantizationEngine engine : Quantization.supportedEngines()) {
        Quantization.setEngine(engine);
        assertThat(Quantization.engine()).isEqualTo(engine);
        Linear quantized = Quantization.quantizeDynamic(linear, () -> new Linear(5, 2));
        // Inputs of up to 3 standard deviations in 7 bits, weights below 1/2 in 8.
        assertThat(quantized.forward(x)).isCloseTo(expected, 0, 0.1);
        // Rows of embeddings and weights alone are no engine's.
        for (DType dtype : List.of(DType.QUINT8, DType.QUINT4X2)) {
          Torch.manualSeed(1);
          EmbeddingBag rows = Quantization.quantizeDynamic_(bag(o -> {}), o -> o.dtype(dtype));
          Tensor sums = rows.forward(indices);
          if (engine == Quantization.supportedEngines().getFirst()) bags.put(dtype, sums);
          assertThat(sums).isBitEqualTo(requireNonNull(bags.get(dtype)));
        }
        assertThat(weights(8, new Linear(64, 32)).forward(Torch.randn(2, 64))).hasShape(2, 32);
      }
    } finally {
      Quantization.setEngine(before);
    }
    assertThatThrownBy(() -> Quantization.setEngine(QuantizationEngine.NONE))
        .isInstanceOf(ValueException.class)
        .hasMessageStartingWith("quantized engine NONE is not supported; this libtorch has [");
  }

  @Test
  void should_compare() throws IOException {
    LSTMModel model = model();
    model.eval();
    LSTMModel quantized = Quantization.quantizeDynamic(model, () -> new LSTMModel(5, 64, 2, 1));
    Tensor x = Torch.randn(32, 10, 5);
    Comparison report = Quantization.compare(model, quantized, LSTMModel::forward, x, 1, 32);
    // 4 * 64 * (5 + 3 * 64) weights and 64 more are a byte instead of 4; 1,025 biases stay.
    assertThat(report.size() - report.quantizedSize())
        .isBetween(3L * 50_496 - 3_000, 3L * 50_496 + 3_000);
    assertThat(report.sizeRatio()).isBetween(0.25, 0.35);
    try (var mode = Torch.noGrad()) {
      Tensor difference = model.forward(x).sub(quantized.forward(x)).abs();
      assertThat(report.maxError()).isEqualTo(difference.max().item());
      assertThat(report.meanError()).isEqualTo(difference.mean().item());
    }
    assertThat(report.layers())
        .extracting(Comparison.LayerError::path, Comparison.LayerError::layer)
        .containsExactly(
            tuple("lstm", "DynamicQuantizedLSTM"), tuple("fc", "DynamicQuantizedLinear"));
    // The last layer is the model's output.
    Comparison.LayerError last = report.layers().getLast();
    assertThat(last.maxError()).isEqualTo(report.maxError());
    assertThat(last.meanError()).isCloseTo(report.meanError(), within(1e-9));
    assertThat(report.metric()).isNull();
    Comparison task =
        Quantization.compare(
            model,
            quantized,
            LSTMModel::forward,
            x,
            o -> o.batchSizes(1).metric("parameters", each -> each.parameters().size()));
    assertThat(task.metric()).isEqualTo(new Comparison.Metric("parameters", 10, 0));
    assertThat(report.engine()).isEqualTo(Quantization.engine());
    assertThat(report.latencies()).extracting(Comparison.Latency::batchSize).containsExactly(1, 32);
    assertThat(report.latencies())
        .allMatch(each -> each.millis() > 0 && each.quantizedMillis() > 0);
    assertThat(
            new Comparison(
                QuantizationEngine.X86,
                2_000,
                500,
                List.of(new Comparison.Latency(32, 1.5, 0.75)),
                0.0125,
                0.0025,
                List.of(new Comparison.LayerError("fc", "DynamicQuantizedLinear", 40.25, 0.5, 0.1)),
                new Comparison.Metric("F1", 0.75, 0.74)))
        .hasToString(
            """
            engine X86              float    quantized    ratio
            bytes on disk            2000          500     0.25
            batch of 32          1.500 ms     0.750 ms     2.00
            F1                     0.7500       0.7400  -0.0100
            error: max 0.0125, mean 0.00250
            layer                    SQNR    max error     mean
            fc                    40.3 dB        0.500    0.100\
            """);
    assertThatThrownBy(() -> Quantization.compare(model, quantized, LSTMModel::forward, x, 33))
        .isInstanceOf(ValueException.class)
        .hasMessage("a batch of 33 cannot be taken from 32 inputs");
  }
}
