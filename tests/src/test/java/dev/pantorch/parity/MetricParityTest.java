package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.metrics.Accuracy;
import dev.pantorch.metrics.Average;
import dev.pantorch.metrics.AveragePrecision;
import dev.pantorch.metrics.ConfusionMatrix;
import dev.pantorch.metrics.EntityF1;
import dev.pantorch.metrics.F1Score;
import dev.pantorch.metrics.FBetaScore;
import dev.pantorch.metrics.Mean;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.metrics.MeanAbsolutePercentageError;
import dev.pantorch.metrics.MeanAbsoluteScaledError;
import dev.pantorch.metrics.MeanSquaredError;
import dev.pantorch.metrics.Metric;
import dev.pantorch.metrics.MetricCollection;
import dev.pantorch.metrics.Perplexity;
import dev.pantorch.metrics.Precision;
import dev.pantorch.metrics.R2Score;
import dev.pantorch.metrics.ROCAUC;
import dev.pantorch.metrics.Recall;
import dev.pantorch.metrics.RootMeanSquaredError;
import dev.pantorch.metrics.SymmetricMeanAbsolutePercentageError;
import dev.pantorch.metrics.TopKAccuracy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Metrics give the figures of scikit-learn and torchmetrics, whatever the batches.
class MetricParityTest {
  private final JsonNode fixture = Fixtures.json("metrics.json");

  private static void same(String name, double actual, JsonNode expected) {
    same(name, actual, Fixtures.number(expected));
  }

  private static void same(String name, double actual, double expected) {
    if (Double.isNaN(expected)) assertThat(actual).as(name).isNaN();
    else {
      assertThat(actual).as(name).isCloseTo(expected, within(1e-12 * Math.abs(expected) + 1e-300));
    }
  }

  private static void same(String name, double[] actual, JsonNode expected) {
    assertThat(actual).hasSize(expected.size());
    for (int i = 0; i < actual.length; i++) same(name + i, actual[i], expected.get(i));
  }

  private static Tensor doubles(JsonNode node) {
    return Torch.tensor(Fixtures.elements(node).stream().mapToDouble(Fixtures::number).toArray());
  }

  private static Tensor rows(JsonNode node) {
    return Torch.stack(Fixtures.elements(node).stream().map(MetricParityTest::doubles).toList());
  }

  /// In three batches, one of them empty.
  private static void feed(
      Metric metric, Tensor predictions, Tensor targets, @Nullable Tensor mask) {
    long n = targets.size(0);
    long[] ends = {0, n / 3, n / 3, n};
    for (int i = 0; i < 3; i++) {
      long length = ends[i + 1] - ends[i];
      metric.update(
          predictions.narrow(0, ends[i], length),
          targets.narrow(0, ends[i], length),
          mask == null ? null : mask.narrow(0, ends[i], length));
    }
  }

  @Test
  void should_score_classes() {
    try (var scope = TensorScope.open()) {
      for (JsonNode recorded : fixture.get("multiclass")) {
        long c = recorded.get("classes").asLong();
        Map<String, Metric> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", new Accuracy(c, o -> o.ignoreIndex(-100L)));
        metrics.put("top1", new TopKAccuracy(c, 1, -100L));
        metrics.put("top2", new TopKAccuracy(c, 2, -100L));
        metrics.put("auc", new ROCAUC(c, -100L));
        metrics.put("ap", new AveragePrecision(c, -100L));
        for (Average average : Average.values()) {
          String end = "." + average.name().toLowerCase(Locale.ROOT);
          metrics.put(
              "precision" + end, new Precision(c, o -> o.average(average).ignoreIndex(-100L)));
          metrics.put("recall" + end, new Recall(c, o -> o.average(average).ignoreIndex(-100L)));
          metrics.put("f1" + end, new F1Score(c, o -> o.average(average).ignoreIndex(-100L)));
          metrics.put("f2" + end, new FBetaScore(2, c, o -> o.average(average).ignoreIndex(-100L)));
        }
        var matrix = new ConfusionMatrix(c, o -> o.ignoreIndex(-100L));
        Tensor scores = rows(recorded.get("scores"));
        Tensor targets = Torch.tensor(Fixtures.longs(recorded.get("targets")));
        Tensor mask = doubles(bits(recorded.get("mask"))).to(DType.BOOL);
        for (Metric metric : metrics.values()) feed(metric, scores, targets, mask);
        feed(matrix, scores, targets, mask);
        JsonNode figures = recorded.get("figures");
        assertThat(metrics).hasSize(figures.size());
        metrics.forEach((name, metric) -> same(name, metric.compute(), figures.get(name)));
        same(
            "perClass",
            ((F1Score) requireNonNull(metrics.get("f1.macro"))).perClass(),
            recorded.at("/perClass/f1"));
        for (int t = 0; t < c; t++) {
          assertThat(matrix.counts()[t])
              .isEqualTo(Fixtures.longs(recorded.at("/matrices/None").get(t)));
          for (var how : ConfusionMatrix.Normalize.values()) {
            String name = how.name().toLowerCase(Locale.ROOT);
            same(name, matrix.normalized(how)[t], recorded.at("/matrices/" + name).get(t));
          }
        }
      }
    }
  }

