package dev.pantorch.parity;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.testing.TensorAssert;

/// Compares a tensor with Python's: to the bit where the environment is that of the fixtures.
final class Values {
  private static final double OTHER_MACHINE = 1e-5;
  private static final double OTHER_MACHINE_DOUBLE = 1e-12;

  private Values() {}

  static void check(Tensor found, Tensor expected, String name) {
    double tolerance = expected.dtype() == DType.FLOAT64 ? OTHER_MACHINE_DOUBLE : OTHER_MACHINE;
    check(found, expected, name, tolerance, tolerance);
  }

  /// The same with tolerances for environments that are not that of the fixtures.
  static void check(Tensor found, Tensor expected, String name, double relative, double absolute) {
    TensorAssert assertion = TensorAssert.assertThat(found.detach()).as(name);
    if (Environment.CURRENT.isExact()) assertion.isBitEqualTo(expected);
    else assertion.isCloseTo(expected, relative, absolute);
  }
}
