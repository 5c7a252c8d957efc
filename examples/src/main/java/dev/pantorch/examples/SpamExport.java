package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Functional;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// The model of {@link Spam}.
///
/// @param mails the corpus
/// @param out where training tells how it goes
record SpamExport(SpamData mails, PrintWriter out) implements Exportable<SpamModel> {
  // They come close to the ten of the example.
  private static final int EPOCHS = 3;
  private static final int BATCH_SIZE = 32;

  @Override
  public String name() {
    return "spam";
  }

  @Override
  public void train(Path checkpoint) throws IOException {
    new SpamTraining(mails, EPOCHS, out).run(checkpoint);
  }

  @Override
  public SpamModel newModel() {
    return SpamModel.of(mails);
  }

  @Override
  public List<Tensor> answer(SpamModel model, List<Tensor> inputs) {
    return List.of(model.forward(inputs.getFirst(), inputs.getLast()));
  }

  @Override
  public List<Tensor> inputs(int batch, int steps) {
    List<SpamData.Document> documents =
        IntStream.range(0, batch)
            .mapToObj(i -> {
              SpamData.Document document = mails.test().get(i % mails.test().size());
              long[] words = document.words();
              int length = Math.max(1, steps - i);
              return new SpamData.Document(
                  IntStream.range(0, length).mapToLong(j -> words[j % words.length]).toArray(),
                  document.spam());
            })
            .toList();
    SpamTraining.Batch inputs = SpamTraining.Batch.of(documents);
    return List.of(inputs.words(), inputs.lengths());
  }

  @Override
  public List<Tensor> inputs(Tensor words) {
    return List.of(words, words.ne(SpamData.PADDING).sum(1));
  }

  @Override
  public List<Map.Entry<String, Map<Integer, String>>> axes() {
    return List.of(
        Map.entry("words", Map.of(0, "batch", 1, "longest")),
        Map.entry("lengths", Map.of(0, "batch")));
  }

  @Override
  public List<String> outputNames() {
    return List.of("logits");
  }

  @Override
  public List<List<Tensor>> batches(int count) {
    int size = mails.train().size();
    return IntStream.range(0, count)
        .mapToObj(i ->
            SpamTraining.Batch.of(
                IntStream.range(i * BATCH_SIZE, (i + 1) * BATCH_SIZE)
                    .mapToObj(row -> mails.train().get(row * 7 % size))
                    .toList()))
        .map(batch -> List.of(batch.words(), batch.lengths(), batch.spam()))
        .toList();
  }

  @Override
  public Tensor loss(SpamModel model, List<Tensor> batch) {
    return Functional.binaryCrossEntropyWithLogits(
        model.forward(batch.get(0), batch.get(1)), batch.get(2));
  }

  @Override
  public double learningRate() {
    return 2e-3;
  }

  @Override
  public double f1(SpamModel model) {
    return SpamTraining.scores(model, mails.test()).f1();
  }
}
