package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;

/// What all dropouts have in common.
abstract class DropoutNd extends Layer {
  final double p;
  final boolean inplace;

  DropoutNd(double p, boolean inplace) {
    check(p);
    this.p = p;
    this.inplace = inplace;
  }

  static void check(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new ValueException(
          "dropout probability has to be between 0 and 1, but got " + PythonText.number(p));
    }
  }

  /// Drops, in training.
  ///
  /// @param input a tensor of the shape that the layer documents
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::drop);
  }

  abstract Tensor drop(Tensor input);

  @Override
  protected String extraRepr() {
    return "p=%s, inplace=%s".formatted(PythonText.number(p), PythonText.bool(inplace));
  }
}
