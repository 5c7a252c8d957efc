package dev.pantorch.internal;

import java.util.Locale;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/// One collection that the JVM was asked for.
@Name("pantorch.MemoryCollection")
@Label("Native Memory Collection")
@Category("Pantorch")
@Description("A garbage collection asked for to free native memory, and what became free")
final class CollectionEvent extends Event {
  @Label("Cause")
  @Description("pressure, allocation failure or request")
  final String cause;

  @Label("Wanted")
  @Description("The bytes of the allocation that failed")
  @DataAmount
  final long wanted;

  @Label("Allocated Before")
  @DataAmount
  final long allocatedBefore;

  @Label("Freed")
  @DataAmount
  long freed;

  @Label("Freed Handles")
  long freedHandles;

  private final transient long handlesBefore;

  private CollectionEvent(Pressure.Cause cause, long wanted) {
    this.cause = cause.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    this.wanted = wanted;
    this.allocatedBefore = MemoryStatisticsEvent.allocatedNow();
    this.handlesBefore = Reaper.live();
  }

  /// Starts the clock. To be called only once JFR has been started.
  static CollectionEvent begin(Pressure.Cause cause, long wanted) {
    CollectionEvent event = new CollectionEvent(cause, wanted);
    event.begin();
    return event;
  }

  void finish() {
    end();
    freed = allocatedBefore - MemoryStatisticsEvent.allocatedNow();
    freedHandles = handlesBefore - Reaper.live();
    commit();
  }
}
