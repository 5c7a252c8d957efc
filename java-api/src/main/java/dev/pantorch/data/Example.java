package dev.pantorch.data;

import dev.pantorch.Tensor;

/// What a model is given and what it should answer; also a batch of these.
///
/// @param input the model's input
/// @param target the answer
public record Example(Tensor input, Tensor target) {}
