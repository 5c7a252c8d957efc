package dev.pantorch.nn;

import dev.pantorch.Tensor;

/// Maxima with the places they came from.
///
/// ```java
/// Pooled pooled = new MaxPool1d(2).forwardWithIndices(x); // (32, 16, 50)
/// Tensor maxima = pooled.output(); // (32, 16, 25)
/// ```
///
/// @param output the maxima
/// @param indices where each stood in its channel, counted over the flattened spatial dimensions,
///   int64
public record Pooled(Tensor output, Tensor indices) {}
