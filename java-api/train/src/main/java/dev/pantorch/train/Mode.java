package dev.pantorch.train;

/// What counts as better.
public enum Mode {
  /// A smaller figure: a loss.
  MIN,
  /// A greater figure: an accuracy.
  MAX;

  /// Whether a figure is better than the best so far by more than a difference. NaN never is.
  boolean isBetter(double figure, double best, double minDelta) {
    if (Double.isNaN(best)) return !Double.isNaN(figure);
    return this == MIN ? figure < best - minDelta : figure > best + minDelta;
  }
}
