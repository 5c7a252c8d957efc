package dev.pantorch.nn;

import java.util.Locale;

/// Paddings of a convolution that have a name instead of a size.
public enum Padding {
  /// None: the window stays inside the input.
  VALID,
  /// As much as gives the output the input's size; for a stride of 1 only.
  SAME;

  /// Python's word, `same`.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
