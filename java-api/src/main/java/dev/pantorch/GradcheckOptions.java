package dev.pantorch;

/// Options of {@link Autograd#gradcheck}, with Python's names and values.
///
/// ```java
/// Autograd.gradcheck(
///     inputs -> List.of(inputs.get(0).matmul(inputs.get(1))),
///     List.of(x, w),
///     o -> o.eps(1e-5).atol(1e-4));
/// ```
public final class GradcheckOptions {
  double eps = 1e-6;
  double atol = 1e-5;
  double rtol = 1e-3;
  double nondetTol;
  boolean raiseException = true;

  GradcheckOptions() {}

  /// How far an element is moved.
  ///
  /// @param eps 1e-6 unless set
  /// @return these options
  public GradcheckOptions eps(double eps) {
    this.eps = eps;
    return this;
  }

  /// The absolute tolerance.
  ///
  /// @param atol 1e-5 unless set
  /// @return these options
  public GradcheckOptions atol(double atol) {
    this.atol = atol;
    return this;
  }

  /// The relative tolerance.
  ///
  /// @param rtol 1e-3 unless set
  /// @return these options
  public GradcheckOptions rtol(double rtol) {
    this.rtol = rtol;
    return this;
  }

  /// How much two backward passes may differ.
  ///
  /// @param nondetTol 0 unless set
  /// @return these options
  public GradcheckOptions nondetTol(double nondetTol) {
    this.nondetTol = nondetTol;
    return this;
  }

  /// Whether a mismatch is an exception, or else the answer is false.
  ///
  /// @param raiseException true unless set
  /// @return these options
  public GradcheckOptions raiseException(boolean raiseException) {
    this.raiseException = raiseException;
    return this;
  }
}
