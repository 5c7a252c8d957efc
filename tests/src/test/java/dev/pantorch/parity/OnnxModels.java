package dev.pantorch.parity;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.AdaptiveAvgPool2d;
import dev.pantorch.nn.BatchNorm2d;
import dev.pantorch.nn.Conv2d;
import dev.pantorch.nn.ConvTranspose2d;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Flatten;
import dev.pantorch.nn.GELU;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GroupNorm;
import dev.pantorch.nn.Hardswish;
import dev.pantorch.nn.InstanceNorm2d;
import dev.pantorch.nn.InterpolationMode;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LayerNorm;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.LogSoftmax;
import dev.pantorch.nn.MaxPool2d;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.MultiheadAttention;
import dev.pantorch.nn.PReLU;
import dev.pantorch.nn.PixelShuffle;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.ReLU;
import dev.pantorch.nn.ReflectionPad2d;
import dev.pantorch.nn.Sequential;
import dev.pantorch.nn.SiLU;
import dev.pantorch.nn.Sigmoid;
import dev.pantorch.nn.TransformerDecoderLayer;
import dev.pantorch.nn.TransformerEncoder;
import dev.pantorch.nn.TransformerEncoderLayer;
import dev.pantorch.nn.Upsample;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.nn.utils.rnn.Rnn;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/// The models of `tests/python/onnx_models.py`, with the inputs that they are exported with.
///
/// @param make the model, its weights drawn
/// @param draw the inputs
/// @param axes the dynamic axes of each input
record OnnxModels(
    Supplier<Module> make, Supplier<List<Tensor>> draw, List<Map<Integer, String>> axes) {
  private static final Map<Integer, String> BATCH = Map.of(0, "batch");
  private static final Map<Integer, String> TIME = Map.of(0, "batch", 1, "time");

  static OnnxModels named(String name) {
    return switch (name) {
      case "lstm" ->
          new OnnxModels(
              () ->
                  last(
                      new LSTM(5, 8, o -> o.numLayers(2).batchFirst(true)),
                      (m, x) -> m.forward(x).output(),
                      8),
              () -> List.of(Torch.randn(3, 7, 5)),
              List.of(TIME));
      case "bidirectional" ->
          new OnnxModels(
              () ->
                  last(
                      new LSTM(5, 8, o -> o.numLayers(2).batchFirst(true).bidirectional(true)),
                      (m, x) -> m.forward(x).output(),
                      16),
              () -> List.of(Torch.randn(3, 7, 5)),
              List.of(TIME));
      case "gru" ->
          new OnnxModels(
              () ->
                  last(new GRU(5, 8, o -> o.batchFirst(true)), (m, x) -> m.forward(x).output(), 8),
              () -> List.of(Torch.randn(3, 7, 5)),
              List.of(TIME));
      case "rnn" ->
          new OnnxModels(
              () ->
                  last(new RNN(5, 8, o -> o.batchFirst(true)), (m, x) -> m.forward(x).output(), 8),
              () -> List.of(Torch.randn(3, 7, 5)),
              List.of(TIME));
      case "tagger" ->
          new OnnxModels(
              Tagger::new,
              () -> List.of(Torch.randint(20, new long[] {3, 7}), Torch.tensor(7L, 5L, 2L)),
              List.of(TIME, BATCH));
      case "attention" ->
          new OnnxModels(Attention::new, () -> List.of(Torch.randn(3, 7, 8)), List.of(TIME));
      case "encoder" ->
          new OnnxModels(
              () ->
                  new TransformerEncoder(
                      new TransformerEncoderLayer(8, 2, o -> o.dimFeedforward(16).batchFirst(true)),
                      2),
              () -> List.of(Torch.randn(3, 7, 8)),
              List.of(TIME));
      case "decoder" ->
          new OnnxModels(
              Decoder::new,
              () -> List.of(Torch.randn(3, 5, 8), Torch.randn(3, 7, 8)),
              List.of(TIME, Map.of(0, "batch", 1, "memory")));
      case "image_classifier" ->
          new OnnxModels(
              OnnxModels::imageClassifier,
              () -> List.of(Torch.randn(2, 1, 12, 12)),
              List.of(BATCH));
      case "perceptron" ->
          new OnnxModels(OnnxModels::perceptron, () -> List.of(Torch.randn(4, 5)), List.of(BATCH));
      case "upscaler" ->
          new OnnxModels(
              OnnxModels::upscaler, () -> List.of(Torch.randn(2, 2, 5, 6)), List.of(BATCH));
      default -> throw new IllegalArgumentException("no model is called " + name);
    };
  }

  @SuppressWarnings("UnusedMethod") // the trace finds forward
  private static <M extends Module> Module last(
      M recurrent, BiFunction<M, Tensor, Tensor> output, long width) {
    return new Module() {
      final M layer = register("layer", recurrent);
      final Linear fc = register("fc", new Linear(width, 1));

      Tensor forward(Tensor x) {
        return fc.forward(output.apply(layer, x).select(1, -1));
      }
    };
  }

  @SuppressWarnings("UnusedMethod") // the trace finds forward
  private static final class Tagger extends Module {
    private final Embedding embedding = register("embedding", new Embedding(20, 6));
    private final LSTM lstm =
        register("lstm", new LSTM(6, 5, o -> o.batchFirst(true).bidirectional(true)));
    private final Linear fc = register("fc", new Linear(10, 4));

    Tensor forward(Tensor tokens, Tensor lengths) {
      PackedSequence packed =
          Rnn.packPaddedSequence(embedding.forward(tokens), lengths, true, true);
      return fc.forward(Rnn.padPackedSequence(lstm.forward(packed).output(), true).output());
    }
  }

  @SuppressWarnings("UnusedMethod") // the trace finds forward
  private static final class Attention extends Module {
    private final MultiheadAttention attention =
        register("attention", new MultiheadAttention(8, 2, o -> o.batchFirst(true)));

    List<Tensor> forward(Tensor x) {
      MultiheadAttention.Output output = attention.forward(x, x, x);
      return List.of(
          output.attnOutput(),
          java.util.Objects.requireNonNull(output.attnOutputWeights(), "weights are needed"));
    }
  }

  @SuppressWarnings("UnusedMethod") // the trace finds forward
  private static final class Decoder extends Module {
    private final TransformerDecoderLayer layer =
        register(
            "layer", new TransformerDecoderLayer(8, 2, o -> o.dimFeedforward(16).batchFirst(true)));

    Tensor forward(Tensor x, Tensor memory) {
      Tensor mask = Torch.ones(x.size(1), x.size(1)).to(DType.BOOL).triu(1);
      return layer.forward(x, memory, o -> o.tgtMask(mask));
    }
  }

  private static Module imageClassifier() {
    return new Sequential(
        new Conv2d(1, 4, 3, o -> o.padding(1)),
        new BatchNorm2d(4),
        new ReLU(),
        new MaxPool2d(2),
        new Conv2d(4, 6, 3),
        new GroupNorm(2, 6),
        new SiLU(),
        new AdaptiveAvgPool2d(1),
        new Flatten(),
        new Linear(6, 3));
  }

  private static Module perceptron() {
    return new Sequential(
        new Linear(5, 8),
        new LayerNorm(8),
        new GELU(),
        new Linear(8, 8),
        new Hardswish(),
        new Linear(8, 3),
        new LogSoftmax(1));
  }

  private static Module upscaler() {
    return new Sequential(
        new Conv2d(2, 8, 3, o -> o.padding(1)),
        new PReLU(),
        new PixelShuffle(2),
        new Upsample(o -> o.scaleFactor(2).mode(InterpolationMode.BILINEAR)),
        new ReflectionPad2d(1),
        new InstanceNorm2d(2, o -> o.affine(true)),
        new ConvTranspose2d(2, 1, 3, o -> o.stride(2)),
        new Sigmoid());
  }
}
