package dev.pantorch.soak;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.optim.Adam;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/// What a soak does over and over. `tests/benchmarks/soak.py` does the same in Python.
enum Workload {
  /// Operators in scopes.
  SCOPE(100) {
    @Override
    void turn(State state) {
      try (var scope = TensorScope.open()) {
        operators(state, 25);
      }
    }
  },

  /// The same without any scope: freed by reachability and pressure.
  NAIVE(100) {
    @Override
    void turn(State state) {
      operators(state, 25);
    }
  },

  /// The same in virtual threads, 16 at a time, each of which ends after 100 operators.
  VIRTUAL(1600) {
    @Override
    void turn(State state) {
      try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> running =
            Stream.<Future<?>>generate(() -> executor.submit(() -> operators(state, 25)))
                .limit(16)
                .toList();
        for (Future<?> each : running) each.get();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  },

  /// Results go into collections that live for a while and are dropped, never closed.
  LEAKY(100) {
    @Override
    void turn(State state) {
      List<Tensor> kept = new ArrayList<>();
      for (int i = 0; i < 24; i++) kept.add(state.x.matmul(state.weight));
      kept.add(Torch.zeros(LEAKY_ELEMENTS));
      for (int i = 0; i < 75; i++) kept.add(kept.get(i).tanh());
      state.kept.put("turn " + state.turns++ % LEAKY_TURNS, kept);
      if (state.turns % (7 * LEAKY_TURNS) == 0) state.kept.clear();
    }
  },

  /// Steps of training: an LSTM of 64 features, 256 wide, 2 layers; batches of 64, 50 steps long.
  TRAIN(1) {
    @Override
    void turn(State state) {
      try (var scope = TensorScope.open()) {
        state.model().step();
      }
    }
  },

  /// The same steps without a scope.
  TRAIN_NAIVE(1) {
    @Override
    void turn(State state) {
      state.model().step();
    }
  };

  private static final int LEAKY_TURNS = 20;
  private static final int LEAKY_ELEMENTS = 1 << 14;

  /// How many operators a turn runs, or steps of training.
  final int operators;

  Workload(int operators) {
    this.operators = operators;
  }

  abstract void turn(State state);

  /// Four operators a time, of 16 by 16 numbers.
  private static void operators(State state, int times) {
    for (int i = 0; i < times; i++) state.x.matmul(state.weight).add(state.bias).tanh().sum();
  }

  /// What lives for as long as the soak.
  static final class State implements AutoCloseable {
    final Tensor x = Torch.randn(16, 16).keep();
    final Tensor weight = Torch.randn(16, 16).keep();
    final Tensor bias = Torch.randn(16).keep();
    final Map<String, List<Tensor>> kept = new HashMap<>();
    long turns;
    private final List<Training> training = new ArrayList<>();

    Training model() {
      if (training.isEmpty()) training.add(new Training());
      return training.getFirst();
    }

    @Override
    public void close() {
      Stream.of(x, weight, bias).forEach(Tensor::close);
      kept.clear();
      training.clear();
    }
  }

  /// The large workload.
  static final class Training {
    private final LSTM lstm = new LSTM(64, 256, o -> o.numLayers(2).batchFirst(true));
    private final Linear fc = new Linear(256, 1);
    private final List<Tensor> parameters =
        Stream.concat(lstm.parameters().stream(), fc.parameters().stream()).toList();
    private final Adam optimizer = new Adam(parameters, 1e-3);
    private final BCEWithLogitsLoss criterion = new BCEWithLogitsLoss();
    private final Tensor x = Torch.randn(64, 50, 64).keep();
    private final Tensor y = Torch.randint(0, 2, 64).float32().keep();

    void step() {
      optimizer.zeroGrad();
      Tensor output = fc.forward(lstm.forward(x).output().select(1, -1)).squeeze();
      criterion.forward(output, y).backward();
      clipGradNorm_(parameters, 1.0);
      optimizer.step();
    }
  }
}
