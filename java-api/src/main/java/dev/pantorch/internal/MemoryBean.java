package dev.pantorch.internal;

import dev.pantorch.Accelerator;
import dev.pantorch.AcceleratorMemory;
import dev.pantorch.CpuMemory;
import dev.pantorch.DeviceType;
import dev.pantorch.LeakDetection;
import dev.pantorch.MemoryMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Consumer;
import javax.management.InstanceAlreadyExistsException;
import javax.management.JMException;
import javax.management.MBeanServerFactory;
import javax.management.ObjectName;

/// The figures of {@link CpuMemory} and {@link LeakDetection} as attributes.
public final class MemoryBean implements MemoryMXBean {
  private MemoryBean() {}

  /// Registers with the platform's server if that exists already.
  ///
  /// @return whether the bean is registered now
  static boolean registerIfServed() {
    if (MBeanServerFactory.findMBeanServer(null).isEmpty()) return false;
    registerWithPlatform();
    return true;
  }

  /// Registers with the platform's server, which is started if it was not.
  public static void registerWithPlatform() {
    if (!Observability.isPresent("java.management")) {
      throw new IllegalStateException(
          "this Java runtime has no module java.management; start it with --add-modules"
              + " java.management, or add the module to the image");
    }
    Platform.register();
  }

  /// Apart, so that nothing of JMX is linked where it is absent.
  private static final class Platform {
    static void register() {
      try {
        var server = ManagementFactory.getPlatformMBeanServer();
        server.registerMBean(new MemoryBean(), new ObjectName(NAME));
      } catch (InstanceAlreadyExistsException e) {
        // Registered already.
      } catch (JMException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public long getMemoryAllocated() {
    return CpuMemory.memoryAllocated();
  }

  @Override
  public long getMaxMemoryAllocated() {
    return CpuMemory.maxMemoryAllocated();
  }

  @Override
  public long getMemoryReserved() {
    return CpuMemory.memoryReserved();
  }

  @Override
  public long getMemoryCached() {
    return CpuMemory.memoryCached();
  }

  @Override
  public long getLimit() {
    return CpuMemory.limit();
  }

  @Override
  public long getAllocations() {
    return CpuMemory.allocations();
  }

  @Override
  public long getLiveAllocations() {
    return CpuMemory.liveAllocations();
  }

  @Override
  public long getLiveHandles() {
    return LeakDetection.liveHandles();
  }

  @Override
  public long getCollections() {
    return CpuMemory.collections();
  }

  @Override
  public long getCollectionTime() {
    return CpuMemory.collectionTime();
  }

  @Override
  public List<AcceleratorMemory> getAccelerators() {
    return Devices.acceleratorMemory();
  }

  @Override
  public void collect() {
    LeakDetection.collect();
  }

  @Override
  public void emptyCache() {
    CpuMemory.emptyCache();
    onAccelerator(Accelerator::emptyCache);
  }

  @Override
  public void resetPeakMemoryStats() {
    CpuMemory.resetPeakMemoryStats();
    onAccelerator(accelerator -> {
      for (int i = 0; i < accelerator.deviceCount(); i++) accelerator.resetPeakMemoryStats(i);
    });
  }

  private static void onAccelerator(Consumer<Accelerator> action) {
    DeviceType type = Devices.accelerator();
    if (type != null && !Devices.acceleratorMemory().isEmpty()) {
      action.accept(new Accelerator(type));
    }
  }
}
