/// Models that `torch.export` has exported and AOTInductor has compiled: `.pt2` packages.
///
/// ```java
/// try (AOTICompiledModel model = AOTInductor.loadPackage(Path.of("model.pt2"))) {
///   Tensor y = model.forward(x);
/// }
/// ```
@NullMarked
package dev.pantorch.export;

import org.jspecify.annotations.NullMarked;
