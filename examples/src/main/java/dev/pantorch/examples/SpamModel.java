package dev.pantorch.examples;

import static dev.pantorch.nn.utils.rnn.Rnn.packPaddedSequence;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import java.util.List;

/// A classifier of texts: word vectors, a bidirectional LSTM over the true lengths, and a linear
/// layer on what both directions end with.
final class SpamModel extends Module {
  private static final double WORD_SCALE = 0.1;

  private final Embedding embedding;
  private final LSTM lstm;
  private final Dropout dropout;
  private final Linear fc;

  /// The model of the example, with weights drawn from the default generator.
  static SpamModel of(SpamData mails) {
    return new SpamModel(mails.vocabulary().size(), 32, 64, 0.5);
  }

  /// A model with weights drawn from the default generator.
  ///
  /// @param words how many words there are, the padding 0 included
  /// @param embeddingDim the size of a word's vector
  /// @param hiddenSize the width of the LSTM in each direction
  /// @param dropout the share of numbers left out in training, of word vectors and last states
  SpamModel(int words, int embeddingDim, int hiddenSize, double dropout) {
    embedding =
        register(
            "embedding", new Embedding(words, embeddingDim, o -> o.paddingIdx(SpamData.PADDING)));
    // The cells remember from the start: the forget gate's biases sum to 1.
    lstm =
        register(
            "lstm",
            new LSTM(
                embeddingDim,
                hiddenSize,
                o -> o.batchFirst(true).bidirectional(true).forgetBias(1)));
    this.dropout = register("dropout", new Dropout(dropout));
    fc = register("fc", new Linear(2L * hiddenSize, 1));
    // Words that training seldom sees stay near 0 and say little.
    Torch.noGrad(() -> embedding.weight().mul_(WORD_SCALE));
  }

  /// Answers for a batch of texts.
  ///
  /// @param words numbers of words (batch, longest), padded with 0
  /// @param lengths how long each text is (batch)
  /// @return logits (batch)
  Tensor forward(Tensor words, Tensor lengths) {
    Tensor vectors = dropout.forward(embedding.forward(words));
    Tensor h = lstm.forward(packPaddedSequence(vectors, lengths, true, false)).state().h();
    // Of the first direction the state after the last word, of the second that after the first.
    Tensor ends = Torch.cat(List.of(h.select(0, 0), h.select(0, 1)), 1);
    return fc.forward(dropout.forward(ends)).squeeze(1);
  }
}
