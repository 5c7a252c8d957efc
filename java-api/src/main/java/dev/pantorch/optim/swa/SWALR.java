package dev.pantorch.optim.swa;

import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import dev.pantorch.optim.lr.LRScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings the learning rate to the one at which weights are averaged, and holds it there.
///
/// ```java
/// SWALR scheduler = new SWALR(optimizer, 0.05, o -> o.annealEpochs(5));
/// for (int epoch = swaStart; epoch < epochs; epoch++) {
///   train();
///   averaged.updateParameters(model);
///   scheduler.step();
/// }
/// ```
///
/// [torch.optim.swa_utils.SWALR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.swa_utils.SWALR.html)
public final class SWALR extends LRScheduler {
  /// The way from one rate to the other.
  public enum AnnealStrategy {
    /// Half a wave of the cosine.
    COS,
    /// A straight line.
    LINEAR;

    private double part(double t) {
      return this == COS ? (1 - CMath.cos(Math.PI * t)) / 2 : t;
    }
  }

  /// Options of {@link SWALR}.
  public static final class Options {
    private int annealEpochs = 10;
    private AnnealStrategy annealStrategy = AnnealStrategy.COS;

    private Options() {}

    /// How many epochs the way takes.
    ///
    /// @param annealEpochs not negative, 10 unless set
    /// @return these options
    public Options annealEpochs(int annealEpochs) {
      this.annealEpochs = annealEpochs;
      return this;
    }

    /// The way from one rate to the other.
    ///
    /// @param annealStrategy COS unless set
    /// @return these options
    public Options annealStrategy(AnnealStrategy annealStrategy) {
      this.annealStrategy = annealStrategy;
      return this;
    }
  }

  private int annealEpochs;
  private AnnealStrategy annealStrategy;

  /// A schedule over 10 epochs.
  ///
  /// @param optimizer whose rates are set
  /// @param swaLr the rate to come to
  public SWALR(Optimizer<?> optimizer, double swaLr) {
    this(optimizer, swaLr, o -> {});
  }

  /// A schedule with options.
  ///
  /// @param optimizer whose rates are set
  /// @param swaLr the rate to come to
  /// @param settings sets the options
  /// @throws ValueException if the number of epochs is negative
  public SWALR(Optimizer<?> optimizer, double swaLr, Consumer<Options> settings) {
    Options options = new Options();
    settings.accept(options);
    if (options.annealEpochs < 0) {
      throw new ValueException(
          "anneal_epochs must be equal or greater than 0, got " + options.annealEpochs);
    }
    annealEpochs = options.annealEpochs;
    annealStrategy = options.annealStrategy;
    for (ParamGroup<?> group : optimizer.paramGroups()) group.set("swa_lr", swaLr);
    super(optimizer);
  }

  /// How much of the way is gone at an epoch.
  private double gone(int epoch) {
    double t = (double) epoch / Math.max(1, annealEpochs);
    return annealStrategy.part(Math.clamp(t, 0, 1));
  }

  @Override
  protected List<Double> getLr() {
    int steps = (int) stepCount() - 1;
    int epoch = annealEpochs == 0 ? Math.max(1, steps) : steps;
    double before = gone(epoch - 1);
    double now = gone(epoch);
    List<Double> rates = new ArrayList<>();
    for (ParamGroup<?> group : optimizer().paramGroups()) {
      double target = group.get("swa_lr") instanceof Number rate ? rate.doubleValue() : group.lr();
      double start = before == 1 ? target : (group.lr() - before * target) / (1 - before);
      rates.add(target * now + start * (1 - now));
    }
    return rates;
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("anneal_epochs", annealEpochs);
    state.put("_anneal_strategy", annealStrategy.name().toLowerCase(Locale.ROOT));
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    if (!(state.get("anneal_epochs") instanceof Number epochs)
        || !(state.get("_anneal_strategy") instanceof String strategy)) {
      throw new ValueException("the state of SWALR lacks anneal_epochs or _anneal_strategy");
    }
    annealEpochs = epochs.intValue();
    annealStrategy = AnnealStrategy.valueOf(strategy.toUpperCase(Locale.ROOT));
  }
}
