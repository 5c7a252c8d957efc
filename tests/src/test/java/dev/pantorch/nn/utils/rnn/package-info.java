@NullMarked
package dev.pantorch.nn.utils.rnn;

import org.jspecify.annotations.NullMarked;
