package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lowers the learning rate when a metric has stopped improving: after more than `patience` epochs
/// without a new best, rates are multiplied by `factor`.
///
/// ```java
/// ReduceLROnPlateau scheduler = new ReduceLROnPlateau(optimizer, o -> o.factor(0.5).patience(3));
/// for (int epoch = 0; epoch < 100; epoch++) {
///   train();
///   scheduler.step(validationLoss);
/// }
/// ```
///
/// It is no {@link LRScheduler}, as its step wants the metric.
///
/// [torch.optim.lr_scheduler.ReduceLROnPlateau](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html)
public final class ReduceLROnPlateau {
  private final Optimizer<?> optimizer;
  private Options options;
  private List<Double> minLrs;
  private List<Double> lastLr;
  private double best;
  private int lastEpoch;
  private int cooldownCounter;
  private int numBadEpochs;

  /// What counts as better.
  public enum Mode {
    /// A smaller metric: a loss.
    MIN,
    /// A greater metric: an accuracy.
    MAX
  }

  /// How the threshold is meant.
  public enum ThresholdMode {
    /// As a part of the best metric so far.
    REL,
    /// As a difference from it.
    ABS
  }

  /// Options of {@link ReduceLROnPlateau}.
  public static final class Options {
    private Mode mode = Mode.MIN;
    private double factor = 0.1;
    private int patience = 10;
    private double threshold = 1e-4;
    private ThresholdMode thresholdMode = ThresholdMode.REL;
    private int cooldown;
    private @Nullable Double minLr = 0.0;
    private List<Double> minLrs = List.of();
    private double eps = 1e-8;

    private Options() {}

    /// What counts as better.
    ///
    /// @param mode MIN unless set
    /// @return these options
    public Options mode(Mode mode) {
      this.mode = mode;
      return this;
    }

    /// The factor on the rates.
    ///
    /// @param factor below 1; 0.1 unless set
    /// @return these options
    public Options factor(double factor) {
      this.factor = factor;
      return this;
    }

    /// How many epochs without a new best are borne.
    ///
    /// @param patience 10 unless set
    /// @return these options
    public Options patience(int patience) {
      this.patience = patience;
      return this;
    }

    /// By how much a new best has to be better.
    ///
    /// @param threshold 1e-4 unless set
    /// @return these options
    public Options threshold(double threshold) {
      this.threshold = threshold;
      return this;
    }

    /// How the threshold is meant.
    ///
    /// @param thresholdMode REL unless set
    /// @return these options
    public Options thresholdMode(ThresholdMode thresholdMode) {
      this.thresholdMode = thresholdMode;
      return this;
    }

    /// How many epochs after a change no epoch counts as bad.
    ///
    /// @param cooldown 0 unless set
    /// @return these options
    public Options cooldown(int cooldown) {
      this.cooldown = cooldown;
      return this;
    }

    /// The least rate.
    ///
    /// @param minLr 0 unless set
    /// @return these options
    public Options minLr(double minLr) {
      this.minLr = minLr;
      this.minLrs = List.of();
      return this;
    }

    /// The least rate of each group.
    ///
    /// @param minLrs one for each group
    /// @return these options
    public Options minLr(List<Double> minLrs) {
      this.minLr = null;
      this.minLrs = List.copyOf(minLrs);
      return this;
    }

    /// The least change; smaller ones are not made.
    ///
    /// @param eps 1e-8 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }
  }

  /// Begins the schedule with the usual options.
  ///
  /// @param optimizer whose rates are set
  public ReduceLROnPlateau(Optimizer<?> optimizer) {
    this(optimizer, o -> {});
  }

  /// Begins the schedule.
  ///
  /// @param optimizer whose rates are set
  /// @param settings sets the options
  /// @throws ValueException if the factor is not below 1, or there is not one least rate a group
  public ReduceLROnPlateau(Optimizer<?> optimizer, Consumer<Options> settings) {
    Options chosen = new Options();
    settings.accept(chosen);
    if (!(chosen.factor < 1)) throw new ValueException("Factor should be < 1.0.");
    int groups = optimizer.paramGroups().size();
    if (chosen.minLr == null && chosen.minLrs.size() != groups) {
      throw new ValueException(
          "expected %d min_lrs, got %d".formatted(groups, chosen.minLrs.size()));
    }
    this.optimizer = optimizer;
    this.options = chosen;
    this.minLrs = minLrs(chosen, groups);
    this.lastLr = currentLr();
    this.best = worst();
  }

  private static List<Double> minLrs(Options options, int groups) {
    Double all = options.minLr;
    return all == null ? options.minLrs : Collections.nCopies(groups, all);
  }

