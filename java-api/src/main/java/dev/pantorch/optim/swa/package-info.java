/// Averages of weights: `torch.optim.swa_utils`.
@NullMarked
package dev.pantorch.optim.swa;

import org.jspecify.annotations.NullMarked;
