package dev.pantorch.onnx;

/// A whole number that depends on the inputs' sizes.
///
/// @param value the number, as a tensor of shape (1)
record SizeValue(OnnxValue value) {}
