package dev.pantorch.amp;

import dev.pantorch.Accelerator;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.TensorGroups;
import dev.pantorch.ops.Internal;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Multiplies the loss so that small gradients do not become 0 in float16, and the gradients back
/// before the step. A step whose gradients are infinite or NaN is left out, and the factor lowered;
/// after many good steps it is raised.
///
/// ```java
/// GradScaler scaler = new GradScaler(DeviceType.CUDA);
/// for (Example batch : loader) {
///   optimizer.zeroGrad();
///   Tensor loss;
///   try (var mode = Torch.autocast(DeviceType.CUDA, DType.FLOAT16)) {
///     loss = criterion.forward(model.forward(batch.input()), batch.target());
///   }
///   scaler.scale(loss).backward();
///   scaler.unscale_(optimizer); // only to see or clip the gradients
///   clipGradNorm_(model.parameters(), 1.0);
///   scaler.step(optimizer);
///   scaler.update();
/// }
/// ```
///
/// bfloat16 has the range of float32 and needs none of this. A scaler is used by one thread at a
/// time.
///
/// [torch.amp.GradScaler](https://docs.pytorch.org/docs/2.13/amp.html#gradient-scaling)
// Over 300 lines, half of them documentation: one type with one job, as in Python.
public final class GradScaler {

  private final DeviceType type;
  private final boolean enabled;
  private double initScale;
  private double growthFactor;
  private double backoffFactor;
  private int growthInterval;
  private int initGrowthTracker;
  private @Nullable Tensor scale;
  private @Nullable Tensor growthTracker;
  private final IdentityHashMap<Optimizer<?>, State> states = new IdentityHashMap<>();

  private enum Stage {
    READY,
    UNSCALED,
    STEPPED
  }

  /// What is known of an optimizer since the last update.
  private static final class State {
    Stage stage = Stage.READY;

    /// On each device, whether a gradient was infinite or NaN: 1 or 0.
    Map<Device, Tensor> foundInf = Map.of();
  }

  /// Options of {@link GradScaler}.
  public static final class Options {
    private double initScale = 65536;
    private double growthFactor = 2;
    private double backoffFactor = 0.5;
    private int growthInterval = 2000;
    private boolean enabled = true;

    private Options() {}

    /// The factor to begin with.
    ///
    /// @param initScale 65536 unless set
    /// @return these options
    public Options initScale(double initScale) {
      this.initScale = initScale;
      return this;
    }

    /// By what the factor is multiplied after enough good steps.
    ///
    /// @param growthFactor greater than 1; 2 unless set
    /// @return these options
    public Options growthFactor(double growthFactor) {
      this.growthFactor = growthFactor;
      return this;
    }

    /// By what the factor is multiplied after a step that was left out.
    ///
    /// @param backoffFactor less than 1; 0.5 unless set
    /// @return these options
    public Options backoffFactor(double backoffFactor) {
      this.backoffFactor = backoffFactor;
      return this;
    }

    /// How many good steps in a row are enough.
    ///
    /// @param growthInterval 2000 unless set
    /// @return these options
    public Options growthInterval(int growthInterval) {
      this.growthInterval = growthInterval;
      return this;
    }

