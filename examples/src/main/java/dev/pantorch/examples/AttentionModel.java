package dev.pantorch.examples;

import static dev.pantorch.nn.utils.rnn.Rnn.packPaddedSequence;
import static dev.pantorch.nn.utils.rnn.Rnn.padPackedSequence;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MultiheadAttention;
import java.util.List;
import java.util.Objects;

/// {@link SpamModel} with attention: the last states of both directions ask, the LSTM's outputs at
/// all words answer, and the linear layer reads both the states and the answer.
final class AttentionModel extends MailModel {
  static final int HEADS = 4;
  private static final int EMBEDDING = 32;
  private static final int HIDDEN = 64;
  private static final double DROPOUT = 0.5;
  private static final double WORD_SCALE = 0.1;

  private final Embedding embedding;
  private final LSTM lstm;
  private final Dropout dropout;
  private final MultiheadAttention attention;
  private final Linear fc;

  /// What the model answers, and how it looked at the words.
  private record Answer(Tensor logits, MultiheadAttention.Output attended) {}

  /// A model with weights drawn from the default generator.
  ///
  /// @param words how many words there are, the padding 0 included
  AttentionModel(int words) {
    embedding =
        register("embedding", new Embedding(words, EMBEDDING, o -> o.paddingIdx(SpamData.PADDING)));
    lstm =
        register(
            "lstm",
            new LSTM(EMBEDDING, HIDDEN, o -> o.batchFirst(true).bidirectional(true).forgetBias(1)));
    dropout = register("dropout", new Dropout(DROPOUT));
    attention =
        register("attention", new MultiheadAttention(2L * HIDDEN, HEADS, o -> o.batchFirst(true)));
    fc = register("fc", new Linear(4L * HIDDEN, 1));
    // Words that training seldom sees stay near 0 and say little.
    Torch.noGrad(() -> embedding.weight().mul_(WORD_SCALE));
  }

  @Override
  Tensor forward(Tensor words, Tensor lengths) {
    return answer(words, lengths, false).logits;
  }

  /// How much each head looks at each word of a batch of texts.
  ///
  /// @return weights (batch, head, longest), which sum to 1 over the words
  Tensor weights(Tensor words, Tensor lengths) {
    Tensor weights = answer(words, lengths, true).attended.attnOutputWeights();
    return Objects.requireNonNull(weights, "asked for").squeeze(2);
  }

  private Answer answer(Tensor words, Tensor lengths, boolean needWeights) {
    Tensor vectors = dropout.forward(embedding.forward(words));
    LSTM.PackedOutput result = lstm.forward(packPaddedSequence(vectors, lengths, true, false));
    Tensor h = result.state().h();
    Tensor ends = Torch.cat(List.of(h.select(0, 0), h.select(0, 1)), 1);
    Tensor outputs = padPackedSequence(result.output(), true).output();
    Tensor padding = Torch.arange(words.size(1)).ge(lengths.unsqueeze(1));
    MultiheadAttention.Output attended =
        attention.forward(
            ends.unsqueeze(1),
            outputs,
            outputs,
            o -> o.keyPaddingMask(padding).needWeights(needWeights).averageAttnWeights(false));
    Tensor both = Torch.cat(List.of(ends, attended.attnOutput().squeeze(1)), 1);
    return new Answer(fc.forward(dropout.forward(both)).squeeze(1), attended);
  }
}
