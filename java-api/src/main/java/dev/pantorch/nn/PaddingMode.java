package dev.pantorch.nn;

import java.util.Locale;

/// What a convolution sees beyond the border of its input.
public enum PaddingMode {
  /// Zeros.
  ZEROS,
  /// The input mirrored at its first and last element, which are not repeated.
  REFLECT,
  /// The first and the last element, repeated.
  REPLICATE,
  /// The input from its other end.
  CIRCULAR;

  /// Python's word, `reflect`.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
