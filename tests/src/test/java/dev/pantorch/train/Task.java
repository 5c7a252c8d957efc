package dev.pantorch.train;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.data.DataLoader;
import dev.pantorch.data.Dataset;
import dev.pantorch.data.Example;
import dev.pantorch.data.TensorDataset;
import dev.pantorch.metrics.MeanAbsoluteError;
import dev.pantorch.nn.Dropout;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A small task with all that makes resuming hard: a shuffled loader, dropout, an optimizer and a
/// schedule with state.
final class Task {
  static final int SAMPLES = 22;
  static final int BATCH = 4;
  static final MSELoss CRITERION = new MSELoss();

  final Model model;
  final Adam optimizer;
  final StepLR scheduler;
  final DataLoader<Example> loader;
  final DataLoader<Example> validation;

  static final class Model extends Module {
    final LSTM lstm;
    final Dropout dropout;
    final Linear fc;

    Model() {
      lstm = register("lstm", new LSTM(3, 5, o -> o.batchFirst(true)));
      dropout = register("dropout", new Dropout(0.25));
      fc = register("fc", new Linear(5, 1));
    }

    Tensor forward(Tensor x) {
      return fc.forward(dropout.forward(lstm.forward(x).output().select(1, -1))).squeeze(1);
    }
  }

  Task() {
    this(0);
  }

  Task(int workers) {
    Torch.manualSeed(1);
    model = new Model();
    optimizer = new Adam(model.parameters(), 0.01);
    scheduler = new StepLR(optimizer, 2, 0.5);
    loader =
        new DataLoader<>(
            examples(SAMPLES), o -> o.batchSize(BATCH).shuffle(true).numWorkers(workers));
    validation = new DataLoader<>(examples(7), o -> o.batchSize(3).shuffle(true));
  }

  private static Dataset<Example> examples(int samples) {
    Tensor x = Torch.randn(samples, 6, 3).keep();
    Tensor y = TensorScope.scope(() -> x.sum(new long[] {1, 2}).tanh()).keep();
    return new TensorDataset(x, y).map(row -> new Example(row.get(0), row.get(1)));
  }

  static Tensor loss(Model model, Example batch) {
    return CRITERION.forward(model.forward(batch.input()), batch.target());
  }

  Trainer<Model, Example> trainer(Consumer<TrainerOptions<Model, Example>> settings) {
    return new Trainer<>(
        model,
        optimizer,
        loader,
        Task::loss,
        o -> {
          o.epochs(4)
              .validation(validation)
              .metrics(
                  Map.of("mae", new MeanAbsoluteError()),
                  (m, batch, metrics) -> {
                    Tensor predicted = m.forward(batch.input());
                    metrics.update(predicted, batch.target());
                    return CRITERION.forward(predicted, batch.target());
                  })
              .clipGradNorm(0.5)
              .scheduler(scheduler);
          settings.accept(o);
        });
  }

  /// All numbers that a training leaves, for comparisons to the bit.
  List<String> bits() {
    var bits = new ArrayList<String>();
    try (var scope = TensorScope.open()) {
      add(bits, "model", model.stateDict());
      add(bits, "optimizer", optimizer.stateDict());
      add(bits, "generator", Generator.defaultFor(Device.CPU).getState());
    }
    return bits;
  }

  private static void add(List<String> bits, String name, Object value) {
    switch (value) {
      case Tensor tensor -> bits.add(name + "=" + HexFormat.of().formatHex(bytes(tensor)));
      case Map<?, ?> map ->
          map.forEach((key, each) -> add(bits, name + "." + key, each == null ? "" : each));
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) add(bits, name + "." + i, list.get(i));
      }
      default -> bits.add(name + "=" + value);
    }
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.detach().reshape(-1).view(DType.UINT8).toByteArray();
  }
}
