package dev.pantorch.serve;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The future of one request, which says what it was when it runs out of time.
final class Answer<R> extends CompletableFuture<R> {
  private final @Nullable Duration timeout;

  Answer(@Nullable Duration timeout) {
    this.timeout = timeout;
    if (timeout != null) orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return super.completeExceptionally(
        failure instanceof TimeoutException && timeout != null ? late(timeout) : failure);
  }

  static DynamicBatcherException late(Duration timeout) {
    return new DynamicBatcherException(
        "a request was not answered within %d ms; allow more with timeout, or serve faster: more workers, larger batches, fewer clients"
            .formatted(timeout.toMillis()));
  }
}
