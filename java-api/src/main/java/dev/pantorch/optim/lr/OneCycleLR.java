package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.ffi.CMath;
import dev.pantorch.internal.PythonText;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One cycle over the whole training: the learning rate rises from a small one to the greatest and
/// falls to a much smaller one, with momentum against it (Smith and Topin 2017). A step is a batch,
/// not an epoch.
///
/// ```java
/// OneCycleLR scheduler = new OneCycleLR(optimizer, 0.01, o -> o.epochs(10).stepsPerEpoch(500));
/// for (int epoch = 0; epoch < 10; epoch++) {
///   for (Example batch : loader) {
///     train(batch); // calls optimizer.step()
///     scheduler.step();
///   }
/// }
/// ```
///
/// [torch.optim.lr_scheduler.OneCycleLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.OneCycleLR.html)
public final class OneCycleLR extends LRScheduler {
  private int totalSteps;
  private List<Phase> phases;
  private AnnealStrategy annealStrategy;
  private boolean cycleMomentum;
  private boolean useBeta1;

  /// How the rate goes from one end of a phase to the other.
  public enum AnnealStrategy {
    /// Along half a cosine wave.
    COS,
    /// Along a line.
    LINEAR
  }

  /// A part of the cycle; rates and momenta are given by the options of the groups that have them.
  private record Phase(
      Number endStep, String startLr, String endLr, String startMomentum, String endMomentum) {
    static Phase of(Number endStep, String startLr, String endLr, boolean falling) {
      return new Phase(
          endStep,
          startLr,
          endLr,
          falling ? "max_momentum" : "base_momentum",
          falling ? "base_momentum" : "max_momentum");
    }
  }

  /// Options of {@link OneCycleLR}. The number of steps must be said, by {@link #totalSteps}, or by
  /// {@link #epochs} and {@link #stepsPerEpoch}.
  public static final class Options extends MomentumOptions<Options> {
    private @Nullable Integer totalSteps;
    private @Nullable Integer epochs;
    private @Nullable Integer stepsPerEpoch;
    private double pctStart = 0.3;
    private AnnealStrategy annealStrategy = AnnealStrategy.COS;
    private double divFactor = 25;
    private double finalDivFactor = 1e4;
    private boolean threePhase;

    private Options() {
      super(0.85, 0.95);
    }

    /// The number of steps of the cycle.
    ///
    /// @param totalSteps at least 1
    /// @return these options
    public Options totalSteps(int totalSteps) {
      this.totalSteps = totalSteps;
      return this;
    }

    /// The number of epochs of the cycle.
    ///
    /// @param epochs at least 1
    /// @return these options
    public Options epochs(int epochs) {
      this.epochs = epochs;
      return this;
    }

    /// The number of steps of an epoch.
    ///
    /// @param stepsPerEpoch at least 1
    /// @return these options
    public Options stepsPerEpoch(int stepsPerEpoch) {
      this.stepsPerEpoch = stepsPerEpoch;
      return this;
    }

    /// The part of the cycle in which the rate rises.
    ///
    /// @param pctStart from 0 to 1; 0.3 unless set
    /// @return these options
    public Options pctStart(double pctStart) {
      this.pctStart = pctStart;
      return this;
    }

    /// How the rate goes from one end of a phase to the other.
    ///
    /// @param annealStrategy COS unless set
    /// @return these options
    public Options annealStrategy(AnnealStrategy annealStrategy) {
      this.annealStrategy = annealStrategy;
      return this;
    }

    /// The greatest rate over the one to begin with.
    ///
    /// @param divFactor 25 unless set
    /// @return these options
    public Options divFactor(double divFactor) {
      this.divFactor = divFactor;
      return this;
    }

    /// The rate to begin with over the last one.
    ///
    /// @param finalDivFactor 10,000 unless set
    /// @return these options
    public Options finalDivFactor(double finalDivFactor) {
      this.finalDivFactor = finalDivFactor;
      return this;
    }

    /// Whether the rate falls as it has risen first, and only then to the last one.
    ///
    /// @param threePhase false unless set
    /// @return these options
    public Options threePhase(boolean threePhase) {
      this.threePhase = threePhase;
      return this;
    }
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param maxLr the greatest rate
  /// @param settings sets the options; the number of steps must be among them
  /// @throws ValueException if an option is missing or out of range, momentum is to be moved and
  ///   the optimizer has none, or the schedule goes on and the optimizer's groups have no
  ///   `initial_lr`
  public OneCycleLR(Optimizer<?> optimizer, double maxLr, Consumer<Options> settings) {
    this(optimizer, PerGroup.of("max_lr", maxLr), settings);
  }

  /// The same with a greatest rate for each group.
  ///
  /// @param optimizer whose rates are set
  /// @param maxLrs the greatest rate of each group
  /// @param settings sets the options; the number of steps must be among them
  /// @throws ValueException if there is not one rate a group, an option is missing or out of range,
  ///   momentum is to be moved and the optimizer has none, or the schedule goes on and the
  ///   optimizer's groups have no `initial_lr`
  public OneCycleLR(Optimizer<?> optimizer, List<Double> maxLrs, Consumer<Options> settings) {
    this(optimizer, PerGroup.of("max_lr", maxLrs), settings);
  }

