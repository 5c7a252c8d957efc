package dev.pantorch.benchmarks;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

/// The workloads in DJL with its PyTorch engine, written as its documentation writes them; {@link
/// Pantorch} is the twin that explains them. DJL frees arrays by the manager they belong to, and
/// has nothing for arrays that are dropped: naive code keeps them until the manager ends.
///
/// The number of threads is the system property `ai.djl.pytorch.num_threads`.
public final class Djl {
  private static final int SCOPE = 50;

  private Djl() {}

  /// Runs one workload.
  ///
  /// @param args workload, its sizes
  /// @throws Exception if it fails
  public static void main(String[] args) throws Exception {
    Engine.getInstance().setRandomSeed(42);
    try (NDManager manager = NDManager.newBaseManager()) {
      switch (args[0]) {
        case "add-closed" -> Rounds.of(args).time(addClosedAtOnce(manager, false));
        case "add-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(manager, false));
        case "add-grad-closed" -> Rounds.of(args).time(addClosedAtOnce(manager, true));
        case "add-grad-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(manager, true));
        case "affine" -> Rounds.of(args).time(affine(manager));
        case "train-small" -> Rounds.of(args).time(new Training(5, 64, 32, 10)::steps);
        case "train-large" -> Rounds.of(args).time(new Training(64, 256, 64, 50)::steps);
        case "infer-1" -> Rounds.of(args).time(inference(manager, 1));
        case "infer-32" -> Rounds.of(args).time(inference(manager, 32));
        case "copy" -> Rounds.of(args).time(copy(manager));
        case "naive-tensors" -> {
          NDArray a = manager.ones(new Shape(1));
          NDArray b = manager.ones(new Shape(1));
          Residence.of(args).measure(calls -> addDropped(a, b, calls));
        }
        case "naive-training" ->
            Residence.of(args).measure(new Training(5, 64, 32, 10)::naiveSteps);
        case "serve" -> serve(manager, args);
        case "start" -> ready(manager.ones(new Shape(1)).getFloat());
        case "forward" -> {
          NDArray x = manager.randomNormal(new Shape(1, 10, 5));
          ready(infer(new Network(64, x.getShape()), x)[0]);
        }
        case "answer" -> answer(manager, Path.of(args[1]));
        default -> throw new IllegalArgumentException("no workload is called " + args[0]);
      }
    }
  }

  private static NDArray one(NDManager manager, boolean grad) {
    NDArray array = manager.ones(new Shape(1));
    array.setRequiresGradient(grad);
    return array;
  }

  private static Rounds.Body addClosedAtOnce(NDManager manager, boolean grad) {
    NDArray a = one(manager, grad);
    NDArray b = one(manager, grad);
    return calls -> {
      for (int i = 0; i < calls; i++) a.add(b).close();
    };
  }

  private static Rounds.Body addInScopes(NDManager manager, boolean grad) {
    NDArray a = one(manager, grad);
    NDArray b = one(manager, grad);
    return scopes -> {
      for (int s = 0; s < scopes; s++) {
        try (NDManager scope = manager.newSubManager()) {
          a.attach(scope);
          for (int i = 0; i < SCOPE; i++) a.add(b);
          a.attach(manager);
        }
      }
    };
  }

  private static void addDropped(NDArray a, NDArray b, int calls) {
    for (int i = 0; i < calls; i++) a.add(b);
  }

