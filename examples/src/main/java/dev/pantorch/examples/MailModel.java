package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;

/// A model that says whether texts are spam.
abstract class MailModel extends Module {
  /// Answers for a batch of texts.
  ///
  /// @param words numbers of words (batch, longest), padded with 0
  /// @param lengths how long each text is (batch)
  /// @return logits (batch)
  abstract Tensor forward(Tensor words, Tensor lengths);
}
