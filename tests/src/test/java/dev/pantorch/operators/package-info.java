/// What the generator makes of libtorch's operators.
@NullMarked
package dev.pantorch.operators;

import org.jspecify.annotations.NullMarked;
