package dev.pantorch.internal;

import dev.pantorch.CpuMemory;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/// The state of the CPU's native memory, from time to time.
@Name("pantorch.MemoryStatistics")
@Label("Native Memory Statistics")
@Category("Pantorch")
@Description("CPU memory of tensors")
@Period("1 s")
@StackTrace(false)
final class MemoryStatisticsEvent extends Event {
  @Label("Allocated")
  @Description("Bytes that live tensors have asked for")
  @DataAmount
  long allocated;

  @Label("Peak")
  @Description("The most that was allocated")
  @DataAmount
  long peak;

  @Label("Cached")
  @Description("Bytes that are free and ready for reuse")
  @DataAmount
  long cached;

  @Label("Reserved")
  @Description("Bytes held from the system: allocated, cached, and rounding")
  @DataAmount
  long reserved;

  @Label("Limit")
  @Description("The most that may be allocated; -1 for no limit")
  @DataAmount
  long limit;

  @Label("Live Handles")
  @Description("Tensors that were made and not freed")
  long liveHandles;

  @Label("Live Allocations")
  long liveAllocations;

  @Label("Allocations")
  @Description("Allocations ever made")
  long allocations;

  @Label("Collections")
  @Description("Garbage collections asked for to free native memory")
  long collections;

  static void emit() {
    MemoryStatisticsEvent event = new MemoryStatisticsEvent();
    event.allocated = allocatedNow();
    event.peak = CpuMemory.maxMemoryAllocated();
    event.cached = CpuMemory.memoryCached();
    event.reserved = CpuMemory.memoryReserved();
    event.limit = CpuMemory.limit();
    event.liveHandles = Reaper.live();
    event.liveAllocations = CpuMemory.liveAllocations();
    event.allocations = CpuMemory.allocations();
    event.collections = Pressure.collections();
    event.commit();
  }

  static long allocatedNow() {
    return CpuMemory.memoryAllocated();
  }
}
