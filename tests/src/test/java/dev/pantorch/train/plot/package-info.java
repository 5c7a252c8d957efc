/// Pictures of training and results.
@NullMarked
package dev.pantorch.train.plot;

import org.jspecify.annotations.NullMarked;
