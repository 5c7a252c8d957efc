/// Models whose weights take a quarter or half of the memory, and that often compute faster.
///
/// {@link dev.pantorch.quantization.Quantization#quantizeDynamic} quantizes a trained model, {@link
/// dev.pantorch.quantization.Quantization#quantize} one that has seen typical inputs, {@link
/// dev.pantorch.quantization.Quantization#compare} says what it gains and costs.
///
/// [torch.ao.quantization](https://docs.pytorch.org/docs/2.13/quantization.html)
@NullMarked
package dev.pantorch.quantization;

import org.jspecify.annotations.NullMarked;
