package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Changes the factor on the learning rate evenly from `startFactor` to `endFactor` over
/// `totalIters` epochs: a warm-up.
///
/// ```java
/// LinearLR warmup = new LinearLR(optimizer, o -> o.startFactor(0.1).totalIters(10));
/// ```
///
/// [torch.optim.lr_scheduler.LinearLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LinearLR.html)
public final class LinearLR extends LRScheduler {
  private double startFactor;
  private double endFactor;
  private int totalIters;

  /// Options of {@link LinearLR}.
  public static final class Options extends SchedulerOptions<Options> {
    private double startFactor = 1.0 / 3;
    private double endFactor = 1;
    private int totalIters = 5;

    private Options() {}

    /// The factor of the first epoch.
    ///
    /// @param startFactor greater than 0, up to 1; 1/3 unless set
    /// @return these options
    public Options startFactor(double startFactor) {
      this.startFactor = startFactor;
      return this;
    }

    /// The factor from the last of the epochs on.
    ///
    /// @param endFactor from 0 to 1; 1 unless set
    /// @return these options
    public Options endFactor(double endFactor) {
      this.endFactor = endFactor;
      return this;
    }

    /// After how many epochs the last factor is reached.
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
  public LinearLR(Optimizer<?> optimizer) {
    this(optimizer, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if an option is out of range, or the schedule goes on and
  ///   the optimizer's groups have no `initial_lr`
  public LinearLR(Optimizer<?> optimizer, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    if (options.startFactor > 1 || options.startFactor <= 0) {
      throw new ValueException(
          "Starting multiplicative factor expected to be greater than 0 and less or equal to 1.");
    }
    if (options.endFactor > 1 || options.endFactor < 0) {
      throw new ValueException("Ending multiplicative factor expected to be between 0 and 1.");
    }
    startFactor = options.startFactor;
    endFactor = options.endFactor;
    totalIters = options.totalIters;
    super(optimizer, options.lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    if (lastEpoch() == 0) return currentLr(startFactor);
    if (isInitial() || lastEpoch() > totalIters) return currentLr();
    double change = endFactor - startFactor;
    return currentLr(
        1 + PythonMath.divide(change, totalIters * startFactor + (lastEpoch() - 1) * change));
  }

  @Override
  protected List<Double> closedFormLr() {
    double change = (endFactor - startFactor) * Math.min(totalIters, lastEpoch());
    return baseLrs(startFactor + PythonMath.divide(change, totalIters));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("start_factor", startFactor);
    state.put("end_factor", endFactor);
    state.put("total_iters", totalIters);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    startFactor = StateValues.number(state, "start_factor");
    endFactor = StateValues.number(state, "end_factor");
    totalIters = (int) StateValues.number(state, "total_iters");
  }
}
