package dev.pantorch.loading;

import dev.pantorch.CpuMemory;
import dev.pantorch.Doctor;
import dev.pantorch.Torch;
import java.io.File;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What {@link LoadingTest} runs in a process of its own.
final class LoadingRun {
  private LoadingRun() {}

  /// Runs `twice`, `warn`, `relieve`, or `beside` a library.
  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "twice" -> twice();
      case "warn" -> Torch.ones(1).std();
      case "relieve" -> relieve();
      default -> {
        loadAnother(Path.of(arguments[1]));
        if (!Doctor.report(System.out)) System.exit(1);
      }
    }
  }

  /// Nine times a megabyte within eight.
  private static void relieve() {
    CpuMemory.setLimit(CpuMemory.memoryAllocated() + (8L << 20));
    for (int i = 0; i < 9; i++) Torch.empty(1 << 18);
    System.out.println("collections: " + CpuMemory.collections());
  }

  @SuppressWarnings("restricted") // as another binding would
  private static void loadAnother(Path library) {
    SymbolLookup.libraryLookup(library, Arena.global());
  }

  private static void twice() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      urls.add(Path.of(path).toUri().toURL());
    }
    URL[] all = urls.toArray(URL[]::new);
    try (var first = new URLClassLoader(all, ClassLoader.getPlatformClassLoader());
        var second = new URLClassLoader(all, ClassLoader.getPlatformClassLoader())) {
      System.out.println("first: " + ones(first));
      for (int i = 0; i < 2; i++) {
        try {
          System.out.println("second: " + ones(second));
        } catch (InvocationTargetException e) {
          System.out.println("second: " + e.getCause());
        }
      }
    }
  }

  private static Object ones(ClassLoader loader) throws ReflectiveOperationException {
    Class<?> torch = loader.loadClass("dev.pantorch.Torch");
    return torch.getMethod("ones", long[].class).invoke(null, (Object) new long[] {2});
  }
}
