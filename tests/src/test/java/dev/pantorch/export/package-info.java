@NullMarked
package dev.pantorch.export;

import org.jspecify.annotations.NullMarked;
