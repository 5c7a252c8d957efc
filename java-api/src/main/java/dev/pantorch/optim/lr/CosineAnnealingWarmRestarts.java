package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.internal.PythonText;
import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lowers the learning rate along half a cosine wave and starts again from the initial one: after
/// `t0` epochs, and after periods that are `tMult` times as long as the one before (Loshchilov and
/// Hutter 2016).
///
/// ```java
/// CosineAnnealingWarmRestarts scheduler = new CosineAnnealingWarmRestarts(optimizer, 10, o -> o.tMult(2));
/// for (int epoch = 0; epoch < 30; epoch++) {
///   for (int batch = 0; batch < batches; batch++) {
///     train(); // calls optimizer.step()
///     scheduler.step(epoch + batch / (double) batches);
///   }
/// }
/// ```
///
/// [torch.optim.lr_scheduler.CosineAnnealingWarmRestarts](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html)
public final class CosineAnnealingWarmRestarts extends LRScheduler {
  private int t0;
  private long period;
  private int tMult;
  private double etaMin;
  private double position;

  /// Options of {@link CosineAnnealingWarmRestarts}.
  public static final class Options extends SchedulerOptions<Options> {
    private int tMult = 1;
    private double etaMin;

    private Options() {}

    /// The factor on the length of each period.
    ///
    /// @param tMult at least 1; 1 unless set
    /// @return these options
    public Options tMult(int tMult) {
      this.tMult = tMult;
      return this;
    }

    /// The least rate.
    ///
    /// @param etaMin 0 unless set
    /// @return these options
    public Options etaMin(double etaMin) {
      this.etaMin = etaMin;
      return this;
    }
  }

  /// Begins the schedule with the usual options.
  ///
  /// @param optimizer whose rates are set
  /// @param t0 the length of the first period in epochs
  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, int t0) {
    this(optimizer, t0, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param t0 the length of the first period in epochs
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if an option is out of range, or the schedule goes on and
  ///   the optimizer's groups have no `initial_lr`
  public CosineAnnealingWarmRestarts(Optimizer<?> optimizer, int t0, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    if (t0 <= 0) throw new ValueException("Expected positive integer T_0, but got " + t0);
    if (options.tMult < 1) {
      throw new ValueException("Expected integer T_mult >= 1, but got " + options.tMult);
    }
    this.t0 = t0;
    period = t0;
    tMult = options.tMult;
    etaMin = options.etaMin;
    position = options.lastEpoch;
    super(optimizer, options.lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    double cosine = CMath.cos(Math.PI * position / period);
    return baseLrs().stream().map(base -> etaMin + (base - etaMin) * (1 + cosine) / 2).toList();
  }

  @Override
  public void step() {
    if (lastEpoch() < 0) {
      step(0);
      return;
    }
    position++;
    if (position >= period) {
      position %= period;
      period *= tMult;
    }
    lastEpoch(lastEpoch() + 1);
    setLr(getLr());
  }

  /// Goes to a point in time and sets the rates, within an epoch for instance. Calls of {@link
  /// #step()} go on from there in whole epochs.
  ///
  /// @param epoch in epochs, 0 or more; 1.5 is the middle of the second one
  /// @throws ValueException if it is negative
  public void step(double epoch) {
    if (!(epoch >= 0)) {
      throw new ValueException("Expected non-negative epoch, but got " + PythonText.number(epoch));
    }
    if (epoch < t0) {
      period = t0;
      position = epoch;
    } else if (tMult == 1) {
      position = epoch % t0;
    } else {
      // How many periods are over; as in Python the logarithm may be off at their very ends.
      double periods = CMath.log(epoch / t0 * (tMult - 1) + 1) / CMath.log(tMult);
      long power = 1;
      for (int i = 0; i < (int) periods; i++) power *= tMult;
      position = epoch - t0 * (power - 1) / (double) (tMult - 1);
      period = t0 * power;
    }
    lastEpoch((int) Math.floor(epoch));
    setLr(getLr());
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("T_0", t0);
    state.put("T_i", period);
    state.put("T_mult", tMult);
    state.put("eta_min", etaMin);
    boolean whole = position == Math.rint(position);
    state.put("T_cur", whole ? Long.valueOf((long) position) : (Number) position);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    t0 = (int) StateValues.number(state, "T_0");
    period = (long) StateValues.number(state, "T_i");
    tMult = (int) StateValues.number(state, "T_mult");
    etaMin = StateValues.number(state, "eta_min");
    position = StateValues.number(state, "T_cur");
  }
}
