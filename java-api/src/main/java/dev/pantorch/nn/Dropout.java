package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;

/// In training, sets each element to 0 with probability $p$ and multiplies the others by $1 / (1 -
/// p)$; in evaluation hands its input on (Hinton and others 2012).
///
/// ```java
/// Tensor y = new Dropout(0.2).forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's.
///
/// [torch.nn.Dropout](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Dropout.html)
public final class Dropout extends Layer {
  private final double p;
  private final boolean inplace;

  /// Drops half of the elements.
  public Dropout() {
    this(0.5);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @throws ValueException if it is not between 0 and 1
  public Dropout(double p) {
    this(p, false);
  }

  /// Makes the layer.
  ///
  /// @param p the probability that an element is dropped
  /// @param inplace whether the input is overwritten with the output
  /// @throws ValueException if the probability is not between 0 and 1
  public Dropout(double p, boolean inplace) {
    if (!(p >= 0 && p <= 1)) {
      throw new ValueException(
          "dropout probability has to be between 0 and 1, but got " + PythonText.number(p));
    }
    this.p = p;
    this.inplace = inplace;
  }

  /// Drops elements, in training.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x ->
            inplace
                ? Functional.dropout_(x, p, isTraining())
                : Functional.dropout(x, p, isTraining()));
  }

  @Override
  protected String extraRepr() {
    return "p=%s, inplace=%s".formatted(PythonText.number(p), PythonText.bool(inplace));
  }
}
