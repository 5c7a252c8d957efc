package dev.pantorch;

import dev.pantorch.internal.AllocationSites;
import dev.pantorch.internal.NativeRuntime;
import java.util.List;
import java.util.Locale;

/// Finds tensors that live longer than meant.
///
/// ```java
/// LeakDetection.setLevel(LeakDetection.Level.TRACE);
/// train();
/// for (LeakDetection.Live live : LeakDetection.live()) live.site().printStackTrace();
/// ```
///
/// Live handles are always counted. At level {@link Level#TRACE} every tensor also records where it
/// was made, which costs some microseconds each; {@link #live} then lists those that are not
/// closed, and errors about a closed tensor say where it came from. The level is set here or by the
/// system property `pantorch.leaks` (`off`, `count`, `trace`).
public final class LeakDetection {
  /// The system property that sets the level at start.
  public static final String PROPERTY = "pantorch.leaks";

  /// How much is recorded.
  public enum Level {
    /// Nothing is reported.
    OFF,
    /// The number of live handles. The default.
    COUNT,
    /// The number, and for each live tensor where it was made.
    TRACE
  }

  /// A live tensor and where it was made.
  ///
  /// @param description identity of the tensor, its dtype, shape and device
  /// @param site a stack trace from the place where it was made
  public record Live(String description, Throwable site) {}

  private static volatile Level level = Level.COUNT;

  static {
    String configured = System.getProperty(PROPERTY);
    if (configured != null) setLevel(parse(configured));
  }

  private LeakDetection() {}

  private static Level parse(String text) {
    try {
      return Level.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "system property %s is '%s'; expected off, count or trace".formatted(PROPERTY, text), e);
    }
  }

  /// The level in force.
  ///
  /// @return the level
  public static Level level() {
    return level;
  }

  /// Sets the level, for tensors made from now on.
  ///
  /// @param newLevel the level
  public static void setLevel(Level newLevel) {
    level = newLevel;
    AllocationSites.setEnabled(newLevel == Level.TRACE);
  }

  /// How many tensor handles are alive, over all threads: those in open scopes, and those that are
  /// reachable or not yet swept. Exact while no other thread makes or frees tensors.
  ///
  /// @return the number; 0 at level off
  public static long liveHandles() {
    return level == Level.OFF ? 0 : NativeRuntime.liveHandles();
  }

  /// The live tensors that were made at level trace.
  ///
  /// @return one entry for each
  public static List<Live> live() {
    return AllocationSites.live().stream()
        .map(live -> new Live(live.description(), live.site()))
        .toList();
  }

  /// Asks the JVM for a garbage collection and frees the tensors that are unreachable.
  public static void collect() {
    NativeRuntime.collect();
  }
}
