package dev.pantorch.benchmarks;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.nn.BCEWithLogitsLoss;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Adam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// The workloads in Pantorch. `Djl`, `JavaCpp`, `entrant.cpp` and `entrant.py` are its twins.
public final class Pantorch {
  private static final int SCOPE = 50;

  private Pantorch() {}

  /// The model of all workloads with a model.
  static final class LstmModel extends Module {
    private final LSTM lstm;
    private final Linear fc;

    LstmModel(int inputSize, int hiddenSize) {
      lstm =
          register("lstm", new LSTM(inputSize, hiddenSize, o -> o.numLayers(2).batchFirst(true)));
      fc = register("fc", new Linear(hiddenSize, 1));
    }

    Tensor forward(Tensor x) {
      return fc.forward(lstm.forward(x).output().select(1, -1));
    }
  }

  /// Runs one workload.
  ///
  /// @param args workload, its sizes
  /// @throws Exception if it fails
  public static void main(String[] args) throws Exception {
    String workload = args[0];
    Torch.setNumThreads(workload.startsWith("train-large") ? 2 : 1);
    switch (workload) {
      case "add-closed" -> Rounds.of(args).time(addClosedAtOnce(false));
      case "add-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(false));
      case "add-dropped" -> Rounds.of(args).time(addDropped(false));
      case "add-grad-closed" -> Rounds.of(args).time(addClosedAtOnce(true));
      case "add-grad-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(true));
      case "affine" -> Rounds.of(args).time(affine());
      case "train-small" -> Rounds.of(args).time(new Training(5, 64, 32, 10, false)::steps);
      case "train-small-fused" -> Rounds.of(args).time(new Training(5, 64, 32, 10, true)::steps);
      case "train-large" -> Rounds.of(args).time(new Training(64, 256, 64, 50, false)::steps);
      case "train-large-fused" -> Rounds.of(args).time(new Training(64, 256, 64, 50, true)::steps);
      case "infer-1" -> Rounds.of(args).time(inference(1, false));
      case "infer-1-prepacked" -> Rounds.of(args).time(inference(1, true));
      case "infer-32" -> Rounds.of(args).time(inference(32, false));
      case "infer-32-prepacked" -> Rounds.of(args).time(inference(32, true));
      case "copy" -> Rounds.of(args).time(copy());
      case "copy-into" -> Rounds.of(args).time(copyInto());
      case "view" -> Rounds.of(args).time(view());
      case "naive-tensors" -> Residence.of(args).measure(addDropped(false));
      case "naive-training" ->
          Residence.of(args).measure(new Training(5, 64, 32, 10, false)::naiveSteps);
      case "serve" -> serve(args);
      case "start" -> ready(Torch.ones(1).item());
      case "forward" -> ready(new LstmModel(5, 64).forward(Torch.randn(1, 10, 5)).item());
      case "answer" -> answer(Path.of(args[1]));
      default -> throw new IllegalArgumentException("no workload is called " + workload);
    }
  }

  private static Tensor one(boolean grad) {
    return Torch.ones(1).requiresGrad_(grad);
  }

  private static Rounds.Body addClosedAtOnce(boolean grad) {
    Tensor a = one(grad);
    Tensor b = one(grad);
    return calls -> {
      for (int i = 0; i < calls; i++) a.add(b).close();
    };
  }

  private static Rounds.Body addInScopes(boolean grad) {
    Tensor a = one(grad);
    Tensor b = one(grad);
    return scopes -> {
      for (int s = 0; s < scopes; s++) {
        try (var scope = TensorScope.open()) {
          for (int i = 0; i < SCOPE; i++) a.add(b);
        }
      }
    };
  }

  private static Rounds.Body addDropped(boolean grad) {
    Tensor a = one(grad);
    Tensor b = one(grad);
    return calls -> {
      for (int i = 0; i < calls; i++) a.add(b);
    };
  }

  private static Rounds.Body affine() {
    Tensor x = Torch.randn(32, 64);
    Tensor w = Torch.randn(64, 64);
    Tensor b = Torch.randn(64);
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (var scope = TensorScope.open()) {
          x.matmul(w).add(b).sigmoid();
        }
      }
    };
  }

  /// The training loop of the tutorial.
  private static final class Training {
    private final LstmModel model;
    private final Tensor x;
    private final Tensor y;
    private final BCEWithLogitsLoss criterion = new BCEWithLogitsLoss();
    private final Adam optimizer;

    Training(int inputSize, int hiddenSize, int batch, int steps, boolean fused) {
      Torch.manualSeed(42);
      model = new LstmModel(inputSize, hiddenSize);
      x = Torch.randn(batch, steps, inputSize);
      y = Torch.randint(0, 2, batch).float32();
      optimizer = new Adam(model.parameters(), o -> o.lr(1e-3).fused(fused));
    }

    void steps(int count) {
      for (int i = 0; i < count; i++) {
        try (var scope = TensorScope.open()) {
          step();
        }
      }
    }

    void naiveSteps(int count) {
      for (int i = 0; i < count; i++) step();
    }

    private void step() {
      optimizer.zeroGrad();
      Tensor loss = criterion.forward(model.forward(x).squeeze(), y);
      loss.backward();
      clipGradNorm_(model.parameters(), 1.0);
      optimizer.step();
      loss.item();
    }
  }

  private static Rounds.Body inference(int batch, boolean prepacked) {
    LstmModel model = model(prepacked);
    Tensor x = Torch.randn(batch, 10, 5);
    return calls -> {
      for (int i = 0; i < calls; i++) infer(model, x);
    };
  }

  private static LstmModel model(boolean prepacked) {
    LstmModel model = new LstmModel(5, 64);
    model.eval();
    if (prepacked) model.prepack();
    return model;
  }

  private static float[] infer(LstmModel model, Tensor x) {
    try (var mode = Torch.inferenceMode();
        var scope = TensorScope.open()) {
      return model.forward(x).toFloatArray();
    }
  }

  private static Rounds.Body copy() {
    float[] data = new float[1_000_000];
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (Tensor tensor = Torch.tensor(data, 1000, 1000)) {
          tensor.toFloatArray();
        }
      }
    };
  }

  private static Rounds.Body copyInto() {
    float[] data = new float[1_000_000];
    float[] out = new float[1_000_000];
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (Tensor tensor = Torch.tensor(data, 1000, 1000)) {
          tensor.copyTo(out);
        }
      }
    };
  }

  private static Rounds.Body view() {
    MemorySegment data = Arena.global().allocate(4_000_000, 64);
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (Arena arena = Arena.ofConfined();
            Tensor tensor = Torch.fromMemory(data, DType.FLOAT32, 1000, 1000)) {
          tensor.data(arena).set(ValueLayout.JAVA_FLOAT, 0, i);
        }
      }
    };
  }

  /// `serve WARM_UP ROUNDS LENGTH THREADS platform|virtual plain|prepacked`
  private static void serve(String[] args) throws InterruptedException {
    LstmModel model = model(args[6].equals("prepacked"));
    Tensor x = Torch.randn(1, 10, 5);
    Throughput.measure(
        Rounds.of(args),
        Integer.parseInt(args[4]),
        args[5].equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory(),
        () -> infer(model, x));
  }

  private static void answer(Path file) throws Exception {
    try (var mode = Torch.inferenceMode()) {
      Tensor answer = Jit.load(file).forward(Torch.ones(1, 10, 5));
      ready(answer.item());
    }
  }

  /// Tells the run script, which has timed the process from its start.
  private static void ready(double value) {
    System.out.print("ready ");
    System.out.println(value);
  }
}
