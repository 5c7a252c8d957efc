package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import java.util.List;

/// The line search of L-BFGS: looks for a step after which the loss has fallen by enough of what
/// its slope promises and the slope itself has flattened (the strong Wolfe conditions), by cubic
/// interpolation, first outwards and then within a bracket.
final class StrongWolfe {
  private static final Scalar ZERO = Scalar.of(0);
  private static final double C1 = 1e-4;
  private static final double C2 = 0.9;

  /// One place on the line.
  private record Point(Scalar step, double loss, Tensor grad, Scalar slope) {}

  /// Where the search begins.
  ///
  /// @param direction the way
  /// @param loss the loss here
  /// @param grad the gradient here
  /// @param slope that along the way
  /// @param step the first one to try
  record Start(Tensor direction, double loss, Tensor grad, Scalar slope, Scalar step) {}

  /// Where the search has ended.
  ///
  /// @param loss the loss there
  /// @param grad the gradient there
  /// @param step how far it is
  /// @param evals how often the loss was computed
  record Found(double loss, Tensor grad, Scalar step, int evals) {}

  private final FlatParameters flat;
  private final List<Tensor> values;
  private final Tensor direction;
  private final Point origin;
  private final Scalar width;
  private int evals;

  private StrongWolfe(FlatParameters flat, Start start, Scalar toleranceChange) {
    this.flat = flat;
    this.values = flat.values();
    this.direction = start.direction;
    this.origin = new Point(ZERO, start.loss, start.grad, start.slope);
    this.width = toleranceChange;
  }

  /// Searches.
  ///
  /// @param flat the parameters, which are where they were afterwards
  /// @param start where from
  /// @param toleranceChange the width at which a bracket is narrow enough
  /// @param maxIterations how often to try another step than the first
  static Found search(FlatParameters flat, Start start, Scalar toleranceChange, int maxIterations) {
    return TensorScope.scope(
        () -> new StrongWolfe(flat, start, toleranceChange).from(start.step, maxIterations));
  }

  private Point at(Scalar step) {
    flat.add(direction, step.value());
    double loss = flat.loss();
    Tensor grad = flat.grad();
    flat.set(values);
    evals++;
    return new Point(step, loss, grad, Scalar.of(grad.dot(direction)));
  }

  private boolean isTooHigh(Point point) {
    Scalar promised = Scalar.of(C1).times(point.step).times(origin.slope);
    return Scalar.of(origin.loss).plus(promised).isLess(Scalar.of(point.loss));
  }

  private boolean isFlat(Point point) {
    return point.slope.abs().isAtMost(Scalar.of(-C2).times(origin.slope));
  }

  private static boolean isNotNegative(Scalar value) {
    return ZERO.isAtMost(value);
  }

  private Found from(Scalar first, int maxIterations) {
    Point last = origin;
    Point point = at(first);
    int iterations = 0;
    while (iterations < maxIterations) {
      if (isTooHigh(point) || (iterations > 1 && point.loss >= last.loss)) {
        return within(last, point, iterations, maxIterations);
      }
      if (isFlat(point)) return found(point);
      if (isNotNegative(point.slope)) return within(last, point, iterations, maxIterations);
      Scalar least = point.step.plus(Scalar.of(0.01).times(point.step.minus(last.step)));
      Scalar next = interpolate(last, point, least, point.step.times(10));
      last = point;
      point = at(next);
      iterations++;
    }
    return found(origin.loss <= point.loss ? origin : point);
  }

  private Found found(Point point) {
    return new Found(point.loss, point.grad, point.step, evals);
  }

  private Found within(Point a, Point b, int before, int maxIterations) {
    Point[] bracket = {a, b};
    Scalar size = Scalar.of(direction.abs().max());
    boolean slow = false;
    int low = lower(bracket);
    for (int iterations = before; iterations < maxIterations; iterations++) {
      Scalar left = bracket[0].step;
      Scalar right = bracket[1].step;
      if (right.minus(left).abs().times(size).isLess(width)) break;
      Scalar least = Scalar.min(left, right);
      Scalar most = Scalar.max(left, right);
      Scalar step =
          left.isAtMost(right)
              ? interpolate(bracket[0], bracket[1], left, right)
              : interpolate(bracket[0], bracket[1], right, left);
      // A step that stays at an end of the bracket twice, or leaves it, goes a tenth inwards.
      Scalar margin = Scalar.of(0.1).times(most.minus(least));
      if (Scalar.min(most.minus(step), step.minus(least)).isLess(margin)) {
        if (slow || most.isAtMost(step) || step.isAtMost(least)) {
          boolean nearMost = step.minus(most).abs().isLess(step.minus(least).abs());
          step = nearMost ? most.minus(margin) : least.plus(margin);
          slow = false;
        } else {
          slow = true;
        }
      } else {
        slow = false;
      }
      Point point = at(step);
      if (isTooHigh(point) || point.loss >= bracket[low].loss) {
        bracket[1 - low] = point;
        low = lower(bracket);
      } else {
        boolean done = isFlat(point);
        Scalar way = bracket[1 - low].step.minus(bracket[low].step);
        if (!done && isNotNegative(point.slope.times(way))) bracket[1 - low] = bracket[low];
        bracket[low] = point;
        if (done) break;
      }
    }
    return found(bracket[low]);
  }

  private static int lower(Point[] bracket) {
    return bracket[0].loss <= bracket[1].loss ? 0 : 1;
  }

  /// The minimum of the cubic through two points with their slopes, within bounds.
  private static Scalar interpolate(Point a, Point b, Scalar least, Scalar most) {
    Scalar chord = Scalar.of(3 * (a.loss - b.loss)).dividedBy(a.step.minus(b.step));
    Scalar d1 = a.slope.plus(b.slope).minus(chord);
    Scalar square = d1.times(d1).minus(a.slope.times(b.slope));
    if (!isNotNegative(square)) return least.plus(most).dividedBy(2);
    Scalar d2 = square.sqrt();
    boolean ordered = a.step.isAtMost(b.step);
    Point left = ordered ? a : b;
    Point right = ordered ? b : a;
    Scalar part =
        right.slope.plus(d2).minus(d1).dividedBy(right.slope.minus(left.slope).plus(d2.times(2)));
    Scalar step = right.step.minus(right.step.minus(left.step).times(part));
    return Scalar.min(Scalar.max(step, least), most);
  }
}
