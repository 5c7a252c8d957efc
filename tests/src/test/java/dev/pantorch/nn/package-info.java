/// Modules, layers, losses, initial values and clipping.
@NullMarked
package dev.pantorch.nn;

import org.jspecify.annotations.NullMarked;
