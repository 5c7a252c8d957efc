package dev.pantorch.nn;

/// What {@link Functional#gridSample} reads outside the image.
public enum GridPaddingMode {
  /// Zeros.
  ZEROS,
  /// The nearest value of the border.
  BORDER,
  /// The image mirrored at its border.
  REFLECTION
}
