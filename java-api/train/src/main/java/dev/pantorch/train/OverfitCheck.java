package dev.pantorch.train;

import dev.pantorch.TensorScope;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.List;

/// Trains on one batch over and over: a model and a loss that are put together rightly learn it by
/// heart. Options of {@link Trainer#overfitOneBatch}.
///
/// ```java
/// OverfitCheck.Result check = trainer.overfitOneBatch(o -> o.steps(200));
/// System.out.println(check);
/// ```
public final class OverfitCheck {
  private int steps = 100;
  private double target = Double.NaN;

  OverfitCheck() {}

  /// How many steps are made at most.
  ///
  /// @param steps 100 unless set
  /// @return these options
  public OverfitCheck steps(int steps) {
    if (steps < 1) throw new ValueException("steps must be 1 or more, not " + steps);
    this.steps = steps;
    return this;
  }

  /// Which loss counts as learned by heart.
  ///
  /// @param target a tenth of the first loss unless set
  /// @return these options
  public OverfitCheck target(double target) {
    this.target = target;
    return this;
  }

  /// What came out.
  ///
  /// @param losses the loss of each step, before it
  /// @param target the loss that was to be reached
  /// @param passed whether it was
  public record Result(List<Double> losses, double target, boolean passed) {
    /// A sentence for people, with what to look at where the check has failed.
    @Override
    public String toString() {
      String text =
          "loss %s after %d steps on one batch, from %s"
              .formatted(
                  History.text(losses.getLast()), losses.size(), History.text(losses.getFirst()));
      return passed
          ? "passed: " + text
          : "failed: %s; %s was to be reached. Look for labels that do not belong to their inputs, a loss that does not fit the output (logits or probabilities, shapes that broadcast), frozen parameters or parameters the optimizer was not given, and a learning rate that is too small or too great"
              .formatted(text, History.text(target));
    }
  }

  <M extends Module, B> Result run(
      Stepper<M, B> stepper, Objective<M, B> objective, Iterable<B> loader) {
    List<Double> losses = new ArrayList<>();
    double wanted = target;
    try (var scope = TensorScope.open();
        var batches = new Batches<>(loader, 0)) {
      if (!batches.hasNext()) throw new ValueException("there are no batches to train on");
      B batch = stepper.toDevice(batches.next());
      stepper.model.train();
      while (losses.size() < steps && (losses.isEmpty() || losses.getLast() > wanted)) {
        try (var step = TensorScope.open();
            var pass = objective.start(stepper.model)) {
          stepper.optimizer.zeroGrad();
          int number = losses.size() + 1;
          var micro =
              stepper.new Micro(pass, batch, 1, new DivergenceException.Position(1, 1, number));
          losses.add(micro.loss);
          if (Double.isNaN(wanted)) wanted = micro.loss / 10;
          micro.step();
        }
      }
    }
    return new Result(List.copyOf(losses), wanted, losses.getLast() <= wanted);
  }
}
