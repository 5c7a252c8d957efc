package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.pantorch.CpuMemory;
import dev.pantorch.LeakDetection;
import dev.pantorch.MemoryMXBean;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Native memory as JFR and JMX show it.
class ObservabilityTest {
  private static final int MEGABYTE_OF_FLOATS = 1 << 18;

  @TempDir private Path folder;

  /// What a recording has of the events that are called so.
  private List<RecordedEvent> recorded(String name, Runnable body) throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      // At the end of the recording, for certain; by default once a second.
      recording.enable(name).with("period", "endChunk");
      recording.start();
      body.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }

  @Test
  void should_record_the_state_of_memory() throws IOException {
    try (Tensor tensor = Torch.empty(MEGABYTE_OF_FLOATS)) {
      long allocated = CpuMemory.memoryAllocated();
      long allocations = CpuMemory.allocations();
      List<RecordedEvent> events = recorded("pantorch.MemoryStatistics", () -> {});
      assertThat(events)
          .isNotEmpty()
          .allSatisfy(event -> {
            assertThat(event.getLong("allocated")).isEqualTo(allocated);
            assertThat(event.getLong("peak")).isGreaterThanOrEqualTo(allocated);
            assertThat(event.getLong("reserved"))
                .isGreaterThanOrEqualTo(allocated + event.getLong("cached"));
            assertThat(event.getLong("limit")).isEqualTo(-1);
            assertThat(event.getLong("liveHandles")).isPositive();
            assertThat(event.getLong("liveAllocations")).isPositive();
            assertThat(event.getLong("allocations")).isEqualTo(allocations);
            assertThat(event.getLong("collections")).isNotNegative();
          });
    }
  }

  @Test
  void should_record_what_a_failed_allocation_set_free() throws IOException {
    List<RecordedEvent> events =
        recorded(
            "pantorch.MemoryCollection",
            () -> {
              LeakDetection.collect();
              CpuMemory.setLimit(CpuMemory.memoryAllocated() + (8L << 20));
              try {
                for (int i = 0; i < 9; i++) Torch.empty(MEGABYTE_OF_FLOATS);
              } finally {
                CpuMemory.setLimit(-1);
              }
            });
    assertThat(events).hasSizeGreaterThanOrEqualTo(2);
    assertThat(events.getFirst().getString("cause")).isEqualTo("request");
    assertThat(events)
        .filteredOn(event -> event.getString("cause").equals("allocation failure"))
        .isNotEmpty()
        .first()
        .satisfies(event -> {
          assertThat(event.getLong("wanted")).isEqualTo(1 << 20);
          assertThat(event.getLong("allocatedBefore")).isGreaterThanOrEqualTo(8 << 20);
          assertThat(event.getLong("freed")).isPositive();
          assertThat(event.getLong("freedHandles")).isPositive();
          assertThat(event.getDuration()).isPositive();
        });
  }

  private static MBeanServer server() {
    CpuMemory.registerMXBean();
    return ManagementFactory.getPlatformMBeanServer();
  }

  private static ObjectName name() throws JMException {
    return new ObjectName(MemoryMXBean.NAME);
  }

  @Test
  void should_show_memory_as_attributes() throws JMException {
    try (Tensor tensor = Torch.empty(MEGABYTE_OF_FLOATS)) {
      MemoryMXBean bean = JMX.newMXBeanProxy(server(), name(), MemoryMXBean.class);
      assertThat(bean.getMemoryAllocated())
          .isEqualTo(CpuMemory.memoryAllocated())
          .isGreaterThanOrEqualTo(1 << 20);
      assertThat(bean.getMaxMemoryAllocated()).isEqualTo(CpuMemory.maxMemoryAllocated());
      assertThat(bean.getMemoryReserved()).isEqualTo(CpuMemory.memoryReserved());
      assertThat(bean.getMemoryCached()).isEqualTo(CpuMemory.memoryCached());
      assertThat(bean.getAllocations()).isEqualTo(CpuMemory.allocations());
      assertThat(bean.getLiveAllocations()).isEqualTo(CpuMemory.liveAllocations());
      assertThat(bean.getLiveHandles()).isEqualTo(LeakDetection.liveHandles());
      assertThat(bean.getCollectionTime()).isEqualTo(CpuMemory.collectionTime());
      assertThat(bean.getLimit()).isEqualTo(-1);
      CpuMemory.setLimit(1L << 40);
      assertThat(bean.getLimit()).isEqualTo(1L << 40);
      CpuMemory.setLimit(-1);
    }
  }

  @Test
  void should_show_the_devices_of_the_accelerator() throws JMException {
    Object devices = server().getAttribute(name(), "Accelerators");
    assertThat(devices).isInstanceOf(CompositeData[].class);
    assertThat((CompositeData[]) devices)
        .hasSize(Torch.accelerator().map(accelerator -> accelerator.deviceCount()).orElse(0));
  }

  @Test
  void should_collect_and_reset_on_demand() throws JMException {
    MemoryMXBean bean = JMX.newMXBeanProxy(server(), name(), MemoryMXBean.class);
    bean.collect();
    long handles = bean.getLiveHandles();
    Torch.empty(MEGABYTE_OF_FLOATS);
    long collections = bean.getCollections();
    bean.collect();
    assertThat(bean.getCollections()).isEqualTo(collections + 1);
    assertThat(bean.getLiveHandles()).isEqualTo(handles);
    bean.resetPeakMemoryStats();
    assertThat(bean.getMaxMemoryAllocated()).isEqualTo(bean.getMemoryAllocated());
    assertThatCode(bean::emptyCache).doesNotThrowAnyException();
  }

  @Test
  void should_register_once_only() {
    server();
    assertThatCode(CpuMemory::registerMXBean).doesNotThrowAnyException();
  }

  @Test
  void should_load_neither_jfr_events_nor_jmx_at_start() throws Exception {
    assertThat(ObservedRun.start("-Xlog:class+load", "tensor"))
        .anyMatch(line -> line.contains("dev.pantorch.Tensor "))
        .noneMatch(line -> line.contains("jdk.jfr.Event "))
        .noneMatch(line -> line.contains("java.lang.management.ManagementFactory "))
        .noneMatch(line -> line.contains("JmxMBeanServer "));
  }

  @Test
  void should_register_by_itself_where_jmx_was_started() throws Exception {
    assertThat(ObservedRun.start("-Dcom.sun.management.jmxremote", "bean")).contains("registered");
  }

  @Test
  void should_record_from_the_start() throws Exception {
    Path file = folder.resolve("started.jfr");
    ObservedRun.start(
        "-XX:StartFlightRecording:+pantorch.MemoryStatistics#period=endChunk,filename=" + file,
        "tensor");
    assertThat(RecordingFile.readAllEvents(file))
        .anyMatch(event -> event.getEventType().getName().equals("pantorch.MemoryStatistics"));
  }

  /// A process that uses Pantorch.
  static final class ObservedRun {
    private ObservedRun() {}

    /// Makes a tensor, or waits for the bean.
    public static void main(String[] arguments) throws Exception {
      Torch.ones(1).close();
      if (!arguments[0].equals("bean")) return;
      MBeanServer server = ManagementFactory.getPlatformMBeanServer();
      for (int i = 0; i < 600 && !server.isRegistered(name()); i++) Thread.sleep(100);
      System.out.println(server.isRegistered(name()) ? "registered" : "not registered");
    }

    static List<String> start(String option, String argument) throws Exception {
      ChildJvm jvm = ChildJvm.of(ObservedRun.class).flags(option).arguments(argument);
      return jvm.output().lines().toList();
    }
  }
}
