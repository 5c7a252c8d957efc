/// Traces and scripts.
@NullMarked
package dev.pantorch.jit;

import org.jspecify.annotations.NullMarked;