    /// Whether anything is done at all: with false, losses stay as they are and {@link #step} is
    /// the optimizer's, so that a program need not ask.
    ///
    /// @param enabled true unless set
    /// @return these options
    public Options enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }
  }

  /// A scaler for losses on CUDA, with the usual options.
  public GradScaler() {
    this(DeviceType.CUDA);
  }

  /// A scaler with the usual options.
  ///
  /// @param type the kind of device that losses are on; disabled, with a warning, for one that is
  ///   not there
  public GradScaler(DeviceType type) {
    this(type, o -> {});
  }

  /// A scaler with options.
  ///
  /// @param type the kind of device that losses are on; disabled, with a warning, for one that is
  ///   not there
  /// @param settings sets the options
  /// @throws ValueException if a factor is out of range
  public GradScaler(DeviceType type, Consumer<Options> settings) {
    Options options = new Options();
    settings.accept(options);
    boolean present = type == DeviceType.CPU || new Accelerator(type).isAvailable();
    if (options.enabled && !present) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "GradScaler is enabled, but %s is not available.  Disabling."
              .formatted(type.torchName()));
    }
    if (options.enabled && present) {
      if (options.growthFactor <= 1) throw new ValueException("The growth factor must be > 1.0.");
      if (options.backoffFactor >= 1) {
        throw new ValueException("The backoff factor must be < 1.0.");
      }
    }
    this.type = type;
    enabled = options.enabled && present;
    initScale = options.initScale;
    growthFactor = options.growthFactor;
    backoffFactor = options.backoffFactor;
    growthInterval = options.growthInterval;
  }

  private Tensor scaleOn(Device device) {
    Tensor present = scale;
    if (present == null) {
      present = Torch.full(new long[0], initScale, DType.FLOAT32.on(device)).keep();
      scale = present;
      growthTracker = Torch.full(new long[0], initGrowthTracker, DType.INT32.on(device)).keep();
    }
    return present.to(device);
  }

  private Tensor requireScale(String function) {
    if (scale != null) return scale;
    throw new IllegalStateException(
        "Attempted %s but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration."
            .formatted(function));
  }

  /// Multiplies a loss, or any output, by the factor.
  ///
  /// @param output the loss
  /// @return the product, of the loss's graph; the loss itself if the scaler is disabled
  public Tensor scale(Tensor output) {
    return enabled ? output.mul(scaleOn(output.device())) : output;
  }

  /// Multiplies several outputs by the factor.
  ///
  /// @param outputs the losses, perhaps on several devices
  /// @return the products
  public List<Tensor> scale(List<Tensor> outputs) {
    return outputs.stream().map(this::scale).toList();
  }

  /// Divides an optimizer's gradients by the factor, at once instead of in {@link #step}: for
  /// clipping, or to look at them. At most once between two updates, after all gradients of the
  /// step have been accumulated.
  ///
  /// @param optimizer whose gradients
  /// @throws IllegalStateException if that has been done since the last update, or after a step
  /// @throws ValueException if a gradient is float16, which means that the parameters are: scaling
  ///   is for float32 parameters
  public void unscale_(Optimizer<?> optimizer) {
    if (!enabled) return;
    Tensor present = requireScale("unscale_");
    State state = states.computeIfAbsent(optimizer, o -> new State());
    if (state.stage == Stage.UNSCALED) {
      throw new IllegalStateException(
          "unscale_() has already been called on this optimizer since the last update().");
    }
    if (state.stage == Stage.STEPPED) {
      throw new IllegalStateException("unscale_() is being called after step().");
    }
    // The reciprocal of a float32 has to be rounded once: in float64, as in Python.
    state.foundInf =
        TensorScope.scope(
            () -> unscale(optimizer, present.float64().reciprocal().float32(), false));
    keep(state);
    state.stage = Stage.UNSCALED;
  }

  private static void keep(State state) {
    state.foundInf.values().forEach(Tensor::keep);
  }

  private static Map<Device, Tensor> unscale(
      Optimizer<?> optimizer, Tensor inverse, boolean allowFloat16) {
    Map<Device, Tensor> found = new LinkedHashMap<>();
    try (var mode = Torch.noGrad()) {
      List<Tensor> gradients = new ArrayList<>();
      for (ParamGroup<?> group : optimizer.paramGroups()) {
        for (Tensor parameter : group.params()) {
          Tensor gradient = parameter.grad();
          if (gradient == null) continue;
          boolean half = gradient.dtype() == DType.FLOAT16;
          if (half && !allowFloat16) {
            throw new ValueException("Attempting to unscale FP16 gradients.");
          }
          gradients.add(values(parameter, gradient, half));
        }
      }
      for (List<Tensor> group : TensorGroups.byDeviceAndDtype(gradients)) {
        Device device = group.getFirst().device();
        Tensor flag = found.computeIfAbsent(device, d -> Torch.zeros(DType.FLOAT32.on(d)));
        Internal.ampForeachNonFiniteCheckAndUnscale_(group, flag, inverse.to(device));
      }
    }
    return found;
  }

  private static Tensor values(Tensor parameter, Tensor gradient, boolean half) {
    if (gradient.layout() == Layout.STRIDED) return gradient;
    Tensor summed = gradient;
    if (half) {
      // Values of the same place may be finite and their sum not.
      summed = gradient.coalesce();
      parameter.setGrad(summed);
    }
    return Internal.values(summed);
  }

  /// Updates the parameters, unless a gradient is infinite or NaN; divides the gradients by the
  /// factor first if {@link #unscale_} has not.
  ///
  /// @param optimizer whose step
  /// @return whether the step was made
  /// @throws IllegalStateException if it has made a step since the last update, or has no gradients
  public boolean step(Optimizer<?> optimizer) {
    if (!enabled) {
      optimizer.step();
      return true;
    }
    requireScale("step");
    State state = states.computeIfAbsent(optimizer, o -> new State());
    if (state.stage == Stage.STEPPED) {
      throw new IllegalStateException("step() has already been called since the last update().");
    }
    if (state.stage == Stage.READY) unscale_(optimizer);
    if (state.foundInf.isEmpty()) {
      throw new IllegalStateException("No inf checks were recorded for this optimizer.");
    }
    boolean good = state.foundInf.values().stream().mapToDouble(Tensor::item).sum() == 0;
    if (good) optimizer.step();
    state.stage = Stage.STEPPED;
    return good;
  }

  /// Raises or lowers the factor by what the steps since the last update have found.
  ///
  /// @throws IllegalStateException if there was none
  public void update() {
    if (!enabled) return;
    Tensor present = requireScale("update");
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Tensor combined =
          states.values().stream()
              .flatMap(state -> state.foundInf.values().stream())
              .map(flag -> flag.to(present.device()))
              .reduce(Tensor::add)
              .orElseThrow(
                  () -> new IllegalStateException("No inf checks were recorded prior to update."));
      Internal.ampUpdateScale_(
          present, tracker(), combined, growthFactor, backoffFactor, growthInterval);
    }
    states.clear();
  }

  private Tensor tracker() {
    if (growthTracker != null) return growthTracker;
    throw new IllegalStateException("_growth_tracker initialized before _scale");
  }

  /// Sets the factor, instead of by what steps have found.
  ///
  /// @param newScale the factor
  public void update(double newScale) {
    if (!enabled) return;
    Tensor present = requireScale("update");
    Torch.noGrad(() -> present.fill_(newScale));
    states.clear();
  }

  /// The factor. Reading it waits for a GPU.
  ///
  /// @return the factor; 1 if the scaler is disabled
  public double getScale() {
    if (!enabled) return 1;
    return scale == null ? initScale : scale.item();
  }

  /// By what the factor is multiplied after enough good steps.
  ///
  /// @return the growth factor
  public double getGrowthFactor() {
    return growthFactor;
  }

  /// Sets by what the factor is multiplied after enough good steps.
  ///
  /// @param factor the growth factor
  public void setGrowthFactor(double factor) {
    growthFactor = factor;
  }

  /// By what the factor is multiplied after a step that was left out.
  ///
  /// @return the backoff factor
  public double getBackoffFactor() {
    return backoffFactor;
  }

  /// Sets by what the factor is multiplied after a step that was left out.
  ///
  /// @param factor the backoff factor
  public void setBackoffFactor(double factor) {
    backoffFactor = factor;
  }

  /// How many good steps in a row raise the factor.
  ///
  /// @return the interval
  public int getGrowthInterval() {
    return growthInterval;
  }

  /// Sets how many good steps in a row raise the factor.
  ///
  /// @param interval the interval
  public void setGrowthInterval(int interval) {
    growthInterval = interval;
  }

  /// Whether the scaler does anything.
  ///
  /// @return false if it was switched off, or its kind of device is not there
  public boolean isEnabled() {
    return enabled;
  }

  /// The state in Python's layout. To be saved after {@link #update}.
  ///
  /// @return a new map of numbers; empty if the scaler is disabled
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    if (!enabled) return state;
    state.put("scale", getScale());
    state.put("growth_factor", growthFactor);
    state.put("backoff_factor", backoffFactor);
    state.put("growth_interval", growthInterval);
    state.put(
        "_growth_tracker",
        growthTracker == null ? initGrowthTracker : (int) growthTracker.itemLong());
    return state;
  }

  /// Goes on from a saved state.
  ///
  /// @param state as {@link #stateDict} or Python's `state_dict()` returns it
  /// @throws TorchException if it is empty
  /// @throws ValueException if an entry is missing or no number
  public void loadStateDict(Map<String, ?> state) {
    if (!enabled) return;
    if (state.isEmpty()) {
      throw new TorchException(
          "The source state dict is empty, possibly because it was saved from a disabled instance"
              + " of GradScaler.");
    }
    initScale = number(state, "scale");
    growthFactor = number(state, "growth_factor");
    backoffFactor = number(state, "backoff_factor");
    growthInterval = (int) number(state, "growth_interval");
    initGrowthTracker = (int) number(state, "_growth_tracker");
    Tensor present = scale;
    if (present == null) return;
    Supplier<Tensor> tracked = () -> tracker().fill_(initGrowthTracker);
    Torch.noGrad(() -> present.fill_(initScale));
    Torch.noGrad(tracked);
  }

  private static double number(Map<String, ?> state, String name) {
    if (state.get(name) instanceof Number number) return number.doubleValue();
    throw new ValueException(
        "scaler state has %s as '%s'; expected a number".formatted(state.get(name), name));
  }

  /// The kind of device that losses are on.
  ///
  /// @return the kind
  public DeviceType deviceType() {
    return type;
  }
}
