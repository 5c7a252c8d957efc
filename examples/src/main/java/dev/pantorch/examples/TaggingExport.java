package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.examples.BrownData.Sentence;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The model of {@link Tagging}, the one without a CRF.
///
/// @param brown the corpus
/// @param out where training tells how it goes
record TaggingExport(BrownData brown, PrintWriter out) implements Exportable<Tagger> {
  // It brings most of what the three of the example do.
  private static final int EPOCHS = 1;
  private static final int BATCH_SIZE = 64;

  @Override
  public String name() {
    return "tagging";
  }

  @Override
  public void train(Path checkpoint) throws IOException {
    var tagging = new Tagging(out);
    tagging.epochs = EPOCHS;
    tagging.train(newModel(), brown, checkpoint);
  }

  @Override
  public Tagger newModel() {
    return Tagging.newTagger(brown, false);
  }

  @Override
  public List<Tensor> answer(Tagger model, List<Tensor> inputs) {
    return model.forward(inputs.getFirst(), inputs.getLast());
  }

  @Override
  public List<Tensor> inputs(int batch, int steps) {
    List<Sentence> test = brown.test();
    Tagger.Batch inputs =
        Tagger.Batch.of(
            IntStream.range(0, batch)
                .mapToObj(i -> test.get(i % test.size()).ofLength(Math.max(1, steps - i)))
                .toList());
    return List.of(inputs.features(), inputs.lengths());
  }

  @Override
  public List<Tensor> inputs(Tensor features) {
    return List.of(features, features.select(2, 0).ne(WordFeatures.PADDING).sum(1));
  }

  @Override
  public List<Map.Entry<String, Map<Integer, String>>> axes() {
    return List.of(
        Map.entry("features", Map.of(0, "batch", 1, "longest")),
        Map.entry("lengths", Map.of(0, "batch")));
  }

  @Override
  public List<String> outputNames() {
    return List.of("universal", "full");
  }

  @Override
  public List<List<Tensor>> batches(int count) {
    int size = brown.train().size();
    return IntStream.range(0, count)
        .mapToObj(i ->
            Tagger.Batch.of(
                IntStream.range(i * BATCH_SIZE, (i + 1) * BATCH_SIZE)
                    .mapToObj(row -> brown.train().get(row * 7 % size))
                    .sorted(Comparator.comparingInt(sentence -> -sentence.length()))
                    .toList()))
        .map(batch -> List.of(batch.features(), batch.lengths(), batch.tags()))
        .toList();
  }

  @Override
  public Tensor loss(Tagger model, List<Tensor> batch) {
    return model.loss(new Tagger.Batch(batch.get(0), batch.get(1), batch.get(2)));
  }

  @Override
  public double learningRate() {
    return 4e-3;
  }

  @Override
  public double f1(Tagger model) {
    long[][] counts = Tagging.evaluate(model, brown.test(), brown).confusion().counts();
    double sum = 0;
    for (int tag = 0; tag < counts.length; tag++) {
      long positives = 0; // predicted and actual ones together
      for (int other = 0; other < counts.length; other++) {
        positives += counts[tag][other] + counts[other][tag];
      }
      if (positives > 0) sum += 2.0 * counts[tag][tag] / positives;
    }
    return sum / counts.length;
  }
}
