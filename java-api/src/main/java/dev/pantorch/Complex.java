package dev.pantorch;

/// A complex number, as a scalar argument and as the item of a complex tensor.
///
/// ```java
/// Tensor z = x.mul(new Complex(0, 1)); // complex64 of a float32 x
/// ```
public final class Complex extends Number {
  private static final long serialVersionUID = 1L;

  private final double real;
  private final double imag;

  /// A number of two parts.
  ///
  /// @param real the real part
  /// @param imag the imaginary part
  public Complex(double real, double imag) {
    this.real = real;
    this.imag = imag;
  }

  /// The real part.
  ///
  /// @return the part
  public double real() {
    return real;
  }

  /// The imaginary part.
  ///
  /// @return the part
  public double imag() {
    return imag;
  }

  @Override
  public int intValue() {
    return (int) doubleValue();
  }

  @Override
  public long longValue() {
    return (long) doubleValue();
  }

  @Override
  public float floatValue() {
    return (float) doubleValue();
  }

  /// The real part of a number without imaginary part.
  ///
  /// @throws ArithmeticException if there is an imaginary part
  @Override
  public double doubleValue() {
    if (imag != 0) throw new ArithmeticException(this + " is not a real number");
    return real;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Complex c
        && Double.compare(real, c.real) == 0
        && Double.compare(imag, c.imag) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(real) + Double.hashCode(imag);
  }

  /// As Python prints it: `(1.0+2.0j)`.
  @Override
  public String toString() {
    return "(" + real + (imag < 0 || 1 / imag < 0 ? "" : "+") + imag + "j)";
  }
}
