/// Discovery and loading of libtorch and of libpantorch, the C shim over it.
@NullMarked
package dev.pantorch.ffi;

import org.jspecify.annotations.NullMarked;
