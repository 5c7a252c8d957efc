package dev.pantorch.internal;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Values as Python writes them, for texts that are compared with Python's.
public final class PythonText {
  private PythonText() {}

  /// A float: `0.1`, `1e-05`, `2.0`, `inf`.
  public static String number(double value) {
    if (Double.isNaN(value)) return "nan";
    if (Double.isInfinite(value)) return value > 0 ? "inf" : "-inf";
    if (value == 0) return 1 / value < 0 ? "-0.0" : "0.0";
    // Both languages print the shortest digits that read back as the same number, but switch to
    // an exponent at different sizes.
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = digits.length() - decimal.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = decimal.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  /// A float, or an int: `2.0` for 2.0, `2` for 2.
  public static String scalar(Number value) {
    return value instanceof Double || value instanceof Float
        ? number(value.doubleValue())
        : value.toString();
  }

  /// `True` or `False`.
  public static String bool(boolean value) {
    return value ? "True" : "False";
  }

  /// `torch.Size([2, 3])`
  public static String size(long[] sizes) {
    return "torch.Size(" + list(sizes) + ")";
  }

  /// `[2, 3]`
  public static String list(long[] values) {
    return join(values, "[", "]");
  }

  /// `(2, 3)`
  public static String tuple(long... values) {
    return join(values, "(", values.length == 1 ? ",)" : ")");
  }

  private static String join(long[] values, String open, String close) {
    return Arrays.stream(values)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", open, close));
  }
}
