/// Sequences of different lengths in one batch: `torch.nn.utils.rnn`.
@NullMarked
package dev.pantorch.nn.utils.rnn;

import org.jspecify.annotations.NullMarked;
