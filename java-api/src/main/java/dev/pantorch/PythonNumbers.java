package dev.pantorch;

import dev.pantorch.internal.PythonText;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/// Numbers as Python writes them: rounded half to even from their exact values, while Java's `%.4f`
/// rounds half up from their shortest decimal form.
final class PythonNumbers {
  private PythonNumbers() {}

  /// `f"{value:.4f}"`
  static String fixed(double value, int precision) {
    if (!Double.isFinite(value)) return special(value);
    return sign(value) + exact(value).setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
  }

  /// `f"{value:.4e}"`
  static String scientific(double value, int precision) {
    if (!Double.isFinite(value)) return special(value);
    BigDecimal rounded = exact(value).round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    String digits = rounded.unscaledValue().toString();
    int exponent = value == 0 ? 0 : digits.length() - 1 - rounded.scale();
    digits += "0".repeat(Math.max(0, precision + 1 - digits.length()));
    String fraction = precision == 0 ? "" : "." + digits.substring(1, precision + 1);
    return sign(value) + digits.charAt(0) + fraction + exponent(exponent);
  }

  /// `repr(value)`: the shortest digits that name the number.
  static String repr(double value) {
    return PythonText.number(value);
  }

  private static String exponent(int exponent) {
    return "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private static String special(double value) {
    if (Double.isNaN(value)) return "nan";
    return value > 0 ? "inf" : "-inf";
  }

  private static BigDecimal exact(double value) {
    return new BigDecimal(Math.abs(value));
  }

  private static String sign(double value) {
    return Double.doubleToRawLongBits(value) < 0 ? "-" : "";
  }
}