  private static JsonNode bits(JsonNode mask) {
    var bits = Fixtures.JSON.createArrayNode();
    for (JsonNode bit : mask) bits.add(bit.asBoolean() ? 1 : 0);
    return bits;
  }

  @Test
  void should_score_yes_and_no() {
    try (var scope = TensorScope.open()) {
      for (JsonNode recorded : fixture.get("binary")) {
        Map<String, Metric> metrics =
            Map.of(
                "accuracy", new Accuracy(o -> o.logits(true).threshold(0.3)),
                "precision", new Precision(o -> o.logits(true).threshold(0.3)),
                "recall", new Recall(o -> o.logits(true).threshold(0.3)),
                "f1", new F1Score(o -> o.logits(true).threshold(0.3)),
                "auc", new ROCAUC(),
                "ap", new AveragePrecision());
        Tensor scores = doubles(recorded.get("scores"));
        Tensor targets = Torch.tensor(Fixtures.longs(recorded.get("targets")));
        metrics.forEach((name, metric) -> {
          feed(metric, scores, targets, null);
          same(name, metric.compute(), recorded.get("figures").get(name));
        });
      }
    }
  }

  @Test
  void should_measure_errors() {
    try (var scope = TensorScope.open()) {
      for (JsonNode recorded : fixture.get("regression")) {
        Map<String, Metric> metrics =
            Map.of(
                "mae", new MeanAbsoluteError(),
                "mse", new MeanSquaredError(),
                "rmse", new RootMeanSquaredError(),
                "mape", new MeanAbsolutePercentageError(),
                "smape", new SymmetricMeanAbsolutePercentageError(),
                "r2", new R2Score());
        metrics.forEach((name, metric) -> {
          feed(
              metric, doubles(recorded.get("predictions")), doubles(recorded.get("targets")), null);
          same(name, metric.compute(), recorded.get("figures").get(name));
        });
      }
    }
  }

  @Test
  void should_give_the_perplexity_of_logits_and_of_losses() {
    try (var scope = TensorScope.open()) {
      JsonNode recorded = fixture.get("perplexity").get(0);
      Tensor logits =
          Torch.stack(
              Fixtures.elements(recorded.get("logits")).stream()
                  .map(MetricParityTest::rows)
                  .toList());
      Tensor targets =
          Torch.stack(
              Fixtures.elements(recorded.get("targets")).stream()
                  .map(row -> Torch.tensor(Fixtures.longs(row)))
                  .toList());
      var metric = new Perplexity(-100L);
      feed(metric, logits, targets, null);
      same("perplexity", metric.compute(), recorded.get("figure"));
      var masked = new Perplexity();
      feed(masked, logits, targets, targets.ne(-100));
      same("masked", masked.compute(), recorded.get("figure"));
      var losses = new Perplexity();
      losses.updateLoss(Math.log(2), 3);
      losses.updateLoss(Math.log(8), 1);
      same("of losses", losses.compute(), Math.pow(2, 1.5)); // (3 * 1 + 1 * 3) / 4 bits
    }
  }

