package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantorch.Accelerator;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.nn.LSTM;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/// Devices, threads, random numbers and other settings of the whole process.
class SettingsTest {
  @Test
  void should_choose_cuda_if_available_and_else_cpu() {
    Device device = Torch.cuda().isAvailable() ? Device.CUDA : Device.CPU;
    assertThat(Torch.zeros(device, 2).device().type()).isEqualTo(device.type());

    Device any = Torch.accelerator().map(Accelerator::device).orElse(Device.CPU);
    assertThat(Torch.zeros(any, 2).device().type()).isEqualTo(any.type());
  }

  @Test
  void should_count_devices_of_every_kind_without_failing() {
    for (DeviceType type : DeviceType.values()) {
      Accelerator accelerator = new Accelerator(type);
      assertThat(accelerator.deviceCount()).isNotNegative();
      assertThat(accelerator.isAvailable()).isEqualTo(accelerator.deviceCount() > 0);
      for (int i = 0; i < accelerator.deviceCount(); i++) {
        assertThat(accelerator.deviceName(i)).isNotNull();
        accelerator.synchronize(i);
      }
    }
    assertThat(Torch.mps().type()).isEqualTo(DeviceType.MPS);
    assertThat(Torch.xpu().device(1)).hasToString("xpu:1");
  }

  @Test
  void should_count_the_memory_of_an_accelerator() {
    assumeTrue(Torch.accelerator().isPresent(), "there is no accelerator here");
    Accelerator accelerator = Torch.accelerator().orElseThrow();
    Device device = accelerator.device(0);
    try (Tensor tensor = Torch.zeros(device, 1 << 20)) {
      assertThat(accelerator.memoryAllocated(0)).isGreaterThanOrEqualTo(4 << 20);
      assertThat(accelerator.memoryReserved(0))
          .isGreaterThanOrEqualTo(accelerator.memoryAllocated(0));
      assertThat(accelerator.maxMemoryReserved(0)).isGreaterThanOrEqualTo(4 << 20);
      assertThat(accelerator.memoryStats(0).device()).isEqualTo(device.toString());
      assertThat(accelerator.getMemoryInfo(0).total())
          .isGreaterThan(accelerator.getMemoryInfo(0).free());
    }
    accelerator.resetPeakMemoryStats(0);
    accelerator.emptyCache();
    assertThat(accelerator.maxMemoryAllocated(0)).isEqualTo(accelerator.memoryAllocated(0));
  }

  @Test
  void should_say_that_a_device_does_not_exist() {
    Accelerator ipu = new Accelerator(DeviceType.IPU); // no build of libtorch has these
    assertThatThrownBy(ipu::synchronize)
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device 'ipu' was asked for, but this libtorch finds no ipu device; check with"
                + " Torch.accelerator(), or use Device.CPU");
    assertThatThrownBy(() -> ipu.deviceName(1))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device 'ipu:1' was asked for, but this libtorch finds no ipu device; check with"
                + " Torch.accelerator(), or use Device.CPU");
    assertThatThrownBy(() -> ipu.memoryStats(1))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device 'ipu:1' was asked for, but this libtorch finds no ipu device; check with"
                + " Torch.accelerator(), or use Device.CPU");
    assertThatThrownBy(ipu::emptyCache).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> ipu.resetPeakMemoryStats(0)).isInstanceOf(DeviceException.class);
    assertThatThrownBy(() -> ipu.getMemoryInfo(0)).isInstanceOf(DeviceException.class);
    ipu.manualSeed(1);
    ipu.manualSeedAll(1);
  }

  @Test
  void should_repeat_random_numbers_from_a_state_or_a_seed() {
    Torch.manualSeed(42);
    assertThat(Torch.initialSeed()).isEqualTo(42);
    Tensor state = Torch.getRngState();
    float[] first = Torch.rand(3).toFloatArray();
    // torch.manual_seed(42); torch.rand(3)
    assertThat(first).containsExactly(0.88226926f, 0.91500396f, 0.38286376f);
    Torch.setRngState(state);
    assertThat(Torch.rand(3).toFloatArray()).isEqualTo(first);

    long seed = Torch.seed();
    float[] second = Torch.rand(3).toFloatArray();
    Torch.manualSeed(seed);
    assertThat(Torch.rand(3).toFloatArray()).isEqualTo(second);
    assertThatThrownBy(() -> Torch.setRngState(Torch.zeros(3))).isInstanceOf(TorchException.class);
  }

  @Test
  void should_set_threads() {
    int before = Torch.getNumThreads();
    try {
      Torch.setNumThreads(1);
      assertThat(Torch.getNumThreads()).isEqualTo(1);
    } finally {
      Torch.setNumThreads(before);
    }
    assertThat(Torch.getNumInteropThreads()).isPositive();
    assertThatThrownBy(() -> Torch.setNumThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("0 threads cannot compute; expected a number greater than 0");
  }

  @Test
  void should_set_threads_for_threads_that_have_computed_before() throws Exception {
    int before = Torch.getNumThreads();
    try {
      onAnotherThread("sets", () -> Torch.setNumThreads(before + 2));
      assertThat(Torch.getNumThreads()).isEqualTo(before + 2);
    } finally {
      Torch.setNumThreads(before);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void should_have_kernels_of_every_thread_use_the_number_of_threads() throws Exception {
    int before = Torch.getNumThreads();
    LSTM model = new LSTM(5, 64);
    Tensor x = Torch.randn(10, 64, 5);
    String name = "kernel-threads"; // OpenMP's threads have the name of the one that started them
    try {
      Torch.setNumThreads(3);
      onAnotherThread(
          name,
          () -> {
            model.forward(x);
            assertThat(threadsNamed(name)).isEqualTo(3);
          });
    } finally {
      Torch.setNumThreads(before);
    }
  }

  private static void onAnotherThread(String name, Runnable body) throws Exception {
    var task = new FutureTask<>(body, null);
    Thread.ofPlatform().name(name).start(task);
    task.get();
  }

  private static long threadsNamed(String name) {
    try (var tasks = Files.list(Path.of("/proc/self/task"))) {
      return tasks.filter(task -> name.equals(commandOf(task))).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The name of a thread, empty if it has ended meanwhile.
  private static String commandOf(Path task) {
    try {
      return Files.readString(task.resolve("comm")).strip();
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void should_set_the_default_dtype_of_factories() {
    try {
      Torch.setDefaultDtype(DType.FLOAT64);
      assertThat(Torch.zeros(2).dtype()).isEqualTo(DType.FLOAT64);
      assertThat(Torch.tensor(1f).dtype()).isEqualTo(DType.FLOAT32);
    } finally {
      Torch.setDefaultDtype(DType.FLOAT32);
    }
    assertThatThrownBy(() -> Torch.setDefaultDtype(DType.INT64))
        .isInstanceOf(TypeException.class)
        .hasMessage("the default dtype must be floating, not Long");
  }

  @Test
  void should_switch_deterministic_algorithms() {
    assertThat(Torch.areDeterministicAlgorithmsEnabled()).isFalse();
    try {
      Torch.useDeterministicAlgorithms(true);
      assertThat(Torch.areDeterministicAlgorithmsEnabled()).isTrue();
    } finally {
      Torch.useDeterministicAlgorithms(false);
    }
  }
}
