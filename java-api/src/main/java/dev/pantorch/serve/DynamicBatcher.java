package dev.pantorch.serve;

import dev.pantorch.Handover;
import dev.pantorch.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BinaryOperator;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Gathers the requests of many threads into batches, runs each batch as one forward pass, and
/// hands every thread its part of the result: what Triton and TorchServe call dynamic batching. A
/// model answers a batch of 32 in little more time than a single request.
///
/// ```java
/// model.eval().prepack();
/// try (var batcher =
///     new DynamicBatcher(model::forward, o -> o.maxBatchSize(32).maxQueueDelay(Duration.ofMillis(2)))) {
///   Tensor y = batcher.run(Torch.randn(10, 5)); // from any number of threads, virtual ones too
/// }
/// ```
///
/// A request is one example, without the batch dimension; the function is given $(N, *)$ and has to
/// answer $(N, *)$. Requests that differ in shape, dtype or device never share a batch.
///
/// A batch starts as soon as it has `maxBatchSize` requests, or when its oldest has waited for
/// `maxQueueDelay`. The function runs in inference mode and in a scope of its own, on one of
/// `workers` threads; more than one only pays where the function does not use all cores itself. It
/// has to be pure: **where a batch fails its requests are run again one by one**, so that only
/// those that are to blame fail.
///
/// **Back-pressure:** at most `maxQueueSize` requests wait. {@link #run} waits for room, {@link
/// #submit} throws. With a `timeout` a request that is not answered in time fails.
///
/// **Ownership:** a request's tensor stays the caller's, may belong to a confined scope, and may be
/// closed once it was handed in; its elements must not change before the answer. An answer is a
/// copy of its own. That of {@link #run} belongs to the caller's innermost open scope, as if made
/// there; that of {@link #submit} to no scope. As all results of inference mode, answers take no
/// part in autograd.
///
/// Closing answers what waits, then ends the workers; {@link #closeNow} answers what runs only.
///
/// [Triton's dynamic
/// batcher](https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/batcher.html),
/// [TorchServe](https://docs.pytorch.org/serve/batch_inference_with_ts.html)
public final class DynamicBatcher implements AutoCloseable {
  private final Assembly assembly;
  private final @Nullable Duration timeout;
  private final Recorder recorder;
  private final BatchQueue queue;
  private final List<Thread> workers;

  /// Options of {@link DynamicBatcher}.
  public static final class Options {
    private int maxBatchSize = 32;
    private Duration maxQueueDelay = Duration.ofMillis(1);
    private int maxQueueSize = 1024;
    private @Nullable Duration timeout;
    private int workers = 1;
    private double paddingValue;
    private boolean trimResults;

    private Options() {}

    /// The most requests of a batch.
    ///
    /// @param size 1 or more; 32 by default
    /// @return these options
    public Options maxBatchSize(int size) {
      maxBatchSize = positive("maxBatchSize", size);
      return this;
    }

    /// How long a request waits for others at most before its batch starts.
    ///
    /// @param delay the time; 1 ms by default, zero to wait for none
    /// @return these options
    public Options maxQueueDelay(Duration delay) {
      if (delay.isNegative()) {
        throw new IllegalArgumentException(
            "maxQueueDelay is %s; expected 0 or more".formatted(delay));
      }
      maxQueueDelay = delay;
      return this;
    }

    /// How many requests may wait.
    ///
    /// @param size 1 or more; 1,024 by default
    /// @return these options
    public Options maxQueueSize(int size) {
      maxQueueSize = positive("maxQueueSize", size);
      return this;
    }

    /// How long after its arrival a request fails if it was not answered.
    ///
    /// @param timeout the time; none by default
    /// @return these options
    public Options timeout(Duration timeout) {
      if (!timeout.isPositive()) {
        throw new IllegalArgumentException(
            "timeout is %s; expected more than 0".formatted(timeout));
      }
      this.timeout = timeout;
      return this;
    }

