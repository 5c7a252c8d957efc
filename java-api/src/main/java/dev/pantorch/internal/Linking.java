package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.EarlyLinking;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// What the JVM must generate before it can call C, done by a thread of its own while the libraries
/// are read from disk. Afterwards the thread waits until C needs to call Java, which most programs
/// never have it do, and has that generated then.
final class Linking extends Thread {
  private final CountDownLatch calls = new CountDownLatch(1);
  private final CountDownLatch started = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;

  Linking() {
    super("pantorch-linking");
    setDaemon(true);
  }

  @Override
  public void run() {
    try {
      EarlyLinking.bindNatives();
      EarlyLinking.linkCalls();
      useMemory();
      calls.countDown();
      EarlyLinking.linkFrees();
      initialize();
      started.await();
      awaitNeed();
      NativeRuntime.connectCallbacks();
    } catch (RuntimeException | Error e) {
      // Where native access is denied, loading the libraries says so better.
      failure = e;
    } catch (InterruptedException e) {
      // Nobody has a reason to interrupt this thread but to end it.
      currentThread().interrupt();
    } finally {
      calls.countDown();
    }
  }

  private static void useMemory() {
    try (Arena arena = Arena.ofConfined()) {
      Memory.putLong(arena.allocate(Long.BYTES, Long.BYTES).address(), 0);
    }
  }

  private static void initialize() {
    try {
      // Large ones, whose initialisers need nothing that could wait for this thread.
      MethodHandles.lookup().ensureInitialized(Ops.class);
      MethodHandles.lookup().ensureInitialized(Tensor.class);
    } catch (IllegalAccessException e) {
      throw new AssertionError("these classes are public", e);
    }
  }

  private static void awaitNeed() {
    try (Arena arena = Arena.ofConfined()) {
      long need = arena.allocate(Long.BYTES, Long.BYTES).address();
      NativeErrors.check(pantorch_h.pt_runtime_await_need(-1, need));
    }
  }

  /// Waits until calls can be made.
  void awaitCalls() {
    boolean interrupted = false;
    while (true) {
      try {
        calls.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) currentThread().interrupt();
    Throwable reason = failure;
    if (reason != null) {
      throw new IllegalStateException("the JVM could not link calls with C", reason);
    }
  }

  /// To be called when the library has been started with callbacks on demand.
  void started() {
    started.countDown();
  }
}
