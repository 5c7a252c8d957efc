/// Optimizers and schedules.
@NullMarked
package dev.pantorch.optim;

import org.jspecify.annotations.NullMarked;
