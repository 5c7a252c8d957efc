/// Helpers on the parameters of models.
@NullMarked
package dev.pantorch.nn.utils;

import org.jspecify.annotations.NullMarked;