  private double worst() {
    return options.mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /// Ends an epoch and lowers the rates if it is time to.
  ///
  /// @param metric the epoch's value of what is watched
  public void step(double metric) {
    lastEpoch++;
    if (isBetter(metric)) {
      best = metric;
      numBadEpochs = 0;
    } else {
      numBadEpochs++;
    }
    if (cooldownCounter > 0) {
      cooldownCounter--;
      numBadEpochs = 0;
    }
    if (numBadEpochs > options.patience) {
      reduce();
      cooldownCounter = options.cooldown;
      numBadEpochs = 0;
    }
    lastLr = currentLr();
  }

  private boolean isBetter(double metric) {
    double threshold = options.threshold;
    boolean relative = options.thresholdMode == ThresholdMode.REL;
    return options.mode == Mode.MIN
        ? metric < (relative ? best * (1 - threshold) : best - threshold)
        : metric > (relative ? best * (threshold + 1) : best + threshold);
  }

  private void reduce() {
    int groups = optimizer.paramGroups().size();
    if (groups != minLrs.size()) {
      if (options.minLr == null) {
        throw new IllegalStateException(
            "The number of param groups in the optimizer (%d) differs from when ReduceLROnPlateau was initialized (%d), usually due to a new param group being added to the optimizer; give minLr one number for all groups"
                .formatted(groups, minLrs.size()));
      }
      minLrs = minLrs(options, groups);
    }
    int index = 0;
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      double old = group.lr();
      double reduced = Math.max(old * options.factor, minLrs.get(index++));
      if (old - reduced > options.eps) group.lr(reduced);
    }
  }

  private List<Double> currentLr() {
    List<Double> rates = new ArrayList<>();
    for (ParamGroup<?> group : optimizer.paramGroups()) rates.add(group.lr());
    return List.copyOf(rates);
  }

  /// The rates last set, one for each group.
  ///
  /// @return the rates
  public List<Double> getLastLr() {
    return lastLr;
  }

  /// The number of epochs so far.
  ///
  /// @return the number of calls of {@link #step}
  public int lastEpoch() {
    return lastEpoch;
  }

  /// The state in Python's layout: settings, counters and rates by name.
  ///
  /// @return a new map of numbers, texts, lists and, for the least rate of all groups, perhaps null
  public Map<String, @Nullable Object> stateDict() {
    Map<String, @Nullable Object> state = new LinkedHashMap<>();
    state.put("factor", options.factor);
    state.put("default_min_lr", options.minLr);
    state.put("min_lrs", minLrs);
    state.put("patience", options.patience);
    state.put("cooldown", options.cooldown);
    state.put("eps", options.eps);
    state.put("last_epoch", lastEpoch);
    state.put("_last_lr", lastLr);
    state.put("mode_worse", worst());
    state.put("mode", options.mode.name().toLowerCase(Locale.ROOT));
    state.put("threshold", options.threshold);
    state.put("threshold_mode", options.thresholdMode.name().toLowerCase(Locale.ROOT));
    state.put("best", best);
    state.put("cooldown_counter", cooldownCounter);
    state.put("num_bad_epochs", numBadEpochs);
    return state;
  }

  /// Goes on where a saved schedule was. The rates themselves are the optimizer's to restore.
  ///
  /// @param state as {@link #stateDict} or Python's `state_dict()` returns it
  /// @throws ValueException if an entry is missing or of another type
  public void loadStateDict(Map<String, ? extends @Nullable Object> state) {
    Options loaded = new Options();
    loaded
        .factor(StateValues.number(state, "factor"))
        .patience((int) StateValues.number(state, "patience"))
        .cooldown((int) StateValues.number(state, "cooldown"))
        .eps(StateValues.number(state, "eps"))
        .threshold(StateValues.number(state, "threshold"))
        .mode(Mode.valueOf(name(state, "mode")))
        .thresholdMode(ThresholdMode.valueOf(name(state, "threshold_mode")));
    List<Double> loadedMinLrs = StateValues.numbers(state, "min_lrs");
    if (state.get("default_min_lr") == null) {
      loaded.minLr(loadedMinLrs);
    } else {
      loaded.minLr(StateValues.number(state, "default_min_lr"));
    }
    options = loaded;
    minLrs = loadedMinLrs;
    best = StateValues.number(state, "best");
    lastEpoch = (int) StateValues.number(state, "last_epoch");
    cooldownCounter = (int) StateValues.number(state, "cooldown_counter");
    numBadEpochs = (int) StateValues.number(state, "num_bad_epochs");
    lastLr = StateValues.numbers(state, "_last_lr");
  }

  private static String name(Map<String, ? extends @Nullable Object> state, String key) {
    Object value = state.get(key);
    if (value instanceof String text
        && (text.equals("min") || text.equals("max") || text.equals("rel") || text.equals("abs"))) {
      return text.toUpperCase(Locale.ROOT);
    }
    throw new ValueException(
        "scheduler state has %s as '%s'; expected min or max, rel or abs".formatted(value, key));
  }
}
