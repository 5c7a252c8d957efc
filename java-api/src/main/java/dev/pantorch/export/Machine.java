package dev.pantorch.export;

import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.DeviceType;
import dev.pantorch.TorchException;
import dev.pantorch.internal.CustomLibraries;
import dev.pantorch.internal.Devices;
import dev.pantorch.internal.RuntimeCalls;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Whether a package was compiled for a machine like this one. Code for another processor would end
/// the process.
final class Machine {
  /// What the compiler's names for instruction sets stand for, by libtorch's names.
  private static final Map<String, List<String>> NEEDS =
      Map.of(
          "AVX2", List.of("avx2", "fma3"),
          "AVX512", List.of("avx512_f", "avx512_dq", "avx512_vl", "avx512_bw"),
          "AVX512_VNNI", List.of("avx512_vnni"),
          "AMX_TILE", List.of("amx_tile", "amx_bf16", "amx_int8"),
          "AMX_FP16", List.of("amx_fp16"));

  private Machine() {}

  /// @param metadata what the compiler has noted; what is not there is not checked
  static void check(Path path, Map<String, String> metadata) {
    String platform = metadata.getOrDefault("AOTI_PLATFORM", "");
    String processor = processor(metadata.getOrDefault("AOTI_MACHINE", ""));
    if ((!platform.isEmpty() && !platform.equals(platform()))
        || (!processor.isEmpty() && !processor.equals(processor(System.getProperty("os.arch"))))) {
      throw new TorchException(
          "%s was compiled for %s on %s; this is %s on %s: compile it on a machine like this one"
              .formatted(
                  path, platform, processor, platform(), processor(System.getProperty("os.arch"))));
    }
    String device = metadata.getOrDefault("AOTI_DEVICE_KEY", "cpu");
    if (device.equals("cpu")) {
      checkInstructions(
          path, metadata.getOrDefault("AOTI_CPU_ISA", ""), RuntimeCalls.cpuCapabilities());
    } else if (!there(device)) {
      throw new DeviceException(
          "%s was compiled for %s, but this libtorch finds no %s device; compile it for the CPU, or take a libtorch for %s (LIBTORCH_VARIANT)"
              .formatted(path, device, device, device));
    }
  }

  private static boolean there(String device) {
    DeviceType type = type(device);
    return type != null && Devices.count(type) > 0;
  }

  private static @Nullable DeviceType type(String name) {
    return Arrays.stream(DeviceType.values())
        .filter(type -> type.torchName().equals(name))
        .findFirst()
        .orElse(null);
  }

  /// The device that a model runs on, after its package was checked.
  static Device device(Map<String, String> metadata, int index) {
    DeviceType type = type(metadata.getOrDefault("AOTI_DEVICE_KEY", "cpu"));
    return type == null || type == DeviceType.CPU
        ? Device.CPU
        : Device.of(type, Math.max(0, index));
  }

  static void checkInstructions(Path path, String names, Set<String> present) {
    Set<String> lacking = new TreeSet<>();
    for (String name : names.split(" ", -1)) lacking.addAll(NEEDS.getOrDefault(name, List.of()));
    lacking.removeAll(present);
    if (!lacking.isEmpty()) {
      throw new TorchException(
          "%s was compiled for a processor with %s; this one lacks %s: compile it on a machine like this one, or with ATEN_CPU_CAPABILITY=avx2 in the environment"
              .formatted(path, names, lacking));
    }
  }

  private static String platform() {
    String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return name.startsWith("windows") ? "win32" : name.startsWith("mac") ? "darwin" : name;
  }

  private static String processor(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "amd64", "x86_64" -> "x86_64";
      case "arm64", "aarch64" -> "aarch64";
      default -> name;
    };
  }

  /// What the loader says, and what can be done about it.
  static TorchException explained(Path path, TorchException thrown) {
    String text = String.valueOf(thrown.getMessage());
    String hint = "";
    if (text.contains("undefined symbol")) {
      return refused(path, CustomLibraries.explained(text), thrown);
    } else if (text.contains("cannot open shared object file")) {
      hint = "; install that library, which the compiled code uses";
    } else if (text.contains("failed to map segment")) {
      hint = "; the temporary folder may not hold programs: name another with -Djava.io.tmpdir";
    }
    return refused(path, text.replaceFirst("^Error in dlopen: ", "") + hint, thrown);
  }

  private static TorchException refused(Path path, String why, TorchException cause) {
    TorchException refusal = new TorchException("%s cannot be loaded: %s".formatted(path, why));
    refusal.initCause(cause);
    return refusal;
  }
}
