package dev.pantorch;

import org.jspecify.annotations.Nullable;

/// How tensors are printed. Set with {@link Torch#setPrintOptions}:
///
/// ```java
/// Torch.setPrintOptions(PrintOptions.DEFAULT.precision(8).lineWidth(120));
/// ```
///
/// [torch.set_printoptions](https://docs.pytorch.org/docs/2.13/generated/torch.set_printoptions.html)
///
/// @param precision digits behind the point of floating-point numbers
/// @param threshold the number of elements above which only the edges are printed
/// @param edgeItems how many elements are then printed at each end of a dimension
/// @param lineWidth after how many characters a line is broken
/// @param sciMode whether numbers are printed as `1.0000e+00`; null lets the values decide
public record PrintOptions(
    int precision, long threshold, int edgeItems, int lineWidth, @Nullable Boolean sciMode) {
  /// What holds at first.
  public static final PrintOptions DEFAULT = new PrintOptions(4, 1000, 3, 80, null);

  /// Two digits, and two elements at the edges.
  public static final PrintOptions SHORT = new PrintOptions(2, 1000, 2, 80, null);

  /// Every element.
  public static final PrintOptions FULL = new PrintOptions(4, Long.MAX_VALUE, 3, 80, null);

  private static volatile PrintOptions current = DEFAULT;

  /// Checks the numbers.
  ///
  /// @param precision digits behind the point of floating-point numbers
  /// @param threshold the number of elements above which only the edges are printed
  /// @param edgeItems how many elements are then printed at each end of a dimension
  /// @param lineWidth after how many characters a line is broken
  /// @param sciMode whether numbers are printed as `1.0000e+00`; null lets the values decide
  /// @throws IllegalArgumentException if a number is negative
  public PrintOptions {
    if (precision < 0 || threshold < 0 || edgeItems < 0 || lineWidth < 0) {
      throw new IllegalArgumentException(
          "print options must not be negative: precision %d, threshold %d, edgeItems %d, lineWidth %d"
              .formatted(precision, threshold, edgeItems, lineWidth));
    }
  }

  static PrintOptions current() {
    return current;
  }

  static void use(PrintOptions options) {
    current = options;
  }

  /// These options with another precision.
  ///
  /// @param digits digits behind the point
  /// @return new options
  public PrintOptions precision(int digits) {
    return new PrintOptions(digits, threshold, edgeItems, lineWidth, sciMode);
  }

  /// These options with another threshold.
  ///
  /// @param elements the number of elements above which only the edges are printed
  /// @return new options
  public PrintOptions threshold(long elements) {
    return new PrintOptions(precision, elements, edgeItems, lineWidth, sciMode);
  }

  /// These options with other edges.
  ///
  /// @param items how many elements are printed at each end of a dimension
  /// @return new options
  public PrintOptions edgeItems(int items) {
    return new PrintOptions(precision, threshold, items, lineWidth, sciMode);
  }

  /// These options with another line width.
  ///
  /// @param characters after how many characters a line is broken
  /// @return new options
  public PrintOptions lineWidth(int characters) {
    return new PrintOptions(precision, threshold, edgeItems, characters, sciMode);
  }

  /// These options with scientific notation on or off.
  ///
  /// @param scientific whether numbers are printed as `1.0000e+00`; null lets the values decide
  /// @return new options
  public PrintOptions sciMode(@Nullable Boolean scientific) {
    return new PrintOptions(precision, threshold, edgeItems, lineWidth, scientific);
  }
}
