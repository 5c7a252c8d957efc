package dev.pantorch.testing;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.assertj.core.api.AbstractAssert;

/// Fluent assertions on tensors.
///
/// ```java
/// assertThat(x.matmul(w)).hasShape(2, 3).hasDType(DType.FLOAT32).isCloseTo(expected);
/// ```
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
  private static final double DEFAULT_RELATIVE = 1e-5;
  private static final double DEFAULT_ABSOLUTE = 1e-8;

  private TensorAssert(Tensor actual) {
    super(actual, TensorAssert.class);
  }

  /// Begins an assertion.
  ///
  /// @param actual the tensor to look at
  /// @return the assertion
  public static TensorAssert assertThat(Tensor actual) {
    return new TensorAssert(actual);
  }

  /// The size of every dimension is as given; none for a scalar tensor.
  ///
  /// @param expected the sizes
  /// @return this
  public TensorAssert hasShape(long... expected) {
    isNotNull();
    if (!Arrays.equals(actual.shape(), expected)) {
      failWithMessage(
          "Expected shape %s but was %s",
          Arrays.toString(expected), Arrays.toString(actual.shape()));
    }
    return this;
  }

  /// The dtype is as given.
  ///
  /// @param expected the dtype
  /// @return this
  public TensorAssert hasDType(DType expected) {
    isNotNull();
    if (actual.dtype() != expected) {
      failWithMessage("Expected dtype %s but was %s", expected, actual.dtype());
    }
    return this;
  }

  /// The tensor is on the device.
  ///
  /// @param expected the device
  /// @return this
  public TensorAssert isOn(Device expected) {
    isNotNull();
    if (!actual.device().equals(expected)) {
      failWithMessage("Expected a tensor on %s but it is on %s", expected, actual.device());
    }
    return this;
  }

  /// Autograd records what is done with the tensor.
  ///
  /// @return this
  public TensorAssert requiresGrad() {
    isNotNull();
    if (!actual.requiresGrad()) {
      failWithMessage("Expected a tensor that requires grad");
    }
    return this;
  }

  /// Autograd takes no notice of the tensor.
  ///
  /// @return this
  public TensorAssert doesNotRequireGrad() {
    isNotNull();
    if (actual.requiresGrad()) {
      failWithMessage("Expected a tensor that does not require grad");
    }
    return this;
  }

  /// The elements, row by row, are exactly these numbers.
  ///
  /// @param expected the numbers; a complex element is two of them
  /// @return this
  public TensorAssert hasValues(double... expected) {
    isNotNull();
    compare(expected, values(actual), 0, 0);
    return this;
  }

  /// Shape, dtype and every bit are those of another tensor; any NaN equals any NaN.
  ///
  /// @param expected the other tensor
  /// @return this
  public TensorAssert isBitEqualTo(Tensor expected) {
    hasShape(expected.shape()).hasDType(expected.dtype());
    if (TensorBytes.bytes(expected).mismatch(TensorBytes.bytes(actual)) >= 0) {
      compare(values(expected), values(actual), 0, 0);
      if (!actual.dtype().isFloatingPoint() && !actual.dtype().isComplex()) {
        // Whole numbers that only differ where a double does not see it.
        failWithMessage("Expected the same bytes");
      }
    }
    return this;
  }

  /// Shape and dtype are those of another tensor, and every element is within the tolerances that
  /// `torch.allclose` has by default.
  ///
  /// @param expected the other tensor
  /// @return this
  public TensorAssert isCloseTo(Tensor expected) {
    return isCloseTo(expected, DEFAULT_RELATIVE, DEFAULT_ABSOLUTE);
  }

  /// Shape and dtype are those of another tensor, and for every element `|actual - expected| <=
  /// absolute + relative * |expected|`.
  ///
  /// @param expected the other tensor
  /// @param relative the relative tolerance
  /// @param absolute the absolute tolerance
  /// @return this
  public TensorAssert isCloseTo(Tensor expected, double relative, double absolute) {
    hasShape(expected.shape()).hasDType(expected.dtype());
    compare(values(expected), values(actual), relative, absolute);
    return this;
  }

  /// The tensor was closed, or its scope was.
  ///
  /// @return this
  public TensorAssert isClosed() {
    isNotNull();
    if (!actual.isClosed()) {
      failWithMessage("Expected a closed tensor");
    }
    return this;
  }

  private static double[] values(Tensor tensor) {
    MemorySegment bytes = TensorBytes.bytes(tensor);
    return TensorBytes.doubles(bytes, tensor.dtype());
  }

  private void compare(double[] expected, double[] found, double relative, double absolute) {
    if (expected.length != found.length) {
      failWithMessage("Expected %d numbers but there are %d", expected.length, found.length);
    }
    for (int i = 0; i < expected.length; i++) {
      if (!isClose(expected[i], found[i], relative, absolute)) {
        failWithMessage(
            "Expected %s at position %d but was %s%nexpected: %s%n but was: %s",
            expected[i], i, found[i], Arrays.toString(expected), Arrays.toString(found));
      }
    }
  }

  private static boolean isClose(double expected, double found, double relative, double absolute) {
    if (Double.compare(expected, found) == 0) {
      return true;
    }
    return (relative != 0 || absolute != 0)
        && Math.abs(found - expected) <= absolute + relative * Math.abs(expected);
  }
}
