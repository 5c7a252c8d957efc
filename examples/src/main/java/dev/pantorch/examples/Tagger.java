package dev.pantorch.examples;

import static dev.pantorch.nn.utils.rnn.Rnn.packPaddedSequence;
import static dev.pantorch.nn.utils.rnn.Rnn.padPackedSequence;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.examples.BrownData.Sentence;
import dev.pantorch.nn.CRF;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.Reduction;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.nn.utils.rnn.Rnn;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A tagger: a bidirectional LSTM over what is seen of words, and two linear layers on its outputs,
/// one for the universal tags and one for all tags. A CRF may read the universal tags' scores.
///
/// Sentences come side by side, the longest first. Scores and tags are in the order of a packed
/// sequence, without padding: first words first.
public final class Tagger extends Module {
  private static final int HIDDEN = 128;
  private static final double DROPOUT = 0.3;

  private final List<Embedding> embeddings;
  private final LSTM lstm;
  private final Dropout dropout;
  private final Linear universal;
  private final Linear full;
  private final @Nullable CRF crf;

  /// Sentences side by side.
  ///
  /// @param features of words (sentence, longest, feature)
  /// @param lengths of the sentences, the longest first (sentence)
  /// @param tags the universal tags and all tags (sentence, longest, 2)
  record Batch(Tensor features, Tensor lengths, Tensor tags) {
    /// Pads sentences to the longest.
    static Batch of(List<Sentence> sentences) {
      int rows = sentences.size();
      long[] lengths = sentences.stream().mapToLong(Sentence::length).toArray();
      int columns = sentences.stream().mapToInt(Sentence::length).max().orElse(0);
      long[] features = new long[rows * columns * WordFeatures.COUNT];
      long[] tags = new long[rows * columns * 2];
      for (int i = 0; i < rows; i++) {
        Sentence sentence = sentences.get(i);
        for (int j = 0; j < sentence.length(); j++) {
          int word = i * columns + j;
          System.arraycopy(
              sentence.features()[j], 0, features, word * WordFeatures.COUNT, WordFeatures.COUNT);
          tags[2 * word] = sentence.universal()[j];
          tags[2 * word + 1] = sentence.full()[j];
        }
      }
      return new Batch(
          Torch.tensor(features, rows, columns, WordFeatures.COUNT),
          Torch.tensor(lengths),
          Torch.tensor(tags, rows, columns, 2));
    }

    /// The tags in the order of a packed sequence (word, 2).
    Tensor packedTags() {
      return packPaddedSequence(tags, lengths, true, true).data();
    }
  }

  /// The scores of the tags (word, tag), and how the words lie in sentences.
  private record Scores(Tensor universal, Tensor full, PackedSequence words) {}

  /// Scores that a CRF reads (sentence, longest, tag), and where there are words.
  private record Emissions(Tensor scores, Tensor mask) {}

  /// The best tags.
  ///
  /// @param universal numbers of universal tags (word)
  /// @param full numbers of tags (word)
  record Tags(Tensor universal, Tensor full) {}

  Tagger(WordFeatures features, int universalTags, int tags, boolean withCrf) {
    embeddings =
        List.of(
            embedding("word", features.size(0), 64),
            embedding("suffix3", features.size(1), 32),
            embedding("suffix2", features.size(2), 16),
            embedding("shape", features.size(3), 8));
    lstm =
        register(
            "lstm",
            new LSTM(64 + 32 + 16 + 8, HIDDEN, o -> o.batchFirst(true).bidirectional(true)));
    dropout = register("dropout", new Dropout(DROPOUT));
    universal = register("universal", new Linear(2 * HIDDEN, universalTags));
    full = register("full", new Linear(2 * HIDDEN, tags));
    crf = withCrf ? register("crf", new CRF(universalTags)) : null;
  }

  private Embedding embedding(String name, int size, int width) {
    return register(name, new Embedding(size, width, o -> o.paddingIdx(WordFeatures.PADDING)));
  }

  private Scores packedScores(Tensor features, Tensor lengths) {
    PackedSequence words = encode(features, lengths);
    Tensor hidden = dropout.forward(words.data());
    return new Scores(universal.forward(hidden), full.forward(hidden), words);
  }

  private PackedSequence encode(Tensor features, Tensor lengths) {
    List<Tensor> columns = features.unbind(2);
    List<Tensor> vectors =
        List.of(
            embeddings.get(0).forward(columns.get(0)),
            embeddings.get(1).forward(columns.get(1)),
            embeddings.get(2).forward(columns.get(2)),
            embeddings.get(3).forward(columns.get(3)));
    Tensor input = dropout.forward(Torch.cat(vectors, 2));
    return lstm.forward(packPaddedSequence(input, lengths, true, true)).output();
  }

  /// The scores of all words, beside one another as they came in: for programs that do not pack.
  /// What stands after the end of a sentence says nothing.
  ///
  /// @return those of the universal tags and those of all tags (sentence, longest, tag)
  List<Tensor> forward(Tensor features, Tensor lengths) {
    Tensor hidden =
        padPackedSequence(encode(features, lengths), true, 0, features.size(1)).output();
    return List.of(universal.forward(hidden), full.forward(hidden));
  }

  private static Emissions emissions(Scores scores) {
    var packed = new PackedSequence(scores.universal, scores.words.batchSizes());
    Rnn.Padded padded = padPackedSequence(packed, true);
    Tensor mask = Torch.arange(padded.output().size(1)).lt(padded.lengths().unsqueeze(1));
    return new Emissions(padded.output(), mask);
  }

  /// How wrong the model is: the mean over words for all tags, plus the same for universal tags.
  Tensor loss(Batch batch) {
    Scores scores = packedScores(batch.features, batch.lengths);
    Tensor targets = batch.packedTags();
    Tensor loss =
        Functional.crossEntropy(
            scores.full, targets.select(1, 1), null, Reduction.MEAN, BrownData.UNKNOWN_TAG, 0);
    if (crf == null) {
      return loss.add(Functional.crossEntropy(scores.universal, targets.select(1, 0)));
    }
    Emissions emissions = emissions(scores);
    Tensor tags = batch.tags.select(2, 0);
    Tensor likelihood = crf.forward(emissions.scores, tags, emissions.mask, Reduction.SUM);
    return loss.sub(likelihood.div(scores.universal.size(0)));
  }

  /// The best tags.
  ///
  /// @return one tag a word, in the order of a packed sequence
  Tags tag(Batch batch) {
    Scores scores = packedScores(batch.features, batch.lengths);
    Tensor tags = scores.full.argmax(1);
    if (crf == null) return new Tags(scores.universal.argmax(1), tags);
    Emissions emissions = emissions(scores);
    Tensor best = crf.decode(emissions.scores, emissions.mask).tags();
    return new Tags(packPaddedSequence(best, batch.lengths, true, true).data(), tags);
  }
}
