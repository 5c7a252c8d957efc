/// Tensors themselves: data in and out, memory, indexing, conversions, printing, devices.
@NullMarked
package dev.pantorch.tensor;

import org.jspecify.annotations.NullMarked;
