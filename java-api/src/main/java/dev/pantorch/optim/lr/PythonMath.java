package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import java.util.List;

/// Arithmetic as Python does it: powers and cosines of the C library, to the same bits, and errors
/// where Java has infinities.
final class PythonMath {
  private PythonMath() {}

  static double divide(double dividend, double divisor) {
    if (divisor == 0) throw new ValueException("float division by zero");
    return dividend / divisor;
  }

  static double pow(double base, double exponent) {
    if (base == 0 && exponent < 0) {
      throw new ValueException("0.0 cannot be raised to a negative power");
    }
    return CMath.pow(base, exponent);
  }

  /// `bisect_right`: how many of the sorted values are not above `x`.
  static int bisectRight(List<Integer> sorted, int x) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (x < sorted.get(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
