/// What becomes of a program on a machine that is not as it should be.
@NullMarked
package dev.pantorch.loading;

import org.jspecify.annotations.NullMarked;
