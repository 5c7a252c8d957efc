package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.List;

/// Gradients of a large batch from several small ones, for want of memory: says by how much a loss
/// is to be scaled and when to step. Python has none; there it is written by hand.
///
/// ```java
/// GradientAccumulation accumulation = new GradientAccumulation(4);
/// for (Example batch : loader) {
///   Tensor loss = criterion.forward(model.forward(batch.input()), batch.target());
///   accumulation.scale(loss, batch.input().size(0)).backward();
///   if (accumulation.isDue()) {
///     accumulation.settle(model.parameters());
///     optimizer.step();
///     optimizer.zeroGrad();
///   }
/// }
/// if (accumulation.settle(model.parameters())) optimizer.step(); // what was left over
/// ```
///
/// The loss has to be a mean over its batch. With {@link #scale(Tensor, long)} the gradients are
/// those of the mean over all samples, whatever the sizes of the batches, but for rounding; what
/// looks at a whole batch, as batch normalisation does, still sees small ones.
public final class GradientAccumulation {
  private final int batches;
  private int count;
  private double weight;
  private long firstSamples;
  private boolean settled = true;

  /// A helper that asks for a step after each so many batches.
  ///
  /// @param batches how many small batches make a large one
  /// @throws ValueException if it is not positive
  public GradientAccumulation(int batches) {
    if (batches < 1) {
      throw new ValueException(
          "the number of batches to accumulate should be >= 1, got " + batches);
    }
    this.batches = batches;
  }

  /// Scales the loss of the next batch, of the same size as the others.
  ///
  /// @param loss the mean over the batch
  /// @return the loss to go backward from
  public Tensor scale(Tensor loss) {
    return scale(loss, 1);
  }

  /// Scales the loss of the next batch by its size, in proportion to the first one's.
  ///
  /// @param loss the mean over the batch
  /// @param samples how many samples it is the mean of
  /// @return the loss to go backward from
  /// @throws ValueException if the number of samples is not positive
  public Tensor scale(Tensor loss, long samples) {
    if (samples < 1) {
      throw new ValueException("the number of samples should be >= 1, got " + samples);
    }
    if (settled || count == batches) {
      count = 0;
      weight = 0;
      firstSamples = samples;
      settled = false;
    }
    double part = (double) samples / firstSamples;
    count++;
    weight += part;
    double factor = part / batches;
    return factor == 1 ? loss : loss.mul(factor);
  }

  /// Whether all batches of the large one are there.
  ///
  /// @return true from the last batch until the next one begins
  public boolean isDue() {
    return count == batches;
  }

  /// Makes gradients those of the mean over all samples since the last step. That changes them only
  /// where batches were of different sizes, or fewer than they should be.
  ///
  /// @param parameters whose gradients are meant
  /// @return whether there is anything to step along that has not been settled before
  public boolean settle(List<Tensor> parameters) {
    if (settled) return false;
    settled = true;
    double factor = batches / weight;
    if (factor != 1) {
      try (var scope = TensorScope.open();
          var mode = Torch.noGrad()) {
        List<Tensor> gradients = new ArrayList<>();
        for (Tensor parameter : parameters) {
          Tensor gradient = parameter.grad();
          if (gradient != null) gradients.add(gradient);
        }
        if (!gradients.isEmpty()) Foreach.mul_(gradients, factor);
      }
    }
    return true;
  }
}
