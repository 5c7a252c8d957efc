package dev.pantorch.metrics;

/// How figures of classes become one.
public enum Average {
  /// From the sums of the counts of all classes.
  MICRO,
  /// The mean over the classes that occur in predictions or targets.
  MACRO,
  /// The mean weighted by how often each class occurs in the targets.
  WEIGHTED
}
