package dev.pantorch.internal;

import dev.pantorch.DeviceType;
import dev.pantorch.LeakDetection;
import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where tensors were made and what they were then, recorded only at leak level TRACE.
public final class AllocationSites {
  // Keyed by identity: NativeTensor does not override equals.
  private static final Map<NativeTensor, Site> SITES =
      Collections.synchronizedMap(new WeakHashMap<>());
  private static final int LARGEST_SHOWN = 10;

  /// Compiled with the first name.
  private static final class Library {
    static final Pattern CLASSES =
        Pattern.compile(
            "dev\\.pantorch\\.([A-Z]|(amp|data|internal|io|jit|junit|metrics|nn|onnx|ops|optim"
                + "|quantization|serve|train)\\.).*");
  }

  private static volatile boolean enabled;
  private static long recorded;

  private AllocationSites() {}

  /// @param storage 0 where the tensor has none
  private record Site(
      long number, Throwable trace, TensorDescription tensor, long storage, long bytes) {
    /// ` (made at ...)`, or null where no frame is the program's.
    @Nullable String place() {
      for (StackTraceElement frame : trace.getStackTrace()) {
        if (!Library.CLASSES.matcher(frame.getClassName()).matches()) {
          return " (made at " + frame + ")";
        }
      }
      return null;
    }

    boolean isOnCpu() {
      return tensor.device().type() == DeviceType.CPU;
    }

    @Override
    public String toString() {
      String place = place();
      return "%s, %d bytes%s".formatted(tensor, bytes, place == null ? "" : place);
    }
  }

  static boolean enabled() {
    return enabled;
  }

  public static void setEnabled(boolean on) {
    enabled = on;
    if (!on) SITES.clear();
  }

  static void record(Tensor tensor) {
    TensorDescription is = TensorDescription.of(((NativeTensor) tensor).handle);
    StorageMemory.Description memory =
        is.has(pantorch_h.PT_TENSOR_HAS_STORAGE())
            ? StorageMemory.of(tensor)
            : new StorageMemory.Description(0, 0, 0);
    Throwable trace = new Throwable("allocated here");
    synchronized (SITES) {
      SITES.put(tensor, new Site(recorded++, trace, is, memory.identity(), memory.bytes()));
    }
  }

  /// One tensor that is alive and where it was made.
  public record Live(String description, Throwable site) {}

  /// The recorded tensors that are not closed.
  public static List<Live> live() {
    List<Live> result = new ArrayList<>();
    synchronized (SITES) {
      for (Map.Entry<NativeTensor, Site> entry : SITES.entrySet()) {
        NativeTensor tensor = entry.getKey();
        if (tensor != null && !tensor.closedNow()) {
          Site site = entry.getValue();
          result.add(new Live(name(tensor) + " " + site.tensor, site.trace));
        }
      }
    }
    return result;
  }

  /// The paragraph of an out-of-memory error that says who holds the memory.
  ///
  /// @param cpu of the CPU, or else of the accelerator
  static String largest(boolean cpu) {
    if (!enabled) {
      return "\nto list the largest live tensors and where they were made, run with -D%s=trace"
          .formatted(LeakDetection.PROPERTY);
    }
    Collection<Site> owners = owners(cpu);
    StringBuilder text =
        new StringBuilder(
            "\nlive tensors that were made since tracing began: %d, views not counted"
                .formatted(owners.size()));
    if (!owners.isEmpty()) text.append("; the largest:");
    owners.stream()
        .sorted(Comparator.comparingLong(Site::bytes).reversed().thenComparingLong(Site::number))
        .limit(LARGEST_SHOWN)
        .forEach(site -> text.append("\n  ").append(site));
    return text.toString();
  }

  /// The oldest live tensor of each storage: the younger ones are views of it.
  private static Collection<Site> owners(boolean cpu) {
    Map<Long, Site> owners = new LinkedHashMap<>();
    synchronized (SITES) {
      SITES.forEach((tensor, site) -> {
        if (tensor != null && !tensor.closedNow() && site.bytes > 0 && site.isOnCpu() == cpu) {
          owners.merge(site.storage, site, (a, b) -> a.number < b.number ? a : b);
        }
      });
    }
    return owners.values();
  }

  /// ` (made at ...)`, or null where nothing was recorded.
  static @Nullable String describe(NativeTensor tensor) {
    Site site = SITES.get(tensor);
    return site == null ? null : site.place();
  }

  static String name(NativeTensor tensor) {
    return "@" + Integer.toHexString(System.identityHashCode(tensor));
  }
}
