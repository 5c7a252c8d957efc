package dev.pantorch.nn;

/// What a loss does with the values of its elements.
public enum Reduction {
  /// Returns them as they are.
  NONE(0),
  /// Returns their mean, the default of all losses.
  MEAN(1),
  /// Returns their sum.
  SUM(2);

  private final int code;

  Reduction(int code) {
    this.code = code;
  }

  /// libtorch's number.
  ///
  /// @return the number
  public int code() {
    return code;
  }
}
