/// The operators of libtorch as generated Java methods, in families by the sections of PyTorch's
/// reference.
///
/// The interfaces here are what a [dev.pantorch.Tensor] can do: [dev.pantorch.ops.TensorOps]
/// gathers them. Functions are in `Torch`, `Linalg`, `Fft`, `Special` and `nn.Functional`, and here
/// those that few programs need: [dev.pantorch.ops.Foreach] and [dev.pantorch.ops.Fused] for
/// optimizers, [dev.pantorch.ops.Backward] and [dev.pantorch.ops.Backends], and
/// [dev.pantorch.ops.Internal] for what Python's torch does not show. The records hold the results
/// of operators that have several.
///
/// How names, defaults and overloads come about is written in `native/codegen/README.md`.
@NullMarked
package dev.pantorch.ops;

import org.jspecify.annotations.NullMarked;
