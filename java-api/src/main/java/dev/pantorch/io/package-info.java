/// Tensors in files.
@NullMarked
package dev.pantorch.io;

import org.jspecify.annotations.NullMarked;
