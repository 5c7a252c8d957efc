package dev.pantorch.nn;

/// What a loss of {@link SequenceLosses} does with the values of the steps.
public enum SequenceReduction {
  /// Returns them as they are, 0 at padding.
  NONE,
  /// Returns the sum over all steps.
  SUM,
  /// Returns the mean over all steps: each step counts the same, long sequences more.
  TOKEN_MEAN,
  /// Returns the mean over the sequences of the means over their steps: each sequence counts the
  /// same. A sequence without steps does not count.
  SEQUENCE_MEAN
}
