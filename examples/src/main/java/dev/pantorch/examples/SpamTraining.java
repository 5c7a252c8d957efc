package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.BucketByLengthSampler;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.examples.SpamData.Document;
import dev.pantorch.io.Safetensors;
import dev.pantorch.metrics.Accuracy;
import dev.pantorch.metrics.F1Score;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How models learn to tell spam from ham.
///
/// @param mails what is learned from
/// @param epochs passes over the training part at most
/// @param out where the lines go
record SpamTraining(SpamData mails, int epochs, PrintWriter out) {
  private static final int BATCH_SIZE = 32;
  private static final int EVALUATION_BATCH_SIZE = 64;
  private static final int MAX_TOKENS = 200;
  private static final int PATIENCE = 3;

  /// Mails side by side.
  record Batch(Tensor words, Tensor lengths, Tensor spam) {
    static Batch of(List<Document> documents) {
      int rows = documents.size();
      long[] lengths = documents.stream().mapToLong(SpamTraining::length).toArray();
      int columns = documents.stream().mapToInt(SpamTraining::length).max().orElse(0);
      long[] words = new long[rows * columns];
      double[] spam = new double[rows];
      for (int i = 0; i < rows; i++) {
        Document document = documents.get(i);
        System.arraycopy(document.words(), 0, words, i * columns, (int) lengths[i]);
        spam[i] = document.spam() ? 1 : 0;
      }
      return new Batch(
          Torch.tensor(words, rows, columns), Torch.tensor(lengths), Torch.tensor(spam).float32());
    }
  }

  /// What training came to.
  ///
  /// @param best the losses, and which epoch's weights are kept
  /// @param test how good it is on the test part
  record Result(BestEpoch best, Scores test) {}

  static int length(Document document) {
    return Math.min(document.words().length, MAX_TOKENS);
  }

  /// Trains a model, and tests a fresh one that loads its checkpoint.
  Result run(Path checkpoint) throws IOException {
    SpamModel model = SpamModel.of(mails);
    BestEpoch best = train(model, checkpoint);
    SpamModel loaded = SpamModel.of(mails);
    loaded.loadStateDict(Safetensors.load(checkpoint));
    List<Document> asked = mails.validation();
    best.compare(answer(loaded, asked), answer(model, asked), "answers", out);
    return new Result(best, scores(loaded, mails.test()));
  }

  /// How good a model is on a part.
  static Scores scores(SpamModel model, List<Document> part) {
    return Scores.of(answer(model, part).gt(0), spam(part));
  }

  /// What naive Bayes reaches on the test part.
  Scores naiveBayes() {
    var bayes = new NaiveBayes(mails.train(), mails.vocabulary().size());
    double[] odds = mails.test().stream().mapToDouble(d -> bayes.logOdds(d.words())).toArray();
    return Scores.of(Torch.tensor(odds).gt(0), spam(mails.test()));
  }

  /// What is reached on the test part by calling nothing spam.
  Scores majority() {
    Tensor spam = spam(mails.test());
    return Scores.of(Torch.zerosLike(spam), spam);
  }

  /// Trains, and leaves the weights of the epoch with the lowest validation loss in the checkpoint.
  private BestEpoch train(SpamModel model, Path checkpoint) throws IOException {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), o -> o.lr(2e-3));
    int[] lengths = mails.train().stream().mapToInt(SpamTraining::length).toArray();
    var loader =
        new DataLoader<>(
            Dataset.of(mails.train()),
            documents -> documents,
            o -> o.batchSampler(new BucketByLengthSampler(lengths, BATCH_SIZE)));
    String figures = "accuracy: %.3f, F1: %.3f";
    var trainer =
        new Trainer<>(
            model,
            optimizer,
            loader,
            (m, documents) -> {
              Batch batch = Batch.of(documents);
              return criterion.forward(m.forward(batch.words, batch.lengths), batch.spam);
            },
            o ->
                o.epochs(epochs)
                    .batchSize(List::size)
                    .clipGradNorm(1.0)
                    .scheduler(new StepLR(optimizer, 1, 0.8))
                    .validation(List.of(mails.validation()))
                    .metrics(
                        Map.of("accuracy", new Accuracy(), "f1", new F1Score()),
                        (m, documents, metrics) -> {
                          Tensor logits = answer(m, documents);
                          Tensor spam = spam(documents);
                          metrics.update(logits.gt(0), spam);
                          return criterion.forward(logits, spam.float32());
                        })
                    .earlyStopping("val_loss", e -> e.patience(PATIENCE).restoreBest(true))
                    .callback(
                        new EpochLines("spam", epochs, out, figures, "val_accuracy", "val_f1")));
    return BestEpoch.fit(trainer, checkpoint, out);
  }

  private static Tensor spam(List<Document> documents) {
    double[] spam = documents.stream().mapToDouble(d -> d.spam() ? 1 : 0).toArray();
    return Torch.tensor(spam).gt(0);
  }

  /// The logits of all mails of a part.
  private static Tensor answer(SpamModel model, List<Document> part) {
    model.eval();
    List<Tensor> logits = new ArrayList<>();
    for (int from = 0; from < part.size(); from += EVALUATION_BATCH_SIZE) {
      List<Document> some = part.subList(from, Math.min(from + EVALUATION_BATCH_SIZE, part.size()));
      logits.add(
          Torch.noGrad(() ->
              TensorScope.scope(() -> {
                Batch batch = Batch.of(some);
                return model.forward(batch.words, batch.lengths);
              })));
    }
    return Torch.cat(logits);
  }
}
