package dev.pantorch.train;

import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.ParamGroup;
import dev.pantorch.train.plot.LearningRatePlot;
import java.util.ArrayList;
import java.util.List;

/// Tries learning rates from a small to a great one, a step with each, and looks at what the loss
/// does. Options of {@link Trainer#findLearningRate}.
///
/// ```java
/// LearningRateFinder.Result found = trainer.findLearningRate(f -> f.from(1e-6).to(1));
/// found.plot().save(Path.of("rates.png"));
/// double rate = found.suggestion();
/// ```
///
/// [Cyclical Learning Rates for Training Neural Networks](https://arxiv.org/abs/1506.01186),
/// smoothed and with a suggestion as Lightning's finder has it.
public final class LearningRateFinder {
  private static final double SMOOTHING = 0.98;
  private static final int SKIPPED_AT_BEGIN = 10;

  private double from = 1e-8;
  private double to = 1;
  private int steps = 100;
  private double stopAt = 4;

  LearningRateFinder() {}

  /// The first rate.
  ///
  /// @param rate 1e-8 unless set
  /// @return these options
  public LearningRateFinder from(double rate) {
    this.from = rate;
    return this;
  }

  /// The last rate.
  ///
  /// @param rate 1 unless set
  /// @return these options
  public LearningRateFinder to(double rate) {
    this.to = rate;
    return this;
  }

  /// How many steps are made. Batches are taken anew when there are no more.
  ///
  /// @param steps 100 unless set
  /// @return these options
  public LearningRateFinder steps(int steps) {
    this.steps = steps;
    return this;
  }

  /// When to stop early: at a loss of so many times the lowest.
  ///
  /// @param factor 4 unless set
  /// @return these options
  public LearningRateFinder stopAt(double factor) {
    this.stopAt = factor;
    return this;
  }

  /// What was tried.
  ///
  /// @param rates the learning rates, rising
  /// @param losses the smoothed loss at each
  /// @param suggestion the rate at which the loss falls fastest; NaN if too few steps were made to
  ///   tell
  public record Result(List<Double> rates, List<Double> losses, double suggestion) {
    /// The loss over the rates.
    ///
    /// @return a plot
    public LearningRatePlot plot() {
      return new LearningRatePlot(array(rates), array(losses), suggestion);
    }
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private void check() {
    if (!(from > 0) || !(to > from)) {
      throw new ValueException(
          "learning rates must rise from above 0, but go from %s to %s".formatted(from, to));
    }
    if (steps < 2) throw new ValueException("steps must be 2 or more, not " + steps);
  }

  <M extends Module, B> Result run(
      Stepper<M, B> stepper, Objective<M, B> objective, Iterable<B> loader) {
    check();
    List<Double> rates = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    double average = 0;
    double lowest = Double.NaN;
    Batches<B> batches = new Batches<>(loader, 0);
    try (var pass = objective.start(stepper.model)) {
      stepper.model.train();
      while (rates.size() < steps) {
        int made = rates.size();
        if (!batches.hasNext()) {
          batches.close();
          batches = new Batches<>(loader, 0);
          pass.reset();
          if (!batches.hasNext()) throw new ValueException("there are no batches to train on");
        }
        double rate = from * Math.pow(to / from, made / (steps - 1.0));
        for (ParamGroup<?> group : stepper.optimizer.paramGroups()) group.lr(rate);
        double loss;
        try (var scope = TensorScope.open()) {
          stepper.optimizer.zeroGrad();
          B batch = stepper.toDevice(batches.next());
          var micro =
              stepper
              .new Micro(pass, batch, 1, new DivergenceException.Position(1, made + 1, made + 1));
          loss = micro.loss;
          if (Double.isFinite(loss)) micro.step();
          pass.commit();
        }
        average = SMOOTHING * average + (1 - SMOOTHING) * loss;
        double smoothed = average / (1 - Math.pow(SMOOTHING, made + 1));
        if (!Double.isFinite(smoothed) || (made > 0 && smoothed > stopAt * lowest)) break;
        rates.add(rate);
        losses.add(smoothed);
        if (made == 0 || smoothed < lowest) lowest = smoothed;
      }
    } finally {
      batches.close();
    }
    return new Result(List.copyOf(rates), List.copyOf(losses), suggestion(rates, losses));
  }

  /// The rate at which the loss falls fastest, by differences between neighbours; the first ten,
  /// where the average has just begun, and the last do not count.
  static double suggestion(List<Double> rates, List<Double> losses) {
    int end = losses.size() - 1;
    double suggestion = Double.NaN;
    double steepest = Double.POSITIVE_INFINITY;
    if (end - SKIPPED_AT_BEGIN < 2) return suggestion;
    for (int i = SKIPPED_AT_BEGIN; i < end; i++) {
      int before = Math.max(i - 1, SKIPPED_AT_BEGIN);
      int after = Math.min(i + 1, end - 1);
      double slope = (losses.get(after) - losses.get(before)) / (after - before);
      if (slope < steepest) {
        steepest = slope;
        suggestion = rates.get(i);
      }
    }
    return suggestion;
  }
}
