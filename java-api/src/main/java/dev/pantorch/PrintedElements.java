package dev.pantorch;

import java.util.Arrays;
import java.util.function.DoubleFunction;

/// The elements of a tensor as texts, formatted all alike: as wide as the widest, in scientific
/// notation if one needs it, without digits behind the point if none needs them. The rules are
/// Python's.
///
/// @param texts the elements in row-major order
/// @param width what a column is counted with; a text may be wider
@SuppressWarnings("ArrayRecordComponent") // handed on to one reader
record PrintedElements(String[] texts, int width) {
  private static final double MAX_RATIO = 1000;
  private static final double MAX_FIXED = 1e8;
  private static final double MIN_FIXED = 1e-4;

  /// Integers and truth values.
  static PrintedElements of(String[] words) {
    int width = Arrays.stream(words).mapToInt(String::length).max().orElse(1);
    return new PrintedElements(padded(words, width), width);
  }

  static PrintedElements of(double[] values, PrintOptions options) {
    double[] nonzero = Arrays.stream(values).filter(v -> v != 0 && Double.isFinite(v)).toArray();
    boolean whole = Arrays.stream(nonzero).allMatch(v -> v == Math.ceil(v));
    DoubleFunction<String> number;
    if (nonzero.length > 0 && isScientific(nonzero, options)) {
      number = v -> PythonNumbers.scientific(v, options.precision());
    } else if (whole) {
      number = v -> PythonNumbers.fixed(v, 0) + (Double.isFinite(v) ? "." : "");
    } else {
      number = v -> PythonNumbers.fixed(v, options.precision());
    }
    String[] texts = Arrays.stream(values).mapToObj(number).toArray(String[]::new);
    int width = 1;
    for (int i = 0; i < values.length; i++) {
      // Zeros, infinities and NaN do not count, as in Python.
      if (values[i] != 0 && Double.isFinite(values[i])) width = Math.max(width, texts[i].length());
    }
    return new PrintedElements(padded(texts, width), width);
  }

  private static boolean isScientific(double[] nonzero, PrintOptions options) {
    if (options.sciMode() != null) return options.sciMode();
    double max = Arrays.stream(nonzero).map(Math::abs).max().orElseThrow();
    double min = Arrays.stream(nonzero).map(Math::abs).min().orElseThrow();
    return max / min > MAX_RATIO || max > MAX_FIXED || min < MIN_FIXED;
  }

  /// Complex numbers, from pairs of parts.
  static PrintedElements ofPairs(double[] parts, PrintOptions options) {
    int count = parts.length / 2;
    double[] real = new double[count];
    double[] imag = new double[count];
    for (int i = 0; i < count; i++) {
      real[i] = parts[2 * i];
      imag[i] = parts[2 * i + 1];
    }
    PrintedElements first = of(real, options);
    PrintedElements second = of(imag, options);
    String[] texts = new String[count];
    for (int i = 0; i < count; i++) {
      String imaginary = second.texts[i].stripLeading() + "j";
      texts[i] = first.texts[i] + (imaginary.startsWith("-") ? "" : "+") + imaginary;
    }
    return new PrintedElements(texts, first.width + second.width + 1);
  }

  private static String[] padded(String[] texts, int width) {
    String[] padded = new String[texts.length];
    for (int i = 0; i < texts.length; i++) {
      padded[i] = " ".repeat(Math.max(0, width - texts[i].length())) + texts[i];
    }
    return padded;
  }
}
