package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Multiplies the learning rate by `factor` until `totalIters` epochs have passed.
///
/// ```java
/// ConstantLR scheduler = new ConstantLR(optimizer, o -> o.factor(0.5).totalIters(4));
/// ```
///
/// [torch.optim.lr_scheduler.ConstantLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ConstantLR.html)
public final class ConstantLR extends LRScheduler {
  private double factor;
  private int totalIters;

  /// Options of {@link ConstantLR}.
  public static final class Options extends SchedulerOptions<Options> {
    private double factor = 1.0 / 3;
    private int totalIters = 5;

    private Options() {}

    /// The factor on the rates.
    ///
    /// @param factor from 0 to 1; 1/3 unless set
    /// @return these options
    public Options factor(double factor) {
      this.factor = factor;
      return this;
    }

    /// For how many epochs.
    ///
    /// @param totalIters 5 unless set
    /// @return these options
    public Options totalIters(int totalIters) {
      this.totalIters = totalIters;
      return this;
    }
  }

  /// Begins the schedule with the usual options.
  ///
  /// @param optimizer whose rates are set
  public ConstantLR(Optimizer<?> optimizer) {
    this(optimizer, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if an option is out of range, or the schedule goes on and
  ///   the optimizer's groups have no `initial_lr`
  public ConstantLR(Optimizer<?> optimizer, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    if (options.factor > 1 || options.factor < 0) {
      throw new ValueException("Constant multiplicative factor expected to be between 0 and 1.");
    }
    factor = options.factor;
    totalIters = options.totalIters;
    super(optimizer, options.lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    if (lastEpoch() == 0) return currentLr(factor);
    return lastEpoch() == totalIters ? currentLr(PythonMath.divide(1, factor)) : currentLr();
  }

  @Override
  protected List<Double> closedFormLr() {
    return baseLrs(factor + (lastEpoch() >= totalIters ? 1 - factor : 0));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("factor", factor);
    state.put("total_iters", totalIters);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    factor = StateValues.number(state, "factor");
    totalIters = (int) StateValues.number(state, "total_iters");
  }
}