  private static Rounds.Body affine(NDManager manager) {
    NDArray x = manager.randomNormal(new Shape(32, 64));
    NDArray w = manager.randomNormal(new Shape(64, 64));
    NDArray b = manager.randomNormal(new Shape(64));
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (NDManager scope = manager.newSubManager()) {
          x.attach(scope);
          x.matMul(w).add(b).getNDArrayInternal().sigmoid();
          x.attach(manager);
        }
      }
    };
  }

  /// The model with its trainer; DJL runs blocks through one in training and without.
  private static final class Network {
    final Trainer trainer;
    final Block block;
    final ParameterStore parameters;

    Network(int hiddenSize, Shape shape) {
      block =
          new SequentialBlock()
              .add(LSTM.builder().setStateSize(hiddenSize).setNumLayers(2).build())
              .add(list -> new NDList(list.singletonOrThrow().get(new NDIndex(":, -1, :"))))
              .add(Linear.builder().setUnits(1).build());
      Model model = Model.newInstance("lstm");
      model.setBlock(block);
      trainer =
          model.newTrainer(
              new DefaultTrainingConfig(Loss.sigmoidBinaryCrossEntropyLoss())
                  .optOptimizer(
                      Optimizer.adam().optLearningRateTracker(Tracker.fixed(1e-3f)).build()));
      trainer.initialize(shape);
      parameters = new ParameterStore(trainer.getManager(), false);
    }
  }

  private static final class Training {
    private final Network network;
    private final NDArray x;
    private final NDArray y;

    Training(int inputSize, int hiddenSize, int batch, int steps) {
      Shape shape = new Shape(batch, steps, inputSize);
      network = new Network(hiddenSize, shape);
      NDManager manager = network.trainer.getManager();
      x = manager.randomNormal(shape);
      y =
          manager
              .randomInteger(0, 2, new Shape(batch), DataType.INT64)
              .toType(DataType.FLOAT32, true);
    }

    void steps(int count) {
      for (int i = 0; i < count; i++) {
        try (NDManager scope = network.trainer.getManager().newSubManager()) {
          x.attach(scope);
          step();
          x.attach(network.trainer.getManager());
        }
      }
    }

    void naiveSteps(int count) {
      for (int i = 0; i < count; i++) step();
    }

    private void step() {
      NDArray loss;
      try (GradientCollector collector = network.trainer.newGradientCollector()) {
        NDList outputs = network.trainer.forward(new NDList(x));
        NDList squeezed = new NDList(outputs.singletonOrThrow().squeeze());
        loss = network.trainer.getLoss().evaluate(new NDList(y), squeezed);
        collector.backward(loss);
      }
      clip();
      network.trainer.step();
      loss.getFloat();
    }

    /// By the norm of all gradients, which DJL has no method for.
    private void clip() {
      List<NDArray> gradients = new ArrayList<>();
      NDList norms = new NDList();
      for (Parameter parameter : network.block.getParameters().values()) {
        NDArray gradient = parameter.getArray().getGradient();
        gradients.add(gradient);
        norms.add(gradient.norm());
      }
      try (NDArray norm = NDArrays.stack(norms).norm()) {
        float factor = Math.min(1, 1 / (norm.getFloat() + 1e-6f));
        for (NDArray gradient : gradients) gradient.muli(factor);
      }
      norms.close();
      gradients.forEach(NDArray::close);
    }
  }

  private static Rounds.Body inference(NDManager manager, int batch) {
    NDArray x = manager.randomNormal(new Shape(batch, 10, 5));
    Network network = new Network(64, x.getShape());
    return calls -> {
      for (int i = 0; i < calls; i++) infer(network, x);
    };
  }

  private static float[] infer(Network network, NDArray x) {
    try (NDManager scope = network.trainer.getManager().newSubManager()) {
      NDArray input = x.duplicate();
      input.attach(scope);
      return network
          .block
          .forward(network.parameters, new NDList(input), false)
          .singletonOrThrow()
          .toFloatArray();
    }
  }

  private static Rounds.Body copy(NDManager manager) {
    float[] data = new float[1_000_000];
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (NDArray array = manager.create(data, new Shape(1000, 1000))) {
          array.toFloatArray();
        }
      }
    };
  }

  private static void serve(NDManager manager, String[] args) throws InterruptedException {
    NDArray x = manager.randomNormal(new Shape(1, 10, 5));
    Network network = new Network(64, x.getShape());
    ThreadFactory factory =
        args[5].equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
    Throughput.measure(
        Rounds.of(args), Integer.parseInt(args[4]), factory, () -> infer(network, x));
  }

  private static void answer(NDManager manager, Path file) throws Exception {
    try (Model model = Model.newInstance("model")) {
      model.load(file.getParent(), file.getFileName().toString());
      NDArray x = manager.ones(new Shape(1, 10, 5));
      ParameterStore parameters = new ParameterStore(manager, false);
      ready(
          model.getBlock().forward(parameters, new NDList(x), false).singletonOrThrow().getFloat());
    }
  }

  private static void ready(double value) {
    System.out.print("ready ");
    System.out.println(value);
  }
}
