package dev.pantorch;

import java.util.List;

/// Native memory, for JMX clients: the bean `dev.pantorch:type=Memory` of the platform's server.
///
/// ```java
/// CpuMemory.registerMXBean();
/// var server = java.lang.management.ManagementFactory.getPlatformMBeanServer();
/// var name = new javax.management.ObjectName(MemoryMXBean.NAME);
/// System.out.println(server.getAttribute(name, "MemoryAllocated") + " bytes");
/// ```
///
/// It is registered within some seconds after a program or a JMX client has started the server, and
/// by {@link CpuMemory#registerMXBean} at once. The figures are those of {@link CpuMemory} and
/// {@link LeakDetection}.
public interface MemoryMXBean {
  /// The bean's name.
  String NAME = "dev.pantorch:type=Memory";

  /// As {@link CpuMemory#memoryAllocated}.
  ///
  /// @return bytes
  long getMemoryAllocated();

  /// As {@link CpuMemory#maxMemoryAllocated}.
  ///
  /// @return bytes
  long getMaxMemoryAllocated();

  /// As {@link CpuMemory#memoryReserved}.
  ///
  /// @return bytes
  long getMemoryReserved();

  /// As {@link CpuMemory#memoryCached}.
  ///
  /// @return bytes
  long getMemoryCached();

  /// As {@link CpuMemory#limit}.
  ///
  /// @return bytes; -1 for none
  long getLimit();

  /// As {@link CpuMemory#allocations}.
  ///
  /// @return the number
  long getAllocations();

  /// As {@link CpuMemory#liveAllocations}.
  ///
  /// @return the number
  long getLiveAllocations();

  /// As {@link LeakDetection#liveHandles}.
  ///
  /// @return the number
  long getLiveHandles();

  /// As {@link CpuMemory#collections}.
  ///
  /// @return the number
  long getCollections();

  /// As {@link CpuMemory#collectionTime}.
  ///
  /// @return milliseconds
  long getCollectionTime();

  /// The memory of the accelerator's devices; empty where there is none.
  ///
  /// @return one entry for each device
  List<AcceleratorMemory> getAccelerators();

  /// As {@link LeakDetection#collect}.
  void collect();

  /// As {@link CpuMemory#emptyCache}, on the accelerator's devices too.
  void emptyCache();

  /// As {@link CpuMemory#resetPeakMemoryStats}, on the accelerator's devices too.
  void resetPeakMemoryStats();
}
