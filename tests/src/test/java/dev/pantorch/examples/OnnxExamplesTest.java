package dev.pantorch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Module;
import dev.pantorch.onnx.Onnx;
import dev.pantorch.onnx.OnnxOptions;
import dev.pantorch.onnx.OnnxReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The models of the examples, with weights as they are drawn, in ONNX Runtime: other batches and
/// lengths than those that they were exported with.
class OnnxExamplesTest {
  private static final Map<Integer, String> SEQUENCES = Map.of(0, "batch", 1, "time");

  @TempDir private Path folder;

  @BeforeEach
  void seed() {
    Torch.manualSeed(1);
  }

  /// Exports, verified to 1e-5.
  private void export(Module model, List<?> inputs, int runs, Consumer<OnnxOptions> settings)
      throws IOException {
    OnnxReport report = Onnx.export(model, inputs, folder.resolve("model.onnx"), settings);
    assertThat(report.runs()).hasSize(runs);
    assertThat(report.maxDifference()).isLessThanOrEqualTo(1e-5);
  }

  @Test
  void should_export_the_rain_model() throws IOException {
    export(
        new LSTMModel(7, 64, 2, 1),
        List.of(Torch.randn(4, 14, 7)),
        3,
        o -> o.inputNames("x").dynamicAxes("x", SEQUENCES).verify());
  }

  @Test
  void should_export_the_transformer() throws IOException {
    export(
        new RainTransformer(7, 32, 4, 2),
        List.of(Torch.randn(4, 14, 7)),
        3,
        o -> o.inputNames("x").dynamicAxes("x", SEQUENCES).verify());
  }

  @Test
  void should_export_the_spam_model_with_lengths() throws IOException {
    export(
        new SpamModel(50, 32, 64, 0.5),
        List.of(Torch.randint(50, new long[] {3, 6}), Torch.tensor(4L, 6L, 1L)),
        3,
        o ->
            o.inputNames("words", "lengths")
                .dynamicAxes("words", SEQUENCES)
                .dynamicAxes("lengths", Map.of(0, "batch"))
                .verify(v ->
                    v.inputs(Torch.randint(50, new long[] {1, 9}), Torch.tensor(new long[] {9}))
                        .inputs(
                            Torch.randint(50, new long[] {5, 11}),
                            // Shorter than the padded batch is long.
                            Torch.tensor(2L, 10L, 3L, 3L, 8L))));
  }

  @Test
  void should_export_the_tagger_with_packed_lengths() throws IOException {
    List<String> words = List.of("the", "old", "man", "the", "boats", "old", "man", "boats");
    Tagger model = new Tagger(new WordFeatures(words), 12, 40, false);
    export(
        model,
        List.of(sentences(5L, 3L, 1L)),
        3,
        o ->
            o.method("tag")
                .inputNames("batch")
                .outputNames("universal", "tags")
                .dynamicAxes("batch_features", SEQUENCES)
                .dynamicAxes("batch_lengths", Map.of(0, "batch"))
                .dynamicAxes("batch_tags", SEQUENCES)
                .verify(v -> v.inputs(sentences(9L)).inputs(sentences(8L, 8L, 7L, 2L, 2L))));
  }

  private static Tagger.Batch sentences(long... lengths) {
    long[] shape = {lengths.length, lengths[0], WordFeatures.COUNT};
    return new Tagger.Batch(
        Torch.randint(3, shape), Torch.tensor(lengths), Torch.zeros(lengths.length, lengths[0], 2));
  }

  @ParameterizedTest
  @EnumSource
  void should_export_the_carbon_dioxide_models(Co2Model.Target target) throws IOException {
    // The season is taken from whole years; elsewhere a history of any length will do.
    boolean isYearly = target == Co2Model.Target.SEASON;
    export(
        new Co2Model(target),
        List.of(Torch.randn(4, 36, 1)),
        3,
        o ->
            o.inputNames("x")
                .dynamicAxes("x", isYearly ? Map.of(0, "batch") : SEQUENCES)
                .verify(v -> {
                  v.sizes(Map.of("batch", 1L));
                  v.sizes(isYearly ? Map.of("batch", 9L) : Map.of("batch", 9L, "time", 47L));
                }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void should_export_the_attention_models(boolean withAttention) throws IOException {
    export(
        new AttentionModel(withAttention),
        List.of(Torch.randn(4, AttentionModel.HISTORY, 1)),
        3,
        o -> o.inputNames("x").dynamicAxes("x", Map.of(0, "batch")).verify());
  }

  @Test
  void should_export_the_weather_model_with_what_it_remembers() throws IOException {
    LSTM.State state = new LSTM.State(Torch.randn(1, 1, 24), Torch.randn(1, 1, 24));
    export(
        new WeatherModel(6, 3),
        List.of(Torch.randn(10, 1, 6), state),
        3,
        o ->
            o.inputNames("days", "state")
                .outputNames("forecasts", "h", "c")
                .dynamicAxes("days", Map.of(0, "days"))
                .verify());
  }

  @Test
  void should_export_the_character_model_with_what_it_remembers() throws IOException {
    LSTM.State state = new LSTM.State(Torch.randn(1, 3, 256), Torch.randn(1, 3, 256));
    Tensor characters = Torch.randint(40, new long[] {3, 8});
    export(
        new CharModel(40),
        List.of(characters, state),
        3,
        o ->
            o.inputNames("characters", "state")
                .outputNames("logits", "h", "c")
                .dynamicAxes("characters", SEQUENCES)
                .dynamicAxes("state_h", Map.of(1, "batch"))
                .dynamicAxes("state_c", Map.of(1, "batch"))
                .verify());
  }
}
