/// Replays what Python PyTorch computed: `tests/python` writes the fixtures, its README their
/// format.
@NullMarked
package dev.pantorch.parity;

import org.jspecify.annotations.NullMarked;
