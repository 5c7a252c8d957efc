package dev.pantorch.data;

import static java.util.Objects.requireNonNull;

import dev.pantorch.Handover;
import dev.pantorch.TensorScope;
import dev.pantorch.TorchException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The batches of one iteration over a {@link DataLoader}. For one thread.
///
/// ```java
/// try (BatchIterator<Example> batches = loader.iterator()) {
///   Example first = batches.next();
/// }
/// ```
///
/// Closing it frees the batches that were prepared and not taken. Where there are no workers there
/// is nothing to close.
///
/// @param <B> the type of a batch
public final class BatchIterator<B> implements Iterator<B>, AutoCloseable {
  private final DataLoader<B> loader;
  private final Iterator<Supplier<@Nullable B>> source;
  private final long iteration;
  private final int ahead;
  private final Semaphore workers;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Queue<CompletableFuture<Handover<@Nullable B>>> waiting = new ArrayDeque<>();
  private long begun;
  private boolean ended;
  private CompletableFuture<?> latest = new CompletableFuture<>();

  BatchIterator(DataLoader<B> loader, Iterator<Supplier<@Nullable B>> source, long iteration) {
    this.iteration = iteration;
    this.loader = loader;
    this.source = source;
    int workerCount = loader.options.numWorkers;
    Integer factor = loader.options.prefetchFactor;
    ahead = Math.multiplyExact(workerCount, factor == null ? 2 : factor);
    workers = new Semaphore(workerCount);
    latest.complete(null);
    if (ahead > 0) fill();
  }

  /// Whether there is another batch. A stream's is made to find out.
  ///
  /// @return whether {@link #next} has one
  @Override
  public boolean hasNext() {
    if (stopped.get() || ended) return false;
    boolean more = !waiting.isEmpty() || source.hasNext();
    if (more && loader.isStream()) {
      fill();
      more = await(waiting.element()).peek() != null;
    }
    if (!more) {
      ended = true;
      loader.ended(iteration);
      discardWaiting();
    }
    return more;
  }

  /// The next batch, which belongs to the innermost open scope of the calling thread.
  ///
  /// @return the batch
  /// @throws DataLoaderException if a worker failed to make it; the iteration is then over
  /// @throws TorchException if it took longer than the loader's timeout
  @Override
  public B next() {
    if (!hasNext()) throw new NoSuchElementException();
    B batch;
    if (ahead == 0 && !loader.isStream()) {
      batch = TensorScope.scope(source.next());
    } else {
      Handover<@Nullable B> prepared = await(waiting.element());
      waiting.remove();
      batch = prepared.take();
      if (ahead > 0) fill();
    }
    loader.taken(iteration);
    return requireNonNull(batch);
  }

  private Handover<@Nullable B> await(CompletableFuture<Handover<@Nullable B>> batch) {
    try {
      return loader.options.timeout.isZero()
          ? batch.get()
          : batch.get(loader.options.timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      close();
      if (e.getCause() instanceof DataLoaderException failure) throw failure;
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      close();
      throw new TorchException(
          "DataLoader timed out after %s seconds"
              .formatted(loader.options.timeout.toMillis() / 1000.0));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new TorchException("interrupted while waiting for a batch");
    }
  }

  private void fill() {
    if (ahead == 0 && waiting.isEmpty()) {
      waiting.add(CompletableFuture.completedFuture(Handover.of(source.next())));
    }
    while (waiting.size() < ahead && source.hasNext()) {
      // A stream is read by one worker after another.
      CompletableFuture<?> before =
          loader.isStream() ? latest : CompletableFuture.completedFuture(null);
      CompletableFuture<Handover<@Nullable B>> batch =
          prepare(source.next(), begun++, before, workers, stopped);
      waiting.add(batch);
      latest = batch;
    }
  }

  // Static, so that an iterator that a loop has left is unreachable while its workers finish.
  private static <B> CompletableFuture<Handover<@Nullable B>> prepare(
      Supplier<@Nullable B> make,
      long index,
      CompletableFuture<?> before,
      Semaphore workers,
      AtomicBoolean stopped) {
    var result = new CompletableFuture<Handover<@Nullable B>>();
    Runnable task =
        () -> {
          workers.acquireUninterruptibly();
          try {
            if (!stopped.get()) result.complete(Handover.of(make));
          } catch (Throwable e) {
            result.completeExceptionally(
                new DataLoaderException(
                    "Caught %s in DataLoader worker while making batch %d: %s"
                        .formatted(e.getClass().getSimpleName(), index, e.getMessage()),
                    index,
                    e));
          } finally {
            workers.release();
          }
        };
    var _ =
        before.whenComplete(
            (done, failure) -> Thread.ofVirtual().name("pantorch-loader-" + index).start(task));
    return result;
  }

  /// Stops the workers and frees the batches that they have prepared; those under way are freed
  /// when they are done. A second close does nothing.
  @Override
  public void close() {
    stopped.set(true);
    discardWaiting();
  }

  private void discardWaiting() {
    for (CompletableFuture<Handover<@Nullable B>> batch : waiting) {
      var _ = batch.thenAccept(Handover::close);
    }
    waiting.clear();
  }
}
