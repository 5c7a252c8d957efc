package dev.pantorch.metrics;

import java.util.function.Consumer;

/// The harmonic mean of precision and recall.
///
/// ```java
/// var f1 = new F1Score(3, o -> o.average(Average.WEIGHTED).ignoreIndex(-100L));
/// ```
public final class F1Score extends FBetaScore {
  /// For binary predictions.
  public F1Score() {
    this(o -> {});
  }

  /// For binary predictions.
  ///
  /// @param options what differs from the defaults
  public F1Score(Consumer<Options> options) {
    super(1, options);
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  public F1Score(long numClasses) {
    this(numClasses, o -> {});
  }

  /// For several classes.
  ///
  /// @param numClasses how many
  /// @param options what differs from the defaults
  public F1Score(long numClasses, Consumer<Options> options) {
    super(1, numClasses, options);
  }
}
