package dev.pantorch.ffi;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// libtorch and libpantorch, loaded into this process.
public final class NativeLibrary {
  private NativeLibrary() {}

  private static boolean loaded;

  /// Loads libtorch and libpantorch, once.
  public static synchronized void load() {
    if (loaded) {
      return;
    }
    Path lib =
        Path.of(
            System.getProperty(
                "pantorch.libtorch.home",
                System.getProperty("user.home") + "/.cache/pantorch/libtorch/2.13.0-cpu"),
            "lib");
    for (String name : List.of("libc10.so", "libtorch_cpu.so", "libtorch.so")) {
      System.load(lib.resolve(name).toString());
    }
    try (var in = NativeLibrary.class.getResourceAsStream("native/linux-x86_64/libpantorch.so")) {
      Path file = Files.createTempFile("libpantorch", ".so");
      Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
      System.load(file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    loaded = true;
  }
}
