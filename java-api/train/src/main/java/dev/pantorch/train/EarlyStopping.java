package dev.pantorch.train;

import dev.pantorch.ValueException;

/// When training ends before its last epoch: a figure has not become better for some epochs.
///
/// ```java
/// o.earlyStopping("val_loss", e -> e.patience(3).restoreBest(true));
/// ```
public final class EarlyStopping {
  final String monitor;
  int patience = 3;
  double minDelta;
  Mode mode = Mode.MIN;
  boolean restoreBest;

  EarlyStopping(String monitor) {
    this.monitor = monitor;
  }

  /// After how many epochs without a better figure training ends.
  ///
  /// @param patience 3 unless set
  /// @return these options
  public EarlyStopping patience(int patience) {
    if (patience < 1) throw new ValueException("patience must be 1 or more, not " + patience);
    this.patience = patience;
    return this;
  }

  /// By how much a figure has to be better to count.
  ///
  /// @param minDelta 0 unless set
  /// @return these options
  public EarlyStopping minDelta(double minDelta) {
    if (!(minDelta >= 0)) throw new ValueException("minDelta must be 0 or more, not " + minDelta);
    this.minDelta = minDelta;
    return this;
  }

  /// What is better.
  ///
  /// @param mode `MIN` unless set
  /// @return these options
  public EarlyStopping mode(Mode mode) {
    this.mode = mode;
    return this;
  }

  /// Whether the model has the weights of its best epoch in the end, instead of its last; also
  /// where all epochs were run.
  ///
  /// @param restoreBest false unless set
  /// @return these options
  public EarlyStopping restoreBest(boolean restoreBest) {
    this.restoreBest = restoreBest;
    return this;
  }
}
