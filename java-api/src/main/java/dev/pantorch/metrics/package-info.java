/// Streaming metrics: they take batch after batch, on any device, and answer for all of them.
///
/// Figures are computed on the host in `float64`, from counts and sums that are Java numbers, so a
/// metric owns no tensor. A mask has the targets' shape; what is false does not count. Where
/// nothing has been counted yet, {@link dev.pantorch.metrics.Metric#compute()} is `NaN`. A metric
/// is for one thread.
@NullMarked
package dev.pantorch.metrics;

import org.jspecify.annotations.NullMarked;
