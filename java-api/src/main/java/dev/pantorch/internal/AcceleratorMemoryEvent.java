package dev.pantorch.internal;

import dev.pantorch.AcceleratorMemory;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/// The state of one accelerator's memory, from time to time.
@Name("pantorch.AcceleratorMemory")
@Label("Accelerator Memory")
@Category("Pantorch")
@Description("What libtorch's caching allocator counts for one device")
@Period("1 s")
@StackTrace(false)
final class AcceleratorMemoryEvent extends Event {
  @Label("Device")
  final String device;

  @Label("Allocated")
  @Description("Bytes that live tensors hold")
  @DataAmount
  final long allocated;

  @Label("Peak")
  @Description("The most that was allocated")
  @DataAmount
  final long peak;

  @Label("Reserved")
  @Description("Bytes held from the driver: allocated, cached, and rounding")
  @DataAmount
  final long reserved;

  @Label("Live Allocations")
  final long liveAllocations;

  @Label("Retries")
  @Description("Allocations that had to empty the cache first")
  final long retries;

  private AcceleratorMemoryEvent(AcceleratorMemory memory) {
    this.device = memory.device();
    this.allocated = memory.allocated();
    this.peak = memory.peak();
    this.reserved = memory.reserved();
    this.liveAllocations = memory.allocations();
    this.retries = memory.retries();
  }

  static void emit() {
    for (AcceleratorMemory memory : Devices.acceleratorMemory()) {
      new AcceleratorMemoryEvent(memory).commit();
    }
  }
}