    /// How many batches run at the same time.
    ///
    /// @param workers 1 or more; 1 by default
    /// @return these options
    public Options workers(int workers) {
      this.workers = positive("workers", workers);
      return this;
    }

    /// What stands behind the end of the shorter sequences; for {@link DynamicBatcher#ofSequences}.
    ///
    /// @param value 0 by default
    /// @return these options
    public Options paddingValue(double value) {
      paddingValue = value;
      return this;
    }

    /// Whether the function answers with sequences as long as those it was given, so that each
    /// answer is to be cut to the length of its request; for {@link DynamicBatcher#ofSequences}.
    ///
    /// @param trim false by default
    /// @return these options
    public Options trimResults(boolean trim) {
      trimResults = trim;
      return this;
    }

    private static int positive(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException("%s is %d; expected 1 or more".formatted(name, value));
      }
      return value;
    }
  }

  /// A batcher with default options.
  ///
  /// @param function from a batch $(N, *)$ to its results $(N, *)$: a model's `forward`
  public DynamicBatcher(UnaryOperator<Tensor> function) {
    this(function, _ -> {});
  }

  /// A batcher.
  ///
  /// @param function from a batch $(N, *)$ to its results $(N, *)$: a model's `forward`
  /// @param options sets options
  public DynamicBatcher(UnaryOperator<Tensor> function, Consumer<Options> options) {
    this(
        new Assembly.Stacked(inputs -> List.of(function.apply(single(inputs, "inputs")))),
        chosen(options));
  }

  private DynamicBatcher(Assembly assembly, Options options) {
    this.assembly = assembly;
    this.timeout = options.timeout;
    this.recorder = new Recorder(options.maxBatchSize);
    this.queue =
        new BatchQueue(
            options.maxBatchSize, options.maxQueueSize, options.maxQueueDelay.toNanos(), recorder);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < options.workers; i++) {
      threads.add(
          Thread.ofPlatform()
              .daemon()
              .name("pantorch-serve-" + i)
              .start(new Worker(queue, assembly, recorder)));
    }
    workers = List.copyOf(threads);
  }

  private static Options chosen(Consumer<Options> options) {
    Options chosen = new Options();
    options.accept(chosen);
    return chosen;
  }

  /// A batcher of sequences of different lengths, which are padded at the end to the longest of
  /// their batch.
  ///
  /// ```java
  /// var batcher =
  ///     DynamicBatcher.ofSequences(
  ///         (padded, lengths) -> {
  ///           var packed = Rnn.packPaddedSequence(padded, lengths, true, false);
  ///           return fc.forward(lstm.forward(packed).state().h().select(0, -1));
  ///         },
  ///         o -> o.maxBatchSize(16));
  /// ```
  ///
  /// @param function from the padded batch $(N, L, *)$ and the lengths $(N)$, int64 on the CPU, to
  ///   its results $(N, *)$
  /// @param options sets options
  /// @return a batcher of requests $(L_i, *)$
  public static DynamicBatcher ofSequences(
      BinaryOperator<Tensor> function, Consumer<Options> options) {
    Options chosen = chosen(options);
    return new DynamicBatcher(
        new Assembly.Padded(function, chosen.paddingValue, chosen.trimResults), chosen);
  }

  /// A batcher of requests of several tensors, for {@link #runMany} and {@link #submitMany}.
  ///
  /// @param function from one batch $(N, *)$ for each tensor of a request to any number of results
  ///   $(N, *)$
  /// @param options sets options
  /// @return the batcher
  public static DynamicBatcher ofMany(
      UnaryOperator<List<Tensor>> function, Consumer<Options> options) {
    return new DynamicBatcher(new Assembly.Stacked(function), chosen(options));
  }

  private static Tensor single(List<Tensor> tensors, String what) {
    if (tensors.size() != 1) {
      throw new IllegalArgumentException(
          "a request with %d %s; expected 1; use runMany or submitMany with DynamicBatcher.ofMany"
              .formatted(tensors.size(), what));
    }
    return tensors.getFirst();
  }

  /// Answers a request, waiting for room and for the answer.
  ///
  /// @param input one example, without the batch dimension
  /// @return its part of the batch's result
  /// @throws InterruptedException if the thread is interrupted; the request is cancelled
  /// @throws DynamicBatcherException if the timeout is over, if the batcher was closed by {@link
  ///   #closeNow} meanwhile, or if the function answered with another number of rows
  /// @throws RejectedExecutionException if the batcher is closed
  /// @throws RuntimeException what the function threw for this request
  public Tensor run(Tensor input) throws InterruptedException {
    return single(runMany(List.of(input)), "results");
  }

  /// Answers a request of several tensors, as {@link #run}.
  ///
  /// @param inputs one example of each, without the batch dimension
  /// @return its parts of the batch's results
  /// @throws InterruptedException if the thread is interrupted; the request is cancelled
  public List<Tensor> runMany(List<Tensor> inputs) throws InterruptedException {
    if (workers.contains(Thread.currentThread())) {
      throw new IllegalStateException(
          "run was called by the function that the batcher runs: it would wait for itself");
    }
    Request<Handover<List<Tensor>>> request = request(inputs, Function.identity());
    try {
      if (!queue.await(request, timeout == null ? Long.MAX_VALUE : timeout.toNanos())) {
        recorder.rejected();
        request.freeInputs();
        throw Answer.late(timeout == null ? Duration.ZERO : timeout);
      }
    } catch (RejectedExecutionException | InterruptedException e) {
      request.freeInputs();
      throw e;
    }
    try {
      return request.answer.get().take();
    } catch (InterruptedException e) {
      request.answer.cancel(false);
      throw e;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case Error failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Hands a request in and does not wait. Cancelling the future takes the request back unless it
  /// is running already. Stages that depend on the future run on the worker and hold it up; those
  /// that take long belong elsewhere, with `thenApplyAsync`.
  ///
  /// @param input one example, without the batch dimension
  /// @return its part of the batch's result, which belongs to no scope; or, as the exception, what
  ///   the function threw for this request
  /// @throws RejectedExecutionException if the queue is full or the batcher is closed
  public CompletableFuture<Tensor> submit(Tensor input) {
    return enqueue(request(List.of(input), result -> single(result.take(), "results")));
  }

  /// Hands a request of several tensors in, as {@link #submit}.
  ///
  /// @param inputs one example of each, without the batch dimension
  /// @return its parts of the batch's results
  /// @throws RejectedExecutionException if the queue is full or the batcher is closed
  public CompletableFuture<List<Tensor>> submitMany(List<Tensor> inputs) {
    return enqueue(request(inputs, Handover::take));
  }

  private <R> CompletableFuture<R> enqueue(Request<R> request) {
    try {
      queue.add(request);
      return request.answer;
    } catch (RejectedExecutionException e) {
      recorder.rejected();
      request.freeInputs();
      throw e;
    }
  }

  /// The inputs' memory is shared, whatever becomes of the caller's scope.
  private <R> Request<R> request(
      List<Tensor> inputs, Function<Handover<List<Tensor>>, R> handOver) {
    Object signature = assembly.signature(inputs);
    List<Tensor> own = inputs.stream().map(input -> input.detach().keep()).toList();
    return new Request<>(own, signature, timeout, handOver);
  }

  /// What was done so far.
  ///
  /// @return counts, and times of the last requests
  public ServingStatistics statistics() {
    return recorder.statistics(queue.size());
  }

  /// Takes no more requests, answers those that wait, and ends the workers. If the thread is
  /// interrupted meanwhile, goes on as {@link #closeNow}.
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
          failWaiting();
        }
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
  }

  /// Takes no more requests, fails those that wait, and ends the workers once the batches that run
  /// are answered.
  public void closeNow() {
    queue.close();
    failWaiting();
    close();
  }

  private void failWaiting() {
    for (Request<?> request : queue.clear()) {
      recorder.abandoned();
      request.freeInputs();
      request.fail(
          new DynamicBatcherException("the batcher was closed before the request was run"));
    }
  }
}
