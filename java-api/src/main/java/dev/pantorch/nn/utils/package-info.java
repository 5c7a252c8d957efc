/// What training loops do to parameters and gradients: `torch.nn.utils`.
@NullMarked
package dev.pantorch.nn.utils;

import org.jspecify.annotations.NullMarked;
