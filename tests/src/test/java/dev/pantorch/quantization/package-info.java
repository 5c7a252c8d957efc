/// Traces and scripts.
@NullMarked
package dev.pantorch.quantization;

import org.jspecify.annotations.NullMarked;
