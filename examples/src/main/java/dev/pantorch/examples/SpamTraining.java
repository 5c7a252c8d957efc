package dev.pantorch.examples;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.BucketByLengthSampler;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.examples.SpamData.Document;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import dev.pantorch.train.plot.CurvePlot;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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

  /// The lowest validation loss so far, and what the model answered then.
  record Best(int epoch, double loss, Tensor logits) {}

  /// What training came to.
  ///
  /// @param history the losses, and which epoch's weights are kept
  /// @param test how good it is on the test part
  record Result(History history, Scores test) {
    CurvePlot losses(String title) {
      return CurvePlot.losses(title, history.training, history.validation, history.best.epoch);
    }
  }

  /// The losses of all epochs, and the best epoch.
  record History(List<Double> training, List<Double> validation, Best best) {}

  static int length(Document document) {
    return Math.min(document.words().length, MAX_TOKENS);
  }

  /// Trains a model, and tests a fresh one that loads its checkpoint.
  Result run(Path checkpoint) throws IOException {
    History history = train(SpamModel.of(mails), checkpoint);
    SpamModel loaded = SpamModel.of(mails);
    loaded.loadStateDict(Safetensors.load(checkpoint));
    Tensor logits = answer(loaded, mails.validation());
    if (!Torch.equal(logits, history.best.logits)) {
      throw new IllegalStateException(
          "the model loaded from %s answers otherwise than the one saved".formatted(checkpoint));
    }
    out.printf(
        "Checkpoint: %s, weights of epoch %d; a fresh model that loads it gives the same %d"
            + " answers, bit for bit.%n",
        checkpoint, history.best.epoch, logits.numel());
    return new Result(history, scores(loaded, mails.test()));
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
  private History train(SpamModel model, Path checkpoint) throws IOException {
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), o -> o.lr(2e-3));
    var scheduler = new StepLR(optimizer, 1, 0.8);
    int[] lengths = mails.train().stream().mapToInt(SpamTraining::length).toArray();
    var loader =
        new DataLoader<>(
            Dataset.of(mails.train()),
            Batch::of,
            o -> o.batchSampler(new BucketByLengthSampler(lengths, BATCH_SIZE)));
    Tensor spam = spam(mails.validation());
    List<Double> training = new ArrayList<>();
    List<Double> validation = new ArrayList<>();
    @Nullable Best best = null;
    Instant start = Instant.now();
    try (var progress = new Progress("spam", epochs, out)) {
      for (int epoch = 1; epoch <= epochs; epoch++) {
        model.train();
        double total = 0;
        try (var batches = loader.iterator()) {
          while (batches.hasNext()) {
            try (var scope = TensorScope.open()) {
              Batch batch = batches.next();
              optimizer.zeroGrad();
              Tensor logits = model.forward(batch.words, batch.lengths);
              Tensor loss = criterion.forward(logits, batch.spam);
              loss.backward();
              clipGradNorm_(model.parameters(), 1.0);
              optimizer.step();
              total += loss.item() * batch.spam.numel();
            }
          }
        }
        scheduler.step();

        Tensor logits = answer(model, mails.validation());
        double loss = criterion.forward(logits, spam.float32()).item();
        training.add(total / mails.train().size());
        validation.add(loss);
        Scores scores = Scores.of(logits.gt(0), spam);
        progress.step(
            String.format(
                Locale.ROOT,
                "Epoch [%d/%d], Loss: %.4f, Validation loss: %.4f, accuracy: %.3f, F1: %.3f",
                epoch,
                epochs,
                training.getLast(),
                loss,
                scores.accuracy(),
                scores.f1()));
        if (best == null || loss < best.loss) {
          best = new Best(epoch, loss, logits);
          Safetensors.save(checkpoint, model.stateDict());
        } else if (epoch >= best.epoch + PATIENCE) {
          break;
        }
      }
    }
    History history =
        new History(
            training, validation, Objects.requireNonNull(best, "there is at least one epoch"));
    out.printf(
        Locale.ROOT,
        "Trained in %.1f s; weights of epoch %d.%n",
        Duration.between(start, Instant.now()).toMillis() / 1e3,
        history.best.epoch);
    return history;
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
