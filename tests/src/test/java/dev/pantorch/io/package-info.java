/// Files of tensors.
@NullMarked
package dev.pantorch.io;

import org.jspecify.annotations.NullMarked;
