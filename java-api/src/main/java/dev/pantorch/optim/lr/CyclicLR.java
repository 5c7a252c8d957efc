package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/// Moves the learning rate up and down between two bounds, and momentum against it (Smith 2015). A
/// step is a batch, not an epoch.
///
/// ```java
/// CyclicLR scheduler = new CyclicLR(optimizer, 0.001, 0.01, o -> o.stepSizeUp(500));
/// for (Example batch : loader) {
///   train(batch); // calls optimizer.step()
///   scheduler.step();
/// }
/// ```
///
/// [torch.optim.lr_scheduler.CyclicLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.CyclicLR.html)
public final class CyclicLR extends LRScheduler {
  private final @Nullable DoubleUnaryOperator scaleFn;
  private List<Double> maxLrs;
  private double totalSize;
  private double stepRatio;
  private Mode mode;
  private double gamma;
  private ScaleMode scaleMode;
  private boolean cycleMomentum;
  private boolean useBeta1;
  private List<Double> baseMomentums;
  private List<Double> maxMomentums;

  /// How the heights of the cycles change.
  public enum Mode {
    /// All are the same.
    TRIANGULAR,
    /// Each is half of the one before.
    TRIANGULAR2,
    /// They shrink by {@link Options#gamma} with each step.
    EXP_RANGE
  }

  /// What {@link Options#scaleFn} is a function of.
  public enum ScaleMode {
    /// The number of the cycle, from 1.
    CYCLE,
    /// The number of the step, from 0.
    ITERATIONS
  }

  /// Options of {@link CyclicLR}.
  public static final class Options extends MomentumOptions<Options> {
    private int stepSizeUp = 2000;
    private @Nullable Integer stepSizeDown;
    private Mode mode = Mode.TRIANGULAR;
    private double gamma = 1;
    private @Nullable DoubleUnaryOperator scaleFn;
    private ScaleMode scaleMode = ScaleMode.CYCLE;

    private Options() {
      super(0.8, 0.9);
    }

    /// In how many steps the rate rises.
    ///
    /// @param stepSizeUp 2000 unless set
    /// @return these options
    public Options stepSizeUp(int stepSizeUp) {
      this.stepSizeUp = stepSizeUp;
      return this;
    }

    /// In how many steps the rate falls.
    ///
    /// @param stepSizeDown as many as it rises in unless set
    /// @return these options
    public Options stepSizeDown(int stepSizeDown) {
      this.stepSizeDown = stepSizeDown;
      return this;
    }

    /// How the heights of the cycles change.
    ///
    /// @param mode TRIANGULAR unless set; of no meaning with a {@link #scaleFn}
    /// @return these options
    public Options mode(Mode mode) {
      this.mode = mode;
      return this;
    }

    /// The factor of {@link Mode#EXP_RANGE}.
    ///
    /// @param gamma 1 unless set
    /// @return these options
    public Options gamma(double gamma) {
      this.gamma = gamma;
      return this;
    }

    /// Scales the heights of the cycles in a way of one's own. It is not part of {@link
    /// CyclicLR#stateDict}.
    ///
    /// @param scaleFn from the number of the cycle or the step to a factor, mostly from 0 to 1
    /// @return these options
    public Options scaleFn(DoubleUnaryOperator scaleFn) {
      this.scaleFn = scaleFn;
      return this;
    }

    /// What {@link #scaleFn} is a function of.
    ///
    /// @param scaleMode CYCLE unless set
    /// @return these options
    public Options scaleMode(ScaleMode scaleMode) {
      this.scaleMode = scaleMode;
      return this;
    }
  }

  /// Begins the schedule, with 2000 steps up and 2000 down.
  ///
  /// @param optimizer whose rates are set
  /// @param baseLr the least rate, which the schedule begins with
  /// @param maxLr the greatest rate
  /// @throws dev.pantorch.ValueException if the optimizer has no momentum
  public CyclicLR(Optimizer<?> optimizer, double baseLr, double maxLr) {
    this(optimizer, baseLr, maxLr, o -> {});
  }

  /// Begins the schedule, or goes on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param baseLr the least rate, which the schedule begins with
  /// @param maxLr the greatest rate
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if an option is out of range, momentum is to be moved and
  ///   the optimizer has none, or the schedule goes on and the optimizer's groups have no
  ///   `initial_lr`
  public CyclicLR(Optimizer<?> optimizer, double baseLr, double maxLr, Consumer<Options> settings) {
    this(optimizer, PerGroup.of("base_lr", baseLr), PerGroup.of("max_lr", maxLr), settings);
  }

  /// The same with bounds for each group.
  ///
  /// @param optimizer whose rates are set
  /// @param baseLrs the least rate of each group
  /// @param maxLrs the greatest rate of each group
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there is not one value a group, an option is out of
  ///   range, momentum is to be moved and the optimizer has none, or the schedule goes on and the
  ///   optimizer's groups have no `initial_lr`
  public CyclicLR(
      Optimizer<?> optimizer,
      List<Double> baseLrs,
      List<Double> maxLrs,
      Consumer<Options> settings) {
    this(optimizer, PerGroup.of("base_lr", baseLrs), PerGroup.of("max_lr", maxLrs), settings);
  }

