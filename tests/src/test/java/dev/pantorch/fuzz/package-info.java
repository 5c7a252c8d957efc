/// Every generated operator called with random, extreme and wrong arguments, in child processes.
@NullMarked
package dev.pantorch.fuzz;

import org.jspecify.annotations.NullMarked;
