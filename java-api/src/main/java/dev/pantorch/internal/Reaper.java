package dev.pantorch.internal;

import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Notices garbage collections, by a canary that each of them takes, and sweeps the ledgers that
/// their own threads do not sweep: those of threads that are idle or gone. A thread that works
/// sweeps its own, since memory is freed best where it was allocated.
final class Reaper implements Runnable {
  private static final long GRACE_MILLIS = 20;

  private static final ReferenceQueue<Object> QUEUE = new ReferenceQueue<>();
  private static final Set<Ledger> LEDGERS = ConcurrentHashMap.newKeySet();
  private static final Set<ContextReference> CONTEXTS = ConcurrentHashMap.newKeySet();
  // Held while counts go from a ledger to leftAlive: who adds up must not find them in both.
  private static final Object COUNTS = new Object();
  // What threads that are gone had left alive.
  private static long leftAlive;

  private static volatile int epoch;
  private static volatile WeakReference<Object> canary = newCanary();

  static {
    Thread.ofPlatform().daemon().name("pantorch-reaper").start(new Reaper());
  }

  private static final class ContextReference extends PhantomReference<CallContext> {
    private final Ledger ledger;

    ContextReference(CallContext context) {
      super(context, QUEUE);
      this.ledger = context.ledger;
    }
  }

  private Reaper() {}

  /// Sweeps the thread's ledger when its owner is gone, too.
  static void watch(CallContext context) {
    LEDGERS.add(context.ledger);
    CONTEXTS.add(new ContextReference(context));
  }

  /// Counts the garbage collections noticed so far.
  static int epoch() {
    if (canary.refersTo(null)) renewCanary();
    return epoch;
  }

  private static synchronized void renewCanary() {
    if (!canary.refersTo(null)) return;
    epoch++;
    canary = newCanary();
  }

  private static WeakReference<Object> newCanary() {
    return new WeakReference<>(new Object(), QUEUE);
  }

  /// Handles that are alive: made and not freed, over all threads.
  static long live() {
    synchronized (COUNTS) {
      long live = leftAlive;
      for (Ledger ledger : LEDGERS) live += ledger.live();
      return live;
    }
  }

  /// The same without those that are found dead already.
  static long used() {
    synchronized (COUNTS) {
      long used = leftAlive;
      for (Ledger ledger : LEDGERS) used += ledger.used();
      return used;
    }
  }

  /// Makes the last light tensors of every thread unreachable where the program has lost them.
  static void endGroups() {
    for (Ledger ledger : LEDGERS) ledger.endGroup();
  }

  /// Frees what is unreachable by now, of every thread.
  ///
  /// @param late the ledger of the calling thread, if it goes on making tensors
  static void sweepAll(@Nullable Ledger late) {
    for (Ledger ledger : LEDGERS) ledger.sweep(true, ledger == late);
    for (Ledger ledger : LEDGERS) ledger.awaitFrees();
  }

  @Override
  public void run() {
    while (true) {
      try {
        Reference<?> first = QUEUE.remove();
        TimeUnit.MILLISECONDS.sleep(GRACE_MILLIS);
        for (Reference<?> taken = first; taken != null; taken = QUEUE.poll()) {
          if (taken instanceof ContextReference context) {
            CONTEXTS.remove(context);
            context.ledger.abandon();
          }
        }
        int now = epoch();
        for (Ledger ledger : LEDGERS) {
          if (!ledger.isSweptIn(now)) ledger.sweep(false, false);
        }
        synchronized (COUNTS) {
          LEDGERS.removeIf(Reaper::isFinished);
        }
      } catch (InterruptedException ignored) {
        // Catching it has cleared the interrupt; this thread goes on for as long as the JVM does.
      }
    }
  }

  /// Keeps the count of a ledger that will see no more changes.
  private static boolean isFinished(Ledger ledger) {
    if (!ledger.isAbandonedAndEmpty()) return false;
    leftAlive += ledger.live();
    return true;
  }
}
