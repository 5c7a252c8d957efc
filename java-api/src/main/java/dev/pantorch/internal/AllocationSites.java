package dev.pantorch.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/// Where tensors were made, recorded only at leak level TRACE.
public final class AllocationSites {
  // Keyed by identity: NativeTensor does not override equals.
  private static final Map<NativeTensor, Throwable> SITES =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static volatile boolean enabled;

  private AllocationSites() {}

  static boolean enabled() {
    return enabled;
  }

  public static void setEnabled(boolean on) {
    enabled = on;
    if (!on) SITES.clear();
  }

  static void record(NativeTensor tensor) {
    SITES.put(tensor, new Throwable("allocated here"));
  }

  /// One tensor that is alive and where it was made.
  public record Live(String description, Throwable site) {}

  /// The recorded tensors that are not closed.
  public static List<Live> live() {
    List<Live> result = new ArrayList<>();
    synchronized (SITES) {
      for (Map.Entry<NativeTensor, Throwable> entry : SITES.entrySet()) {
        NativeTensor tensor = entry.getKey();
        if (tensor != null && !tensor.closedNow()) {
          result.add(
              new Live(
                  "@" + Integer.toHexString(System.identityHashCode(tensor)), entry.getValue()));
        }
      }
    }
    return result;
  }

  /// ` allocated at ...`, or null where nothing was recorded.
  static @Nullable String describe(NativeTensor tensor) {
    Throwable site = SITES.get(tensor);
    if (site == null) return null;
    return StackWalkerFrames.firstUserFrame(site);
  }

  private static final class StackWalkerFrames {
    static @Nullable String firstUserFrame(Throwable site) {
      for (StackTraceElement frame : site.getStackTrace()) {
        if (!frame.getClassName().startsWith("dev.pantorch.")) return " (made at " + frame + ")";
      }
      return null;
    }
  }
}
