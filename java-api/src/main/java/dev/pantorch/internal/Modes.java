package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.ffi.generated.pantorch_h;
import org.jspecify.annotations.Nullable;

/// The bits of a mode word (`PT_MODE_*`).
public final class Modes {
  private static final long NO_GRAD = pantorch_h.PT_MODE_NO_GRAD();
  private static final long INFERENCE = pantorch_h.PT_MODE_INFERENCE();
  private static final long AUTOCAST_CPU = pantorch_h.PT_MODE_AUTOCAST_CPU();
  private static final long AUTOCAST_ACCELERATOR = pantorch_h.PT_MODE_AUTOCAST_ACCELERATOR();
  private static final long AUTOCAST_UNCACHED = pantorch_h.PT_MODE_AUTOCAST_UNCACHED();
  private static final int CPU_DTYPE = pantorch_h.PT_MODE_AUTOCAST_CPU_DTYPE_SHIFT();
  private static final int ACCELERATOR_DTYPE =
      pantorch_h.PT_MODE_AUTOCAST_ACCELERATOR_DTYPE_SHIFT();
  private static final int ACCELERATOR_TYPE = pantorch_h.PT_MODE_AUTOCAST_ACCELERATOR_TYPE_SHIFT();
  private static final long BYTE = 0xff;
  private static final long AUTOCAST =
      AUTOCAST_CPU
          | AUTOCAST_ACCELERATOR
          | AUTOCAST_UNCACHED
          | BYTE << CPU_DTYPE
          | BYTE << ACCELERATOR_DTYPE
          | BYTE << ACCELERATOR_TYPE;

  private static final long SAVED_TENSOR_HOOKS = pantorch_h.PT_MODE_SAVED_TENSOR_HOOKS();
  private static final long NO_TRACE = pantorch_h.PT_MODE_NO_TRACE();

  private Modes() {}

  /// Calls with this word are left out of a trace that is under way.
  public static long untraced(long word) {
    return word | NO_TRACE;
  }

  public static long withGrad(long word, boolean enabled) {
    return enabled ? word & ~NO_GRAD : word | NO_GRAD;
  }

  /// Inference mode switches gradients with it, both ways, as in PyTorch.
  public static long withInference(long word, boolean enabled) {
    return enabled ? word | INFERENCE | NO_GRAD : word & ~(INFERENCE | NO_GRAD);
  }

  static long withSavedTensorHooks(long word, boolean any) {
    return any ? word | SAVED_TENSOR_HOOKS : word & ~SAVED_TENSOR_HOOKS;
  }

  public static boolean gradEnabled(long word) {
    return (word & NO_GRAD) == 0;
  }

  public static boolean inference(long word) {
    return (word & INFERENCE) != 0;
  }

  public static long withAutocast(long word, DeviceType type, DType dtype, boolean enabled) {
    boolean cpu = type == DeviceType.CPU;
    long bit = cpu ? AUTOCAST_CPU : AUTOCAST_ACCELERATOR;
    int shift = cpu ? CPU_DTYPE : ACCELERATOR_DTYPE;
    long result = (word & ~(BYTE << shift)) | (long) dtype.code() << shift;
    if (!cpu) {
      result = (result & ~(BYTE << ACCELERATOR_TYPE)) | (long) type.code() << ACCELERATOR_TYPE;
    }
    return enabled ? result | bit : result & ~bit;
  }

  public static long withAutocastCache(long word, boolean enabled) {
    return enabled ? word & ~AUTOCAST_UNCACHED : word | AUTOCAST_UNCACHED;
  }

  /// A word with another one's autocast.
  public static long withAutocastOf(long word, long other) {
    return (word & ~AUTOCAST) | (other & AUTOCAST);
  }

  public static boolean autocast(long word, DeviceType type) {
    if (type == DeviceType.CPU) return (word & AUTOCAST_CPU) != 0;
    return (word & AUTOCAST_ACCELERATOR) != 0 && isAccelerator(word, type);
  }

  public static boolean autocastAnywhere(long word) {
    return (word & (AUTOCAST_CPU | AUTOCAST_ACCELERATOR)) != 0;
  }

  /// The dtype that was set, or null for libtorch's own choice.
  public static @Nullable DType autocastDtype(long word, DeviceType type) {
    boolean cpu = type == DeviceType.CPU;
    if (!cpu && !isAccelerator(word, type)) return null;
    int code = (int) (word >> (cpu ? CPU_DTYPE : ACCELERATOR_DTYPE) & BYTE);
    return code == 0 ? null : DType.ofCode(code);
  }

  private static boolean isAccelerator(long word, DeviceType type) {
    return (word >> ACCELERATOR_TYPE & BYTE) == type.code();
  }

  public static boolean autocastCache(long word) {
    return (word & AUTOCAST_UNCACHED) == 0;
  }
}
