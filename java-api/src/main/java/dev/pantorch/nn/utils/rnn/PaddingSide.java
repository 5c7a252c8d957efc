package dev.pantorch.nn.utils.rnn;

/// Where {@link Rnn#padSequence} adds padding.
public enum PaddingSide {
  /// Before the sequence.
  LEFT("left"),
  /// After the sequence, the default.
  RIGHT("right");

  final String word;

  PaddingSide(String word) {
    this.word = word;
  }
}
