/// Memory over a long time.
@NullMarked
package dev.pantorch.soak;

import org.jspecify.annotations.NullMarked;
