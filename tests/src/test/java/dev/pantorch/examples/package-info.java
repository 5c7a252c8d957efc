/// The example programs from beginning to end.
@NullMarked
package dev.pantorch.examples;

import org.jspecify.annotations.NullMarked;
