package dev.pantorch.serve;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Requests that wait, in the order of their arrival, kept apart by signature: a batch is made of
/// requests that fit together.
final class BatchQueue {
  private final int maxBatchSize;
  private final int maxQueueSize;
  private final long maxDelayNanos;
  private final Recorder recorder;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Map<Object, Deque<Request<?>>> groups = new LinkedHashMap<>();
  private int size;
  private boolean closed;

  BatchQueue(int maxBatchSize, int maxQueueSize, long maxDelayNanos, Recorder recorder) {
    this.recorder = recorder;
    this.maxBatchSize = maxBatchSize;
    this.maxQueueSize = maxQueueSize;
    this.maxDelayNanos = maxDelayNanos;
  }

  /// Adds a request if there is room.
  ///
  /// @throws RejectedExecutionException if the queue is closed or full
  void add(Request<?> request) {
    lock.lock();
    try {
      if (!hasRoom()) {
        throw new RejectedExecutionException(
            "%d requests are waiting, as many as may; try again later, call run to wait for room, or raise maxQueueSize or workers"
                .formatted(size));
      }
      append(request);
    } finally {
      lock.unlock();
    }
  }

  /// Adds a request, after waiting for room.
  ///
  /// @param nanos how long to wait at most
  /// @return whether there was room in time
  /// @throws RejectedExecutionException if the queue is closed, or was meanwhile
  boolean await(Request<?> request, long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (!hasRoom()) {
        if (left <= 0) return false;
        left = room.awaitNanos(left);
      }
      append(request);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoom() {
    if (closed) throw new RejectedExecutionException("the batcher is closed");
    if (size >= maxQueueSize) removeAbandoned();
    return size < maxQueueSize;
  }

  private void append(Request<?> request) {
    Deque<Request<?>> group = groups.computeIfAbsent(request.signature, _ -> new ArrayDeque<>());
    group.add(request);
    size++;
    // The others change nothing for a worker that waits: neither when it must go nor whether it
    // can.
    if (group.size() == 1 || group.size() == maxBatchSize) work.signal();
  }

  private void removeAbandoned() {
    for (Deque<Request<?>> group : groups.values()) {
      group.removeIf(request -> {
        if (!request.isAbandoned()) return false;
        drop(request);
        size--;
        return true;
      });
    }
    groups.values().removeIf(Deque::isEmpty);
  }

  private void drop(Request<?> request) {
    request.freeInputs();
    recorder.abandoned();
  }

  /// Waits for a batch: until there are as many requests as it may have, or its first has waited as
  /// long as it may.
  ///
  /// @return one request or more that are not abandoned; null once the queue is closed and empty
  @Nullable List<Request<?>> take() {
    lock.lock();
    try {
      while (true) {
        if (size == 0 && closed) return null;
        long now = System.nanoTime();
        long soonest = Long.MAX_VALUE;
        long oldest = Long.MAX_VALUE;
        Deque<Request<?>> ready = null;
        for (Deque<Request<?>> group : groups.values()) {
          long left = group.element().arrived + maxDelayNanos - now;
          soonest = Math.min(soonest, left);
          if ((closed || left <= 0 || group.size() >= maxBatchSize) && left < oldest) {
            oldest = left;
            ready = group;
          }
        }
        if (ready == null) {
          await(soonest);
          continue;
        }
        List<Request<?>> batch = remove(ready);
        if (!batch.isEmpty()) return batch;
      }
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the loop is in take
  private void await(long nanos) {
    try {
      if (size == 0) {
        work.await();
      } else {
        work.awaitNanos(nanos);
      }
    } catch (InterruptedException e) {
      // Workers end when the queue is closed; only the function they run can have interrupted them.
    }
  }

  private List<Request<?>> remove(Deque<Request<?>> group) {
    List<Request<?>> batch = new ArrayList<>();
    Object signature = group.element().signature;
    while (!group.isEmpty() && batch.size() < maxBatchSize) {
      Request<?> request = group.remove();
      size--;
      if (request.isAbandoned()) {
        drop(request);
      } else {
        batch.add(request);
      }
    }
    if (group.isEmpty()) groups.remove(signature);
    room.signalAll();
    // For the rest, whose delay another worker has to mind now.
    if (size > 0) work.signal();
    return batch;
  }

  /// Takes no more requests; those that wait are still to be taken.
  void close() {
    lock.lock();
    try {
      closed = true;
      work.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Takes all requests out.
  List<Request<?>> clear() {
    lock.lock();
    try {
      List<Request<?>> all = new ArrayList<>();
      groups.values().forEach(all::addAll);
      groups.clear();
      size = 0;
      work.signalAll();
      return all;
    } finally {
      lock.unlock();
    }
  }

  /// How many requests wait.
  int size() {
    lock.lock();
    try {
      return size;
    } finally {
      lock.unlock();
    }
  }
}
