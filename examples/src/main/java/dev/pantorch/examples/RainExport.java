package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Functional;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The model of {@link Rain}.
///
/// @param data the weather
/// @param out where training tells how it goes
record RainExport(WeatherData data, PrintWriter out) implements Exportable<LSTMModel> {
  private static final int BATCH_SIZE = 32;

  @Override
  public String name() {
    return "rain";
  }

  @Override
  public void train(Path checkpoint) throws IOException {
    new Rain(out).train(newModel(), data, checkpoint);
  }

  @Override
  public LSTMModel newModel() {
    return Rain.newModel();
  }

  @Override
  public List<Tensor> answer(LSTMModel model, List<Tensor> inputs) {
    return List.of(model.forward(inputs.getFirst()));
  }

  @Override
  public List<Tensor> inputs(int batch, int steps) {
    Tensor x = data.test().x();
    // More days than a sequence has: the same weather once more.
    Tensor longer = x.repeat(1, (steps - 1) / x.size(1) + 1, 1);
    return List.of(longer.narrow(0, 0, batch).narrow(1, 0, steps).contiguous());
  }

  @Override
  public List<Tensor> inputs(Tensor x) {
    return List.of(x);
  }

  @Override
  public List<Map.Entry<String, Map<Integer, String>>> axes() {
    return List.of(Map.entry("x", Map.of(0, "batch", 1, "days")));
  }

  @Override
  public List<String> outputNames() {
    return List.of("logits");
  }

  @Override
  public List<List<Tensor>> batches(int count) {
    Tensor x = data.train().x();
    Tensor y = data.train().y();
    List<List<Tensor>> batches = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Tensor rows = Torch.arange((long) i * BATCH_SIZE, (long) (i + 1) * BATCH_SIZE);
      Tensor wrapped = rows.remainder(x.size(0));
      batches.add(List.of(x.indexSelect(0, wrapped), y.indexSelect(0, wrapped)));
    }
    return batches;
  }

  @Override
  public Tensor loss(LSTMModel model, List<Tensor> batch) {
    Tensor logits = model.forward(batch.getFirst()).squeeze(1);
    return Functional.binaryCrossEntropyWithLogits(logits, batch.getLast());
  }

  @Override
  public double learningRate() {
    return 1e-3;
  }

  @Override
  public double f1(LSTMModel model) {
    WeatherData.Part validation = data.validation();
    double threshold =
        Rain.threshold(Rain.answer(model, validation).sigmoid(), validation.rainTomorrow());
    return Rain.scores(model, data.test(), threshold).f1();
  }
}
