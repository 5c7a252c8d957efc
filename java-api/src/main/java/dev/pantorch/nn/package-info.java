/// Neural networks: modules and the functions that they are made of.
@NullMarked
package dev.pantorch.nn;

import org.jspecify.annotations.NullMarked;
