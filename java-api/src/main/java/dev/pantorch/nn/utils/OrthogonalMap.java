package dev.pantorch.nn.utils;

/// How {@link Parametrizations#orthogonal} makes a matrix orthogonal.
public enum OrthogonalMap {
  /// The exponential of a skew-symmetric matrix.
  MATRIX_EXP,
  /// The Cayley map $(I + A / 2)(I - A / 2)^{-1}$ of a skew-symmetric matrix.
  CAYLEY,
  /// A product of Householder reflections; not for complex matrices.
  HOUSEHOLDER
}
