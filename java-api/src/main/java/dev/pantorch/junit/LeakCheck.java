package dev.pantorch.junit;

import dev.pantorch.LeakDetection;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A JUnit extension that fails a test after which more tensors are alive than before it, once
/// those that are unreachable were freed.
///
/// ```java
/// @ExtendWith(LeakCheck.class)
/// class ModelTest { ... }
/// ```
///
/// Tensors are counted over the whole process, so tests that are checked must not run side by side.
/// Tensors held by fields of the test instance count as alive: close them, or make them in the
/// test. With `-Dpantorch.leaks=trace` the failure says where the survivors were made.
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(LeakCheck.class);
  private static final int SITES_SHOWN = 5;
  private static final int ATTEMPTS = 3;

  /// Called by JUnit.
  public LeakCheck() {}

  @Override
  public void beforeEach(ExtensionContext context) {
    context.getStore(NAMESPACE).put("live", LeakDetection.liveHandles());
  }

  @Override
  public void afterEach(ExtensionContext context) {
    long before = context.getStore(NAMESPACE).get("live", Long.class);
    // Collecting takes milliseconds; most tests free what they make.
    for (int i = 0; i < ATTEMPTS && LeakDetection.liveHandles() > before; i++) {
      LeakDetection.collect();
    }
    long leaked = LeakDetection.liveHandles() - before;
    if (leaked > 0) throw new AssertionError(describe(leaked));
  }

  private static String describe(long leaked) {
    String message =
        "the test leaked %d tensor%s: alive and reachable after it"
            .formatted(leaked, leaked == 1 ? "" : "s");
    if (LeakDetection.level() != LeakDetection.Level.TRACE) {
      return message + "; run with -D" + LeakDetection.PROPERTY + "=trace to see where from";
    }
    List<LeakDetection.Live> live = LeakDetection.live();
    StringBuilder sites = new StringBuilder(message);
    for (LeakDetection.Live each : live.subList(0, Math.min(SITES_SHOWN, live.size()))) {
      sites.append("\n  ").append(each.description());
      for (StackTraceElement frame : each.site().getStackTrace()) {
        if (!frame.getClassName().startsWith("dev.pantorch.internal.")) {
          sites.append("\n    at ").append(frame);
        }
      }
    }
    return sites.toString();
  }
}
