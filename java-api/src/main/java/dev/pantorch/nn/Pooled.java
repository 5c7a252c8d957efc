package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Maxima with the places they came from.
///
/// @param output the maxima
/// @param indices where each stood in its channel, counted over the flattened spatial dimensions,
///   int64
public record Pooled(Tensor output, Tensor indices) {}