  private OneCycleLR(Optimizer<?> optimizer, PerGroup maxLr, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    int steps = totalSteps(options);
    double pctStart = options.pctStart;
    if (!(pctStart >= 0 && pctStart <= 1)) {
      throw new ValueException(
          "Expected float between 0 and 1 pct_start, but got " + PythonText.number(pctStart));
    }
    List<Double> maxLrs = maxLr.of(optimizer);
    List<Double> baseMomentums = options.baseMomentum.of(optimizer);
    List<Double> maxMomentums = options.maxMomentum.of(optimizer);
    boolean beta1 = options.cycleMomentum && Momentum.isBeta1(optimizer);
    totalSteps = steps;
    phases = phases(pctStart, steps, options.threePhase);
    annealStrategy = options.annealStrategy;
    cycleMomentum = options.cycleMomentum;
    useBeta1 = beta1;
    if (options.lastEpoch == -1) {
      for (int i = 0; i < maxLrs.size(); i++) {
        double first = PythonMath.divide(maxLrs.get(i), options.divFactor);
        ParamGroup<?> group = optimizer.paramGroups().get(i);
        group.set("initial_lr", first);
        group.set("max_lr", maxLrs.get(i));
        group.set("min_lr", PythonMath.divide(first, options.finalDivFactor));
      }
      if (options.cycleMomentum) Momentum.begin(optimizer, beta1, baseMomentums, maxMomentums);
    }
    super(optimizer, options.lastEpoch);
  }

  private static int totalSteps(Options options) {
    if (options.totalSteps != null) return positive("total_steps", options.totalSteps);
    if (options.epochs != null && options.stepsPerEpoch != null) {
      return positive("epochs", options.epochs)
          * positive("steps_per_epoch", options.stepsPerEpoch);
    }
    throw new ValueException("You must define either total_steps OR (epochs AND steps_per_epoch)");
  }

  private static int positive(String name, int value) {
    if (value > 0) return value;
    throw new ValueException("Expected positive integer %s, but got %d".formatted(name, value));
  }

  private static List<Phase> phases(double pctStart, int totalSteps, boolean three) {
    Phase up = Phase.of(pctStart * totalSteps - 1, "initial_lr", "max_lr", true);
    if (!three) return List.of(up, Phase.of(totalSteps - 1, "max_lr", "min_lr", false));
    return List.of(
        up,
        Phase.of(2 * pctStart * totalSteps - 2, "max_lr", "initial_lr", false),
        new Phase(totalSteps - 1, "initial_lr", "min_lr", "max_momentum", "max_momentum"));
  }

  @Override
  protected List<Double> getLr() {
    int step = lastEpoch();
    if (step > totalSteps) {
      throw new ValueException(
          "Tried to step %d times. The specified number of total steps is %d"
              .formatted(step, totalSteps));
    }
    double start = 0;
    int last = 0;
    while (last < phases.size() - 1 && step > phases.get(last).endStep.doubleValue()) {
      start = phases.get(last++).endStep.doubleValue();
    }
    Phase phase = phases.get(last);
    double part = PythonMath.divide(step - start, phase.endStep.doubleValue() - start);
    List<Double> rates = new ArrayList<>();
    for (ParamGroup<?> group : optimizer().paramGroups()) {
      rates.add(anneal(option(group, phase.startLr), option(group, phase.endLr), part));
      if (cycleMomentum) {
        double first = option(group, phase.startMomentum);
        Momentum.set(group, useBeta1, anneal(first, option(group, phase.endMomentum), part));
      }
    }
    return rates;
  }

  private static double option(ParamGroup<?> group, String name) {
    if (group.get(name) instanceof Number value) return value.doubleValue();
    throw new ValueException(
        "a parameter group has %s as '%s'; expected a number, which OneCycleLR sets when it begins: load the optimizer's state before going on, and add no group later"
            .formatted(group.get(name), name));
  }

  private double anneal(double start, double end, double part) {
    if (annealStrategy == AnnealStrategy.LINEAR) return (end - start) * part + start;
    return end + (start - end) / 2 * (CMath.cos(Math.PI * part) + 1);
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("total_steps", totalSteps);
    List<Map<String, Object>> saved = new ArrayList<>();
    for (Phase phase : phases) {
      Map<String, Object> entries = new LinkedHashMap<>();
      entries.put("end_step", phase.endStep);
      entries.put("start_lr", phase.startLr);
      entries.put("end_lr", phase.endLr);
      entries.put("start_momentum", phase.startMomentum);
      entries.put("end_momentum", phase.endMomentum);
      saved.add(entries);
    }
    state.put("_schedule_phases", saved);
    state.put("_anneal_func_type", annealStrategy.name().toLowerCase(Locale.ROOT));
    state.put("cycle_momentum", cycleMomentum);
    if (cycleMomentum) state.put("use_beta1", useBeta1);
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    totalSteps = (int) StateValues.number(state, "total_steps");
    List<String> rates = List.of("initial_lr", "max_lr", "min_lr");
    List<String> momenta = List.of("base_momentum", "max_momentum");
    List<Phase> loaded = new ArrayList<>();
    for (Map<String, ? extends @Nullable Object> phase :
        StateValues.maps(state, "_schedule_phases")) {
      loaded.add(
          new Phase(
              StateValues.number(phase, "end_step"),
              StateValues.word(phase, "start_lr", rates),
              StateValues.word(phase, "end_lr", rates),
              StateValues.word(phase, "start_momentum", momenta),
              StateValues.word(phase, "end_momentum", momenta)));
    }
    phases = List.copyOf(loaded);
    annealStrategy =
        AnnealStrategy.valueOf(
            StateValues.word(state, "_anneal_func_type", List.of("cos", "linear"))
                .toUpperCase(Locale.ROOT));
    cycleMomentum = StateValues.flag(state, "cycle_momentum");
    if (cycleMomentum) useBeta1 = StateValues.flag(state, "use_beta1");
  }
}
