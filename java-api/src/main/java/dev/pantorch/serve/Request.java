package dev.pantorch.serve;

import dev.pantorch.Handover;
import dev.pantorch.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One request: its inputs, which are the batcher's own, and its answer.
///
/// @param <R> what the answer is
final class Request<R> {
  final List<Tensor> inputs;
  final Object signature;
  final long arrived = System.nanoTime();
  final Answer<R> answer;
  private final Function<Handover<List<Tensor>>, R> handOver;

  /// @param inputs tensors that any thread may use, to be closed here
  /// @param signature equal for requests that fit into one batch
  Request(
      List<Tensor> inputs,
      Object signature,
      @Nullable Duration timeout,
      Function<Handover<List<Tensor>>, R> handOver) {
    this.inputs = inputs;
    this.signature = signature;
    this.answer = new Answer<>(timeout);
    this.handOver = handOver;
  }

  /// Whether nobody waits any more: cancelled, or out of time.
  boolean isAbandoned() {
    return answer.isDone();
  }

  /// Must be called outside of every scope: what nobody else takes belongs to none.
  ///
  /// @return whether somebody still waited
  boolean complete(Handover<List<Tensor>> result) {
    if (answer.isDone()) {
      result.close();
      return false;
    }
    // Where it is cancelled at this moment, the tensors are freed once unreachable.
    return answer.complete(handOver.apply(result));
  }

  boolean fail(Throwable failure) {
    return answer.completeExceptionally(failure);
  }

  void freeInputs() {
    inputs.forEach(Tensor::close);
  }
}
