package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.EarlyLinking;
import dev.pantorch.ffi.generated.pt_memory_pressure_callback;
import dev.pantorch.ffi.generated.pt_warning_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import org.jspecify.annotations.Nullable;

/// What the JVM must generate before it can call C and be called, done by a thread of its own while
/// the libraries are read from disk: each takes a few tenths of a second.
final class Linking extends Thread {
  private final pt_memory_pressure_callback.Function underPressure;
  private final pt_warning_callback.Function warn;
  private @Nullable MemorySegment pressure;
  private @Nullable MemorySegment warning;
  private @Nullable Throwable failure;

  Linking(pt_memory_pressure_callback.Function underPressure, pt_warning_callback.Function warn) {
    super("pantorch-linking");
    setDaemon(true);
    this.underPressure = underPressure;
    this.warn = warn;
  }

  @Override
  public void run() {
    try {
      prepare();
    } catch (RuntimeException | Error e) {
      // Where native access is denied, loading the libraries says so better.
      failure = e;
    }
  }

  private void prepare() {
    EarlyLinking.bindNatives();
    MemorySegment function = pt_memory_pressure_callback.allocate(underPressure, Arena.global());
    pressure = function;
    warning = pt_warning_callback.allocate(warn, Arena.global());
    EarlyLinking.linkDowncalls(function);
    try (Arena arena = Arena.ofConfined()) {
      Memory.putLong(arena.allocate(8, 8).address(), 0);
    }
    try {
      // Large ones, whose initialisers need nothing that could wait for this thread.
      MethodHandles.lookup().ensureInitialized(Ops.class);
      MethodHandles.lookup().ensureInitialized(Tensor.class);
    } catch (IllegalAccessException e) {
      throw new AssertionError("these classes are public", e);
    }
  }

  /// Waits until it is done.
  void await() {
    boolean interrupted = false;
    while (true) {
      try {
        join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) currentThread().interrupt();
  }

  MemorySegment pressure() {
    return done(pressure);
  }

  MemorySegment warning() {
    return done(warning);
  }

  private MemorySegment done(@Nullable MemorySegment stub) {
    if (stub == null) {
      throw new IllegalStateException("the JVM could not link calls with C", failure);
    }
    return stub;
  }
}
