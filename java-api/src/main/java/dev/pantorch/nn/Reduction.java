package dev.pantorch.nn;

import dev.pantorch.ValueException;

/// What a loss does with the values of its elements.
public enum Reduction {
  /// Returns them as they are.
  NONE(0),
  /// Returns their mean, the default of all losses.
  MEAN(1),
  /// Returns their sum.
  SUM(2),
  /// Returns their sum divided by the size of the batch: of {@link KLDivLoss} only.
  BATCHMEAN(-1);

  private final int code;

  Reduction(int code) {
    this.code = code;
  }

  /// libtorch's number.
  ///
  /// @return the number
  /// @throws ValueException for {@link #BATCHMEAN}, which libtorch has not
  public int code() {
    if (this == BATCHMEAN) {
      throw new ValueException("batchmean is not a valid value for reduction");
    }
    return code;
  }
}
