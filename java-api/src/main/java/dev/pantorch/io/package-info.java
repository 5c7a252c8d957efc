/// Tensors in files: PyTorch's own, safetensors, and numpy's.
@NullMarked
package dev.pantorch.io;

import org.jspecify.annotations.NullMarked;
