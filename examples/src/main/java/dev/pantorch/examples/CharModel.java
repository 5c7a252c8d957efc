package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.Tokenizer;
import dev.pantorch.data.Vocab;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Init;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import org.jspecify.annotations.Nullable;

/// A language model: reads characters and says after each what may come next.
final class CharModel extends Module {
  private static final int EMBEDDING = 64;
  private static final int HIDDEN = 256;
  private static final double DROPOUT = 0.1;

  private final Embedding embedding;
  private final LSTM lstm;
  private final Dropout dropout;
  private final Linear fc;

  /// The scores of the next characters, and what the LSTM remembers.
  ///
  /// @param logits (batch, steps, characters)
  record Output(Tensor logits, LSTM.State state) {}

  /// A model with weights drawn from the default generator.
  ///
  /// @param characters how many different ones there are
  CharModel(int characters) {
    embedding = register("embedding", new Embedding(characters, EMBEDDING));
    lstm = register("lstm", new LSTM(EMBEDDING, HIDDEN, o -> o.batchFirst(true).forgetBias(1)));
    dropout = register("dropout", new Dropout(DROPOUT));
    fc = register("fc", new Linear(HIDDEN, characters));
    lstm.namedParameters()
        .forEach((name, parameter) -> {
          if (name.startsWith("weight")) Init.xavierUniform_(parameter);
        });
  }

  /// Reads on.
  ///
  /// @param characters numbers (batch, steps)
  /// @param state what was remembered; null at the beginning
  Output forward(Tensor characters, LSTM.@Nullable State state) {
    LSTM.Output result = lstm.forward(embedding.forward(characters), state);
    return new Output(fc.forward(dropout.forward(result.output())), result.state());
  }

  /// Writes a text, character by character, with the default generator's luck.
  ///
  /// @param start how it begins, at least one character
  /// @param length how many characters are added
  /// @param temperature what scores are divided by: near 0 the likeliest character is always taken,
  ///   1 is as the model believes
  String write(Vocab vocab, String start, int length, double temperature) {
    eval();
    var text = new StringBuilder(start);
    long[] read = vocab.lookupIndices(Tokenizer.characters().tokenize(start));
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Tensor next = Torch.tensor(read, 1, read.length);
      LSTM.State state = null;
      for (int i = 0; i < length; i++) {
        Output output = forward(next, state);
        state = output.state;
        Tensor last = output.logits.select(1, -1);
        // Without number 0, the unknown character, which nobody can write.
        Tensor known = last.narrow(1, 1, last.size(1) - 1).div(temperature);
        next = known.softmax(1).multinomial(1).add(1);
        text.append(vocab.lookupToken(next.itemLong()));
      }
    }
    return text.toString();
  }
}