  /// Counted by hand: conlleval's chunks are runs of one type, split at B and S, and after E.
  @Test
  void should_count_entities_as_conlleval_does() {
    var metric = new EntityF1(List.of("O", "B-PER", "I-PER", "B-LOC", "I-LOC"));
    // True: PER(0-1), LOC(3). Predicted: PER(0-1), LOC(3-4).
    metric.update(
        List.of("B-PER", "I-PER", "O", "B-LOC", "I-LOC"),
        List.of("B-PER", "I-PER", "O", "B-LOC", "O"));
    assertThat(metric.overall()).isEqualTo(new EntityF1.Scores(0.5, 0.5, 0.5, 2));
    assertThat(metric.perType().get("PER")).isEqualTo(new EntityF1.Scores(1, 1, 1, 1));
    assertThat(metric.perType().get("LOC")).isEqualTo(new EntityF1.Scores(0, 0, 0, 1));
    metric.reset();
    // IOB1 against IOB2 against IOBES: the same two neighbours, PER(0-1) and PER(2).
    metric.update(List.of("I-PER", "I-PER", "B-PER"), List.of("B-PER", "I-PER", "B-PER"));
    metric.update(List.of("B-PER", "E-PER", "S-PER"), List.of("B-PER", "I-PER", "B-PER"));
    assertThat(metric.overall()).isEqualTo(new EntityF1.Scores(1, 1, 1, 4));
    metric.reset();
    // A type that changes within I begins an entity: PER(0), LOC(1) against PER(0).
    metric.update(List.of("B-PER", "I-LOC"), List.of("B-PER", "O"));
    assertThat(metric.overall()).isEqualTo(new EntityF1.Scores(0.5, 1, 2.0 / 3, 1));
    metric.reset();
    try (var scope = TensorScope.open()) {
      metric.update(
          Torch.tensor(new long[] {1, 2, 0, 1}).reshape(2, 2),
          Torch.tensor(new long[] {1, 2, 3, 1}).reshape(2, 2),
          Torch.tensor(new boolean[] {true, true, false, true}).reshape(2, 2));
    }
    assertThat(metric.overall()).isEqualTo(new EntityF1.Scores(1, 1, 1, 2));
  }

  @Test
  void should_know_nothing_of_nothing() {
    assertThat(new Accuracy(3).compute()).isNaN();
    assertThat(new F1Score().compute()).isNaN();
    assertThat(new ROCAUC().compute()).isNaN();
    assertThat(new MeanAbsoluteError().compute()).isNaN();
    assertThat(new R2Score().compute()).isNaN();
    assertThat(new Perplexity().compute()).isNaN();
    assertThat(new EntityF1(List.of()).compute()).isNaN();
    var mean = new Mean();
    assertThat(mean.compute()).isNaN();
    mean.update(1, 3);
    mean.update(5);
    assertThat(mean.compute()).isEqualTo(2);
  }

  @Test
  void should_refuse_labels_that_are_none_and_count_none_of_the_batch() {
    try (var scope = TensorScope.open()) {
      var accuracy = new Accuracy(2);
      assertThatThrownBy(() ->
              accuracy.update(Torch.tensor(new long[] {0, 1}), Torch.tensor(new long[] {0, 2})))
          .isInstanceOf(ValueException.class)
          .hasMessage("Target 2 is out of bounds: there are 2 classes");
      assertThat(accuracy.compute()).isNaN();
    }
  }

  @Test
  void should_scale_errors_by_the_naive_forecasts() {
    try (var scope = TensorScope.open()) {
      for (JsonNode recorded : fixture.get("scaled")) {
        int seasonality = recorded.get("seasonality").asInt();
        Tensor targets = doubles(recorded.get("targets"));
        var mase = new MeanAbsoluteScaledError(doubles(recorded.get("training")), seasonality);
        for (int pass = 0; pass < 2; pass++) {
          feed(mase, doubles(recorded.get("predictions")), targets, null);
          same("mase", mase.compute(), recorded.get("figure"));
          mase.reset();
          assertThat(mase.compute()).isNaN();
        }
      }
    }
  }

  @Test
  void should_refuse_a_training_series_that_gives_no_unit() {
    try (var scope = TensorScope.open()) {
      Tensor series = Torch.tensor(new double[] {1, 2, 1, 2});
      assertThatThrownBy(() -> new MeanAbsoluteScaledError(series, 0))
          .isInstanceOf(ValueException.class)
          .hasMessage("seasonality should be positive, but it is 0");
      assertThatThrownBy(() -> new MeanAbsoluteScaledError(series, 4))
          .isInstanceOf(ShapeException.class)
          .hasMessage("Expected a training series of more than 4 steps, but got the shape [4]");
      assertThatThrownBy(() -> new MeanAbsoluteScaledError(series, 2))
          .isInstanceOf(ValueException.class)
          .hasMessage(
              "the seasonal naive forecast's mean error on the training series is the unit of MASE,"
                  + " but it is 0.0");
    }
  }

  @Test
  void should_keep_several() {
    try (var scope = TensorScope.open()) {
      var metrics = new MetricCollection(Map.of("accuracy", new Accuracy(2)));
      metrics.update(Torch.tensor(new long[] {0, 1}), Torch.tensor(new long[] {0, 0}));
      assertThat(metrics.compute()).isEqualTo(Map.of("accuracy", 0.5));
      metrics.reset();
      assertThat(metrics.compute().get("accuracy")).isNaN();
    }
  }
}
