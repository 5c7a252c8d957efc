package dev.pantorch;

import dev.pantorch.ffi.Attempt;
import dev.pantorch.ffi.Libtorch;
import dev.pantorch.ffi.LoadReport;
import dev.pantorch.ffi.NativeLibrary;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.internal.NativeErrors;
import dev.pantorch.internal.NativeRuntime;
import dev.pantorch.internal.RuntimeCalls;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Says what this machine offers and what Pantorch found on it: the JDK, libtorch and every place
/// where it was looked for, devices, threads, BLAS and quantized engines. `examples/run doctor`
/// runs it; so does
///
/// ```java
/// boolean loaded = Doctor.report(System.out);
/// ```
///
/// ```sh
/// java --enable-native-access=ALL-UNNAMED -cp ... dev.pantorch.Doctor
/// ```
///
/// It exits with 1 when the libraries cannot be loaded. A report of a problem should include its
/// output.
public final class Doctor {
  /// Names of libtorch's `QEngine` values, in their order.
  private static final List<String> ENGINES = List.of("none", "fbgemm", "qnnpack", "onednn", "x86");

  /// The accelerators that libtorch can be built for, under their `c10::DeviceType` value.
  private record Accelerator(String name, int type) {}

  private static final List<Accelerator> ACCELERATORS =
      List.of(new Accelerator("cuda", 1), new Accelerator("xpu", 12), new Accelerator("mps", 13));

  private final PrintStream out;

  private Doctor(PrintStream out) {
    this.out = out;
  }

  /// Prints the report to standard output.
  ///
  /// @param args none
  public static void main(String[] args) {
    if (!report(System.out)) {
      System.exit(1);
    }
  }

  /// Prints the report.
  ///
  /// @param out where to
  /// @return whether the libraries are loaded
  public static boolean report(PrintStream out) {
    return new Doctor(out).print();
  }

  private boolean print() {
    java.lang.Runtime jvm = java.lang.Runtime.getRuntime();
    section("system");
    line("jdk", java.lang.Runtime.version() + " (" + property("java.vendor") + ")");
    line("jdk home", property("java.home"));
    line("os", property("os.name") + " " + property("os.version") + " on " + property("os.arch"));
    line("processors", jvm.availableProcessors());
    line("java heap", "at most %.1f GiB".formatted(jvm.maxMemory() / (double) (1L << 30)));

    LoadReport report = NativeLibrary.report();
    Libtorch libtorch = report.libtorch();
    section("libtorch");
    line("wanted", report.wantedLibtorch() + " for " + report.platform());
    line("found", libtorch == null ? "none" : libtorch.version());
    line("path", libtorch == null ? "none" : libtorch.home());
    line("libpantorch", report.shim() == null ? "none" : report.shim());
    section("places tried");
    for (Attempt attempt : report.attempts()) {
      out.printf("  %s: %s%n", attempt.place(), attempt.result());
    }
    UnsatisfiedLinkError failure = report.failure();
    if (failure != null) {
      section("problem");
      out.println(failure.getMessage());
      return false;
    }
    printNative();
    return true;
  }

  private void printNative() {
    section("loaded");
    line("libtorch", pantorch_h.pt_libtorch_version().getString(0));
    line("libpantorch", "ABI " + pantorch_h.pt_abi_version());
    section("devices");
    line("cpu", "available");
    for (Accelerator accelerator : ACCELERATORS) {
      line(accelerator.name, devices(accelerator.type));
    }
    section("threads");
    line("in an operator", pantorch_h.pt_runtime_num_threads());
    line("between operators", pantorch_h.pt_runtime_num_interop_threads());
    section("settings");
    line("allocator", setting(NativeRuntime.ALLOCATOR_PROPERTY, "caching"));
    line("leak detection", setting(LeakDetection.PROPERTY, "count"));
    section("arithmetic");
    String config = text(pantorch_h::pt_runtime_config);
    line("blas", buildSetting(config, "BLAS_INFO"));
    line("lapack", buildSetting(config, "LAPACK_INFO"));
    line("quantized engines", engines());
    section("libtorch's build");
    indented(config);
    section("libtorch's threads");
    indented(text(pantorch_h::pt_runtime_parallel_info));
  }

  private static String devices(int type) {
    int count = pantorch_h.pt_device_count(type);
    if (count == 0) {
      return "none";
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int index = i;
      names.add(i + ": " + text(address -> pantorch_h.pt_device_name(type, index, address)));
    }
    return String.join(", ", names);
  }

  private static String engines() {
    int used = RuntimeCalls.quantizedEngine();
    return RuntimeCalls.quantizedEngines().stream()
        .map(engine -> ENGINES.get(engine) + (engine == used ? " (in use)" : ""))
        .collect(Collectors.joining(", "));
  }

  /// The text that a call of the shim writes the address of, which is freed.
  @SuppressWarnings("restricted") // the shim's texts end in NUL
  private static String text(ToLongFunction<MemorySegment> call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment address = arena.allocate(ValueLayout.ADDRESS);
      NativeErrors.check(call.applyAsLong(address));
      MemorySegment text = address.get(ValueLayout.ADDRESS, 0);
      try {
        return text.reinterpret(Long.MAX_VALUE).getString(0);
      } finally {
        pantorch_h.pt_free(text.address());
      }
    }
  }

  private static String setting(String property, String byDefault) {
    String value = System.getProperty(property);
    return value == null ? byDefault : value + " (system property " + property + ")";
  }

  private static String buildSetting(String config, String name) {
    Matcher matcher = Pattern.compile("\\b" + name + "=([^,\\s]+)").matcher(config);
    return matcher.find() ? matcher.group(1) : "not stated by libtorch";
  }

  private static @Nullable String property(String name) {
    return System.getProperty(name);
  }

  private void section(String title) {
    out.println(title);
  }

  private void line(String name, @Nullable Object value) {
    out.printf("  %-18s %s%n", name, value);
  }

  private void indented(String text) {
    text.lines().filter(line -> !line.isBlank()).forEach(line -> out.println("  " + line));
  }
}
