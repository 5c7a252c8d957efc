@NullMarked
package dev.pantorch.serve;

import org.jspecify.annotations.NullMarked;
