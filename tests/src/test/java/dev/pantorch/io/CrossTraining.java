package dev.pantorch.io;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.nn.MSELoss;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Adam;
import dev.pantorch.optim.lr.StepLR;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The training of tests/python/resume_training.py: the same model, data and settings.
final class CrossTraining {
  static final int STEPS = 10;

  private static final class Model extends Module {
    final LSTM lstm = register("lstm", new LSTM(3, 4, o -> o.numLayers(2).batchFirst(true)));
    final BatchNorm1d norm = register("norm", new BatchNorm1d(4));
    final Linear fc = register("fc", new Linear(4, 1));

    Tensor forward(Tensor x) {
      return fc.forward(norm.forward(lstm.forward(x).output().select(1, -1)));
    }
  }

  private final Model model;
  private final Adam optimizer;
  private final StepLR scheduler;
  private long step;

  CrossTraining() {
    Torch.manualSeed(7);
    model = new Model();
    optimizer = new Adam(model.parameters(), 0.01);
    scheduler = new StepLR(optimizer, 4, 0.5);
  }

  void train() {
    for (int i = 0; i < STEPS; i++) {
      try (var scope = TensorScope.open()) {
        Torch.manualSeed(1000 + step++);
        Tensor x = Torch.randn(8, 6, 3);
        Tensor y = Torch.randn(8, 1);
        optimizer.zeroGrad();
        new MSELoss().forward(model.forward(x), y).backward();
        optimizer.step();
        scheduler.step();
      }
    }
  }

  void save(Path path) throws IOException {
    try (var scope = TensorScope.open()) {
      Map<String, Object> checkpoint = new LinkedHashMap<>();
      checkpoint.put("step", step);
      checkpoint.put("model", model.stateDict());
      checkpoint.put("optimizer", optimizer.stateDict());
      checkpoint.put("scheduler", scheduler.stateDict());
      Torch.save(checkpoint, path);
    }
  }

  void resume(Path path) throws IOException {
    try (var scope = TensorScope.open()) {
      Checkpoint checkpoint = Torch.load(path);
      step = checkpoint.integer("step");
      model.loadStateDict(checkpoint.stateDict("model"));
      optimizer.loadStateDict(checkpoint.map("optimizer"));
      scheduler.loadStateDict(checkpoint.map("scheduler"));
    }
  }
}
