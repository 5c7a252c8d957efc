package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.nn.TransformerEncoder;
import dev.pantorch.nn.TransformerEncoderLayer;

/// A Transformer encoder over the days of a sequence; what it makes of the last one is turned into
/// one logit.
final class RainTransformer extends Module {
  private final Linear embedding;
  private final PositionalEncoding position;
  private final TransformerEncoder encoder;
  private final Linear fc;

  RainTransformer(long features, long dModel, long nhead, long numLayers) {
    embedding = register("embedding", new Linear(features, dModel));
    position = register("position", new PositionalEncoding(dModel, 365));
    TransformerEncoderLayer layer =
        new TransformerEncoderLayer(
            dModel, nhead, o -> o.dimFeedforward(2 * dModel).batchFirst(true));
    encoder = register("encoder", new TransformerEncoder(layer, numLayers));
    fc = register("fc", new Linear(dModel, 1));
  }

  /// Answers for a batch of sequences.
  ///
  /// @param x (batch, steps, features)
  /// @return logits (batch)
  Tensor forward(Tensor x) {
    Tensor encoded = encoder.forward(position.forward(embedding.forward(x)));
    return fc.forward(encoded.select(1, -1)).squeeze(1);
  }
}