  private CyclicLR(
      Optimizer<?> optimizer, PerGroup baseLr, PerGroup maxLr, Consumer<Options> settings) {
    Options options = SchedulerOptions.configure(new Options(), settings);
    List<Double> baseLrs = baseLr.of(optimizer);
    double up = options.stepSizeUp;
    Integer down = options.stepSizeDown;
    double total = up + (down == null ? up : down);
    List<Double> leastMomentums = options.baseMomentum.of(optimizer);
    List<Double> greatestMomentums = options.maxMomentum.of(optimizer);
    boolean beta1 = options.cycleMomentum && Momentum.isBeta1(optimizer);
    maxLrs = maxLr.of(optimizer);
    totalSize = total;
    stepRatio = PythonMath.divide(up, total);
    mode = options.mode;
    gamma = options.gamma;
    scaleFn = options.scaleFn;
    scaleMode = options.scaleFn == null ? scaleMode(options.mode) : options.scaleMode;
    cycleMomentum = options.cycleMomentum;
    baseMomentums = leastMomentums;
    maxMomentums = greatestMomentums;
    useBeta1 = beta1;
    if (options.lastEpoch == -1) {
      for (int i = 0; i < baseLrs.size(); i++) optimizer.paramGroups().get(i).lr(baseLrs.get(i));
      if (options.cycleMomentum) {
        Momentum.begin(optimizer, beta1, leastMomentums, greatestMomentums);
      }
    }
    super(optimizer, options.lastEpoch);
    baseLrs(baseLrs);
  }

  /// What the modes' own functions are functions of.
  private static ScaleMode scaleMode(Mode mode) {
    return mode == Mode.EXP_RANGE ? ScaleMode.ITERATIONS : ScaleMode.CYCLE;
  }

  private double scale(double x) {
    if (scaleFn != null) return scaleFn.applyAsDouble(x);
    return switch (mode) {
      case TRIANGULAR -> 1;
      case TRIANGULAR2 -> 1 / PythonMath.pow(2, x - 1);
      case EXP_RANGE -> PythonMath.pow(gamma, x);
    };
  }

  @Override
  protected List<Double> getLr() {
    double cycle = Math.floor(1 + lastEpoch() / totalSize);
    double x = 1 + lastEpoch() / totalSize - cycle;
    double height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    double scale = scale(scaleMode == ScaleMode.CYCLE ? cycle : lastEpoch());
    List<Double> least = baseLrs();
    List<Double> rates = new ArrayList<>();
    int index = 0;
    for (ParamGroup<?> group : optimizer().paramGroups()) {
      rates.add(least.get(index) + (maxLrs.get(index) - least.get(index)) * height * scale);
      if (cycleMomentum) {
        double greatest = maxMomentums.get(index);
        double range = (greatest - baseMomentums.get(index)) * height;
        Momentum.set(group, useBeta1, greatest - range * scale);
      }
      index++;
    }
    return rates;
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {
    state.put("max_lrs", maxLrs);
    state.put("total_size", totalSize);
    state.put("step_ratio", stepRatio);
    state.put("mode", word(mode));
    state.put("gamma", gamma);
    state.put("scale_mode", word(scaleMode));
    state.put("cycle_momentum", cycleMomentum);
    if (cycleMomentum) {
      state.put("use_beta1", useBeta1);
      state.put("base_momentums", baseMomentums);
      state.put("max_momentums", maxMomentums);
    }
  }

  @Override
  public Map<String, @Nullable Object> stateDict() {
    Map<String, @Nullable Object> state = super.stateDict();
    // Python has None for a function, too.
    state.put("_scale_fn_custom", null);
    return state;
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    maxLrs = StateValues.numbers(state, "max_lrs");
    totalSize = StateValues.number(state, "total_size");
    stepRatio = StateValues.number(state, "step_ratio");
    mode = Mode.valueOf(upper(state, "mode", List.of("triangular", "triangular2", "exp_range")));
    gamma = StateValues.number(state, "gamma");
    ScaleMode saved = ScaleMode.valueOf(upper(state, "scale_mode", List.of("cycle", "iterations")));
    scaleMode = scaleFn == null ? scaleMode(mode) : saved;
    cycleMomentum = StateValues.flag(state, "cycle_momentum");
    if (cycleMomentum) {
      useBeta1 = StateValues.flag(state, "use_beta1");
      baseMomentums = StateValues.numbers(state, "base_momentums");
      maxMomentums = StateValues.numbers(state, "max_momentums");
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String upper(
      Map<String, ? extends @Nullable Object> state, String name, List<String> words) {
    return StateValues.word(state, name, words).toUpperCase(Locale.ROOT);
  }
}
