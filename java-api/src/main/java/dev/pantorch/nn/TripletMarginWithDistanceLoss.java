package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// {@link TripletMarginLoss} with a distance of one's own: $\max(0, d(a, p) - d(a, n) + margin)$.
///
/// ```java
/// TripletMarginWithDistanceLoss criterion =
///     new TripletMarginWithDistanceLoss(
///         o -> o.distanceFunction((a, b) -> Torch.rsub(Functional.cosineSimilarity(a, b), 1)));
/// Tensor loss = criterion.forward(anchor, positive, negative); // each (32, 64)
/// ```
///
/// **Shape.** Inputs as the distance takes them, of one number of dimensions, $(N, *)$; output a
/// scalar, or what the distance returns with {@link Reduction#NONE}.
///
/// [torch.nn.TripletMarginWithDistanceLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TripletMarginWithDistanceLoss.html)
public final class TripletMarginWithDistanceLoss extends Module {
  private final Reduction reduction;
  private final BinaryOperator<Tensor> distance;
  private final double margin;
  private final boolean swap;

  /// Options of {@link TripletMarginWithDistanceLoss}.
  public static final class Options extends Loss.Options<Options> {
    private @Nullable BinaryOperator<Tensor> distanceFunction;
    private double margin = 1.0;
    private boolean swap;

    private Options() {}

    /// Sets the distance.
    ///
    /// @param distanceFunction how far two tensors are apart; {@link PairwiseDistance}, which is
    ///   then part of the module as in Python, unless set
    /// @return these options
    public Options distanceFunction(@Nullable BinaryOperator<Tensor> distanceFunction) {
      this.distanceFunction = distanceFunction;
      return this;
    }

    /// Sets the margin.
    ///
    /// @param margin how far apart is far enough; 1.0 unless set
    /// @return these options
    public Options margin(double margin) {
      this.margin = margin;
      return this;
    }

    /// Takes the distance between positive and negative where it is the smaller one.
    ///
    /// @param swap whether to; false unless set
    /// @return these options
    public Options swap(boolean swap) {
      this.swap = swap;
      return this;
    }
  }

  /// The mean, with the Euclidean distance.
  public TripletMarginWithDistanceLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  /// @throws ValueException if the margin is not positive
  public TripletMarginWithDistanceLoss(Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    reduction = options.reduction;
    margin = options.margin;
    swap = options.swap;
    if (margin <= 0) {
      throw new ValueException(
          "TripletMarginWithDistanceLoss: expected margin to be greater than 0, got %s instead"
              .formatted(PythonText.number(margin)));
    }
    distance =
        Objects.requireNonNullElseGet(
            options.distanceFunction,
            () -> register("distance_function", new PairwiseDistance())::forward);
  }

  /// Computes the loss.
  ///
  /// @param anchor what is compared
  /// @param positive what is like it
  /// @param negative what is not
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    return hooked(new TripletMarginLoss.Input(anchor, positive, negative), this::compute);
  }

  private Tensor compute(TripletMarginLoss.Input in) {
    return Functional.tripletMarginWithDistanceLoss(
        in.anchor(), in.positive(), in.negative(), distance, margin, swap, reduction);
  }
}
