/// Tensors, autograd and everything else that PyTorch keeps at the root of `torch`.
@NullMarked
package dev.pantorch;

import org.jspecify.annotations.NullMarked;
