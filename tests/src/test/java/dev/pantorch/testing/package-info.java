/// What tests say about tensors, and how they start processes.
@NullMarked
package dev.pantorch.testing;

import org.jspecify.annotations.NullMarked;
