/// What tests say about tensors.
@NullMarked
package dev.pantorch.testing;

import org.jspecify.annotations.NullMarked;
