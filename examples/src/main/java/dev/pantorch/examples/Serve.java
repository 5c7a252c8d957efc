package dev.pantorch.examples;

import static java.util.Objects.requireNonNull;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.io.Safetensors;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.optim.Adam;
import dev.pantorch.serve.DynamicBatcher;
import dev.pantorch.serve.ServingStatistics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// One model answers many threads: how batching trades latency for throughput.
///
/// The model of {@link Rain}, trained shortly, is asked for days of 2015 by clients that ask again
/// as soon as they have their answer: first each calls `forward` itself, then all through a {@link
/// DynamicBatcher} of growing batch size and delay. Every answer is compared with that of `forward`
/// on the same day alone. The page `docs/serving.md` discusses the curve.
@Command(
    name = "examples/run serve",
    description = "Serves a small model to many threads, and prints latency and throughput.")
public final class Serve extends TrainingExample {
  private static final int BATCH_SIZE = 32;

  /// Batch sizes and delays in ms that are tried.
  private record Setting(int maxBatchSize, double delayMillis) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "batches of up to %d, delay %.1f ms", maxBatchSize, delayMillis);
    }
  }

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting(1, 0),
          new Setting(8, 0),
          new Setting(8, 1),
          new Setting(32, 0),
          new Setting(32, 0.5),
          new Setting(32, 2),
          new Setting(64, 2));

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "32",
      description = "Virtual threads that ask (default: ${DEFAULT-VALUE}).")
  private int clients;

  @Option(
      names = "--millis",
      paramLabel = "N",
      defaultValue = "2000",
      description = "How long each setting is measured (default: ${DEFAULT-VALUE}).")
  private int millis;

  /// A run that reports to a writer.
  ///
  /// @param out where lines go
  public Serve(PrintWriter out) {
    super(out, "serve", 3);
  }

  /// Trains, serves and measures.
  ///
  /// @param args see `--help`
  public static void main(String[] args) {
    run(Serve::new, args);
  }

  @Override
  int train() throws IOException {
    if (clients < 1 || millis < 1) {
      throw new ParameterException(commandLine(), "--clients and --millis must be 1 or more");
    }
    Path checkpoint = output.resolve("model.safetensors");
    try (var scope = TensorScope.openShared()) {
      Torch.setNumThreads(1);
      Torch.manualSeed(seed);
      WeatherData data = WeatherData.load();
      Safetensors.save(checkpoint, trained(data.train()).stateDict());
      LSTMModel model = new LSTMModel(WeatherData.FEATURES, 64, 2, 1);
      model.loadStateDict(Safetensors.load(checkpoint));
      model.eval().prepack();
      serve(model, data.test().x());
    }
    return CommandLine.ExitCode.OK;
  }

  private LSTMModel trained(WeatherData.Part part) {
    var model = new LSTMModel(WeatherData.FEATURES, 64, 2, 1);
    var criterion = new BCEWithLogitsLoss();
    var optimizer = new Adam(model.parameters(), 1e-3);
    for (int epoch = 1; epoch <= epochs; epoch++) {
      try (var scope = TensorScope.open()) {
        double total = 0;
        for (Tensor batch : Torch.randperm(part.size()).split(BATCH_SIZE)) {
          optimizer.zeroGrad();
          Tensor logits = model.forward(part.x().indexSelect(0, batch)).squeeze(1);
          Tensor loss = criterion.forward(logits, part.y().indexSelect(0, batch));
          loss.backward();
          optimizer.step();
          total += loss.item() * batch.numel();
        }
        out.printf(Locale.ROOT, "Epoch [%d/%d], Loss: %.4f%n", epoch, epochs, total / part.size());
      }
    }
    return model;
  }

  private void serve(LSTMModel model, Tensor x) {
    List<Tensor> requests = x.unbind(0);
    List<Float> alone = new ArrayList<>();
    try (var mode = Torch.inferenceMode();
        var scope = TensorScope.open()) {
      for (Tensor request : requests) {
        alone.add((float) model.forward(request.unsqueeze(0)).item());
      }
    }
    out.printf(
        Locale.ROOT,
        "%nOne LSTM, %d virtual threads that ask for one of %d days at a time, %d ms a"
            + " setting:%n%n",
        clients,
        requests.size(),
        millis);
    out.printf(
        "%-36s %10s %8s %8s %8s %8s %12s%n",
        "", "requests/s", "p50 ms", "p90 ms", "p99 ms", "batch", "equal bits");
    Load load = new Load(requests, alone, clients, Duration.ofMillis(millis));
    Load.Result direct =
        load.run(request -> {
          try (var mode = Torch.inferenceMode()) {
            return model.forward(request.unsqueeze(0)).squeeze(0);
          }
        });
    row("forward in each thread", direct, 1);
    Load.@Nullable Result best = null;
    Setting fastest = SETTINGS.getFirst();
    for (Setting setting : SETTINGS) {
      try (var batcher =
          new DynamicBatcher(
              model::forward,
              o ->
                  o.maxBatchSize(setting.maxBatchSize)
                      .maxQueueDelay(Duration.ofNanos((long) (setting.delayMillis * 1e6))))) {
        Load.Result result = load.run(batcher::run);
        ServingStatistics statistics = batcher.statistics();
        row(setting.toString(), result, statistics.meanBatchSize());
        if (best == null || result.perSecond() > best.perSecond()) {
          best = result;
          fastest = setting;
        }
      }
    }
    summarize(direct, requireNonNull(best, "there are settings"), fastest);
  }

  private void summarize(Load.Result direct, Load.Result best, Setting fastest) {
    out.printf(
        Locale.ROOT,
        "%nserve clients=%d forward_per_second=%.0f batcher_per_second=%.0f speedup=%.2f"
            + " max_batch=%d delay_ms=%.1f p50_ms=%.2f p99_ms=%.2f equal=%.4f"
            + " max_difference=%.1e%n",
        clients,
        direct.perSecond(),
        best.perSecond(),
        best.perSecond() / direct.perSecond(),
        fastest.maxBatchSize,
        fastest.delayMillis,
        best.latencyMillis(0.5),
        best.latencyMillis(0.99),
        best.equal(),
        best.maxDifference());
  }

  private void row(String name, Load.Result result, double batch) {
    out.printf(
        Locale.ROOT,
        "%-36s %10.0f %8.2f %8.2f %8.2f %8.1f %11.2f%%%n",
        name,
        result.perSecond(),
        result.latencyMillis(0.5),
        result.latencyMillis(0.9),
        result.latencyMillis(0.99),
        batch,
        100 * result.equal());
  }
}
