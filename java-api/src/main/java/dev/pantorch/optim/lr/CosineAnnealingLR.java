package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Lowers the learning rate along half a cosine wave, from the initial one to `etaMin` in `tMax`
/// epochs, and raises it again in the next `tMax` (Loshchilov and Hutter 2016, without restarts).
///
/// ```java
/// CosineAnnealingLR scheduler = new CosineAnnealingLR(optimizer, 100, o -> o.etaMin(1e-5));
/// ```
///
/// [torch.optim.lr_scheduler.CosineAnnealingLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html)
public final class CosineAnnealingLR extends LRScheduler {
  private int tMax;
  private double etaMin;

  /// Options of {@link CosineAnnealingLR}.
  public static final class Options extends SchedulerOptions<Options> {
    private double etaMin;

    private Options() {}

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
  /// @param tMax half the period in epochs, not 0
  public CosineAnnealingLR(Optimizer<?> optimizer, int tMax) {
    this(optimizer, tMax, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param tMax half the period in epochs, not 0
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if the period is 0, or the schedule goes on and the
  ///   optimizer's groups have no `initial_lr`
  public CosineAnnealingLR(Optimizer<?> optimizer, int tMax, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    if (tMax == 0) throw new ValueException("Expected T_max other than 0, but got 0");
    this.tMax = tMax;
    etaMin = options.etaMin;
    super(optimizer, options.lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    if (isInitial()) return currentLr();
    int epoch = lastEpoch();
    // A schedule that went on from a later epoch has no present rates to go by.
    if (stepCount() == 1 && epoch > 0) return annealed(CMath.cos(epoch * Math.PI / tMax));
    List<Double> present = currentLr();
    if ((epoch - 1 - tMax) % (2 * tMax) == 0) {
      double rise = 1 - CMath.cos(Math.PI / tMax);
      List<Double> base = baseLrs();
      return IntStream.range(0, base.size())
          .mapToObj(i -> present.get(i) + (base.get(i) - etaMin) * rise / 2)
          .toList();
    }
    double factor =
        (1 + CMath.cos(Math.PI * epoch / tMax)) / (1 + CMath.cos(Math.PI * (epoch - 1) / tMax));
    return present.stream().map(rate -> factor * (rate - etaMin) + etaMin).toList();
  }

  @Override
  protected List<Double> closedFormLr() {
    return annealed(CMath.cos(Math.PI * lastEpoch() / tMax));
  }

  private List<Double> annealed(double cosine) {
    return baseLrs().stream().map(base -> etaMin + (base - etaMin) * (1 + cosine) / 2).toList();
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("T_max", tMax);
    state.put("eta_min", etaMin);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    tMax = (int) StateValues.number(state, "T_max");
    etaMin = StateValues.number(state, "eta_min");
  }
}
