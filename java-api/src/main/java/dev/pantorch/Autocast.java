package dev.pantorch;

import dev.pantorch.internal.CallContext;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.Modes;
import dev.pantorch.internal.RuntimeCalls;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A region in which operators choose their dtypes: matrix products and convolutions run in
/// bfloat16 or float16, losses and sums in float32. Parameters stay float32; what is computed from
/// them is converted where it is used.
///
/// ```java
/// Tensor loss;
/// try (var mode = Torch.autocast(DeviceType.CPU, DType.BFLOAT16)) {
///   loss = criterion.forward(model.forward(x), y);
/// }
/// loss.backward(); // in the dtypes that the forward pass ran in
/// optimizer.step();
/// ```
///
/// Regions nest, also to switch autocast off for a part. A region belongs to the Java thread that
/// opened it, a virtual one included; threads that it starts are not in it.
///
/// **Converted weights** are kept, so that a weight is converted once in the outermost region,
/// however often it is used, and are forgotten at its end. libtorch has one cache for all threads:
/// here one thread at a time uses it, and threads that come in meanwhile convert without it. It is
/// also emptied where gradients are switched on or off or the dtype changes within a region, which
/// Python does not do: there a weight that was first used under `no_grad` gets no gradient.
///
/// With float16 small gradients become 0; {@link dev.pantorch.amp.GradScaler} is against that.
///
/// [torch.autocast](https://docs.pytorch.org/docs/2.13/amp.html#torch.autocast)
public final class Autocast implements AutoCloseable {

  /// The thread that uses libtorch's cache.
  private static final AtomicReference<@Nullable CallContext> CACHE_USER = new AtomicReference<>();

  private final CallContext context;
  private final long previous;
  private final boolean usesCache;
  private boolean open = true;

  /// Options of a region.
  public static final class Options {
    private @Nullable DType dtype;
    private boolean enabled = true;
    private @Nullable Boolean cacheEnabled;

    private Options() {}

    /// What operators that run in lower precision convert to.
    ///
    /// @param dtype bfloat16 or float16; unless set that of the region around this one, or bfloat16
    ///   on the CPU and float16 on CUDA
    /// @return these options
    public Options dtype(DType dtype) {
      this.dtype = dtype;
      return this;
    }

    /// Whether operators choose their dtypes; false switches that off within another region.
    ///
    /// @param enabled true unless set
    /// @return these options
    public Options enabled(boolean enabled) {
      this.enabled = enabled;
      return this;
    }

    /// Whether converted weights are kept until the end of the outermost region.
    ///
    /// @param cacheEnabled unless set as in the region around this one, or true
    /// @return these options
    public Options cacheEnabled(boolean cacheEnabled) {
      this.cacheEnabled = cacheEnabled;
      return this;
    }
  }

  private Autocast(DeviceType type, Options options) {
    context = CallContext.current();
    previous = context.mode();
    DType usual = RuntimeCalls.autocastDtype(type);
    DType set = Modes.autocastDtype(previous, type);
    DType dtype = options.dtype != null ? options.dtype : set != null ? set : usual;
    boolean enabled = options.enabled && isSupported(type, dtype);
    boolean cache =
        options.cacheEnabled == null ? Modes.autocastCache(previous) : options.cacheEnabled;
    usesCache = cache && CACHE_USER.compareAndSet(null, context);
    boolean mayCache = cache && CACHE_USER.get() == context;
    long word = Modes.withAutocast(previous, type, dtype, enabled);
    context.setMode(Modes.withAutocastCache(word, mayCache));
  }

  static Autocast open(DeviceType type, Consumer<Options> settings) {
    Options options = new Options();
    settings.accept(options);
    return new Autocast(type, options);
  }

  private static boolean isSupported(DeviceType type, DType dtype) {
    String name = type.torchName();
    if (type != DeviceType.CPU && !new Accelerator(type).isAvailable()) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "autocast on %s: no such device is available. Disabling autocast.".formatted(name));
      return false;
    }
    if (dtype == DType.BFLOAT16 || dtype == DType.FLOAT16) return true;
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "In %1$s autocast, but the target dtype is not supported. Disabling autocast.\n%1$s Autocast only supports dtypes of torch.bfloat16, torch.float16 currently."
            .formatted(name.toUpperCase(Locale.ROOT)));
    return false;
  }

  static boolean isEnabled(DeviceType type) {
    return Modes.autocast(CallContext.current().mode(), type);
  }

  static DType dtype(DeviceType type) {
    DType set = Modes.autocastDtype(CallContext.current().mode(), type);
    return set == null ? RuntimeCalls.autocastDtype(type) : set;
  }

  static boolean isCacheEnabled() {
    return Modes.autocastCache(CallContext.current().mode());
  }

  /// Ends the region; a second close does nothing.
  ///
  /// @throws IllegalStateException if called by another thread
  @Override
  public void close() {
    if (context != CallContext.current()) {
      throw new IllegalStateException(
          "an autocast region was closed by thread '%s', which did not open it"
              .formatted(Thread.currentThread().getName()));
    }
    if (!open) return;
    open = false;
    context.setMode(Modes.withAutocastOf(context.mode(), previous));
    if (usesCache) {
      RuntimeCalls.clearAutocastCache();
      CACHE_USER.set(null);
    }
  }

  <T extends @Nullable Object> T run(Supplier<T> body) {
    try (this) {
      return body.get();
    }
  }
}
