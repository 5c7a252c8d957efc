/// Event files for TensorBoard.
@NullMarked
package dev.pantorch.train.tensorboard;

import org.jspecify.annotations.NullMarked;
