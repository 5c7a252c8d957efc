/// Training beyond the plain loop: {@code Trainer}, callbacks, history, checks and finders.
@NullMarked
package dev.pantorch.train;

import org.jspecify.annotations.NullMarked;
