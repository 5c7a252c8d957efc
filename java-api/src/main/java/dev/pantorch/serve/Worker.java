package dev.pantorch.serve;

import dev.pantorch.Handover;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;

/// Runs batches until the queue is closed and empty.
final class Worker implements Runnable {
  private final BatchQueue queue;
  private final Assembly assembly;
  private final Recorder recorder;

  Worker(BatchQueue queue, Assembly assembly, Recorder recorder) {
    this.queue = queue;
    this.assembly = assembly;
    this.recorder = recorder;
  }

  @Override
  public void run() {
    List<Request<?>> batch;
    while ((batch = queue.take()) != null) {
      batch.forEach(recorder::started);
      answer(batch);
      batch.forEach(Request::freeInputs);
    }
  }

  @SuppressWarnings("CatchingUnchecked") // whatever the function throws is an answer
  private void answer(List<Request<?>> batch) {
    List<Handover<List<Tensor>>> results;
    try {
      results = compute(batch);
    } catch (DynamicBatcherException e) {
      batch.forEach(request -> fail(request, e));
      return;
    } catch (Exception e) {
      // One of them is to blame: alone, the others get their answers.
      if (batch.size() > 1) {
        batch.forEach(request -> answer(List.of(request)));
      } else {
        fail(batch.getFirst(), e);
      }
      return;
    } catch (Error e) {
      batch.forEach(request -> fail(request, e));
      return;
    }
    for (int i = 0; i < batch.size(); i++) {
      Request<?> request = batch.get(i);
      // Before the client knows: it may look at the counts at once.
      recorder.answered(request);
      if (!request.complete(results.get(i))) recorder.notAnswered();
    }
  }

  private void fail(Request<?> request, Throwable failure) {
    recorder.failed();
    if (!request.fail(failure)) recorder.notFailed();
  }

  /// A copy of each request's rows: a view would keep the whole batch for as long as one lives.
  private List<Handover<List<Tensor>>> compute(List<Request<?>> batch) {
    long start = System.nanoTime();
    List<Handover<List<Tensor>>> results = new ArrayList<>(batch.size());
    try (var scope = TensorScope.open();
        var mode = Torch.inferenceMode()) {
      Assembly.Outputs outputs =
          assembly.forward(batch.stream().map(request -> request.inputs).toList());
      for (int i = 0; i < batch.size(); i++) {
        int row = i;
        results.add(
            Handover.of(() -> outputs.of(row).stream().map(each -> each.clone(null)).toList()));
      }
    } catch (Throwable e) {
      results.forEach(Handover::close);
      throw e;
    }
    recorder.ran(batch.size(), System.nanoTime() - start);
    return results;
  }
}
