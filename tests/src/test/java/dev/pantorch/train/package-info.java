/// Trainer and what belongs to it.
@NullMarked
package dev.pantorch.train;

import org.jspecify.annotations.NullMarked;
