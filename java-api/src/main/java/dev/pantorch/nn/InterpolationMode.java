package dev.pantorch.nn;

import java.util.Locale;

/// How values between those of a grid are found.
public enum InterpolationMode {
  /// The nearest value, as older versions round: of one dimension to three.
  NEAREST,
  /// Linear, of one dimension.
  LINEAR,
  /// Linear in each of two dimensions.
  BILINEAR,
  /// Cubic in each of two dimensions.
  BICUBIC,
  /// Linear in each of three dimensions.
  TRILINEAR,
  /// The mean of the area that falls on a place: of one dimension to three.
  AREA,
  /// The nearest value, as image libraries round: of one dimension to three.
  NEAREST_EXACT,
  /// A windowed sinc in each of two dimensions, for smaller images with antialiasing.
  LANCZOS;

  /// Python's word, `nearest-exact`.
  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
