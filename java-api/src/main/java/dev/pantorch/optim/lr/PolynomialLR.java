package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lowers the learning rate to 0 over `totalIters` epochs: $base (1 - epoch / total)^{power}$.
///
/// ```java
/// PolynomialLR scheduler = new PolynomialLR(optimizer, o -> o.totalIters(100).power(2));
/// ```
///
/// [torch.optim.lr_scheduler.PolynomialLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.PolynomialLR.html)
public final class PolynomialLR extends LRScheduler {
  private int totalIters;
  private double power;

  /// Options of {@link PolynomialLR}.
  public static final class Options extends SchedulerOptions<Options> {
    private int totalIters = 5;
    private double power = 1;

    private Options() {}

    /// After how many epochs the rate is 0.
    ///
    /// @param totalIters 5 unless set
    /// @return these options
    public Options totalIters(int totalIters) {
      this.totalIters = totalIters;
      return this;
    }

    /// The power of the polynomial.
    ///
    /// @param power 1 unless set
    /// @return these options
    public Options power(double power) {
      this.power = power;
      return this;
    }
  }

  /// Begins the schedule with the usual options.
  ///
  /// @param optimizer whose rates are set
  public PolynomialLR(Optimizer<?> optimizer) {
    this(optimizer, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the schedule goes on and the optimizer's groups have no
  ///   `initial_lr`
  public PolynomialLR(Optimizer<?> optimizer, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    totalIters = options.totalIters;
    power = options.power;
    super(optimizer, options.lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    if (isInitial() || lastEpoch() > totalIters) return currentLr();
    double present = 1 - PythonMath.divide(lastEpoch(), totalIters);
    double before = 1 - (lastEpoch() - 1) / (double) totalIters;
    return currentLr(PythonMath.pow(PythonMath.divide(present, before), power));
  }

  @Override
  protected List<Double> closedFormLr() {
    double left = 1 - PythonMath.divide(Math.min(totalIters, lastEpoch()), totalIters);
    return baseLrs(PythonMath.pow(left, power));
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("total_iters", totalIters);
    state.put("power", power);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    totalIters = (int) StateValues.number(state, "total_iters");
    power = StateValues.number(state, "power");
  }
}
