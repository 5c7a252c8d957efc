package dev.pantorch.train;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Holds the end of the process back until the training thread has written its checkpoint.
final class Interruption implements AutoCloseable {
  private final CountDownLatch answered = new CountDownLatch(1);
  private final Thread training = Thread.currentThread();
  private final Thread hook;
  private volatile boolean requested;

  Interruption(Duration grace) {
    hook = new Thread(() -> hold(grace), "pantorch-checkpoint");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void hold(Duration grace) {
    // The training thread itself called exit, and will wait for this one.
    boolean exits =
        Arrays.stream(training.getStackTrace())
            .anyMatch(frame ->
                frame.getClassName().equals("java.lang.Runtime")
                    && frame.getMethodName().equals("exit"));
    if (exits) return;
    requested = true;
    try {
      var _ = answered.await(grace.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Whether the process is about to end.
  boolean requested() {
    return requested;
  }

  /// Lets the process end, and does not return.
  void endProcess() {
    answered.countDown();
    while (true) LockSupport.park(this);
  }

  @Override
  public void close() {
    answered.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process ends anyway.
    }
  }
}
