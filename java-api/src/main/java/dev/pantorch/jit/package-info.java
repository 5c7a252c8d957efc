/// TorchScript: Java modules traced into programs that Python and C++ run, and programs of theirs
/// run and trained here.
///
/// {@link dev.pantorch.jit.Jit#trace} records what a model calls, {@link
/// dev.pantorch.jit.ScriptModule#save} writes it, {@link dev.pantorch.jit.Jit#load} reads it and
/// everything that `torch.jit.save` has written. {@link dev.pantorch.jit.Graph} is what was
/// recorded, node by node.
///
/// [torch.jit](https://docs.pytorch.org/docs/2.13/jit.html)
@NullMarked
package dev.pantorch.jit;

import org.jspecify.annotations.NullMarked;
