package dev.pantorch.benchmarks;

import static org.bytedeco.pytorch.global.torch.add;
import static org.bytedeco.pytorch.global.torch.binary_cross_entropy_with_logits;
import static org.bytedeco.pytorch.global.torch.clip_grad_norm_;
import static org.bytedeco.pytorch.global.torch.manual_seed;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.ones;
import static org.bytedeco.pytorch.global.torch.randint;
import static org.bytedeco.pytorch.global.torch.randn;
import static org.bytedeco.pytorch.global.torch.set_num_threads;
import static org.bytedeco.pytorch.global.torch.sigmoid;

import java.util.concurrent.ThreadFactory;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.LSTMImpl;
import org.bytedeco.pytorch.LSTMOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// The workloads in JavaCPP's PyTorch; {@link Pantorch} is the twin that explains them. The run
/// script measures it twice: as it comes, and with its own watch over physical memory switched off
/// (`-Dorg.bytedeco.javacpp.maxPhysicalBytes=0`), which costs a system call a tensor.
public final class JavaCpp {
  private static final int SCOPE = 50;

  private JavaCpp() {}

  /// Runs one workload.
  ///
  /// @param args workload, its sizes
  /// @throws Exception if it fails
  public static void main(String[] args) throws Exception {
    set_num_threads(args[0].equals("train-large") ? 2 : 1);
    switch (args[0]) {
      case "add-closed" -> Rounds.of(args).time(addClosedAtOnce(false));
      case "add-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(false));
      case "add-dropped" -> Rounds.of(args).time(addDropped());
      case "add-grad-closed" -> Rounds.of(args).time(addClosedAtOnce(true));
      case "add-grad-scoped" -> Rounds.of(args).time(SCOPE, addInScopes(true));
      case "affine" -> Rounds.of(args).time(affine());
      case "train-small" -> Rounds.of(args).time(new Training(5, 64, 32, 10)::steps);
      case "train-large" -> Rounds.of(args).time(new Training(64, 256, 64, 50)::steps);
      case "infer-1" -> Rounds.of(args).time(inference(1));
      case "infer-32" -> Rounds.of(args).time(inference(32));
      case "copy" -> Rounds.of(args).time(copy());
      case "copy-into" -> Rounds.of(args).time(copyInto());
      case "naive-tensors" -> Residence.of(args).measure(addDropped());
      case "naive-training" -> Residence.of(args).measure(new Training(5, 64, 32, 10)::naiveSteps);
      case "serve" -> serve(args);
      case "start" -> ready(ones(1).item_double());
      case "forward" -> ready(new LstmModel(5, 64).forward(randn(1, 10, 5)).item_double());
      case "answer" -> answer(args[1]);
      default -> throw new IllegalArgumentException("no workload is called " + args[0]);
    }
  }

  private static Tensor one(boolean grad) {
    return ones(1).set_requires_grad(grad);
  }

  private static Rounds.Body addClosedAtOnce(boolean grad) {
    Tensor a = one(grad);
    Tensor b = one(grad);
    return calls -> {
      for (int i = 0; i < calls; i++) add(a, b).close();
    };
  }

  private static Rounds.Body addInScopes(boolean grad) {
    Tensor a = one(grad);
    Tensor b = one(grad);
    return scopes -> {
      for (int s = 0; s < scopes; s++) {
        try (PointerScope scope = new PointerScope()) {
          for (int i = 0; i < SCOPE; i++) add(a, b);
        }
      }
    };
  }

  private static Rounds.Body addDropped() {
    Tensor a = one(false);
    Tensor b = one(false);
    return calls -> {
      for (int i = 0; i < calls; i++) add(a, b);
    };
  }

  private static Rounds.Body affine() {
    Tensor x = randn(32, 64);
    Tensor w = randn(64, 64);
    Tensor b = randn(64);
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (PointerScope scope = new PointerScope()) {
          sigmoid(add(matmul(x, w), b));
        }
      }
    };
  }

  private static final class LstmModel extends Module {
    private final LSTMImpl lstm;
    private final LinearImpl fc;

    LstmModel(long inputSize, long hiddenSize) {
      LSTMOptions options = new LSTMOptions(inputSize, hiddenSize);
      options.num_layers().put(2);
      options.batch_first().put(true);
      lstm = register_module("lstm", new LSTMImpl(options));
      fc = register_module("fc", new LinearImpl(hiddenSize, 1));
    }

    Tensor forward(Tensor x) {
      return fc.forward(lstm.forward(x).get0().select(1, -1));
    }
  }

  private static final class Training {
    private final LstmModel model;
    private final Tensor x;
    private final Tensor y;
    private final Adam optimizer;

    Training(long inputSize, long hiddenSize, long batch, long steps) {
      manual_seed(42);
      model = new LstmModel(inputSize, hiddenSize);
      x = randn(batch, steps, inputSize);
      y = randint(0, 2, new long[] {batch}).to(ScalarType.Float);
      optimizer = new Adam(model.parameters(), new AdamOptions(1e-3));
    }

    void steps(int count) {
      for (int i = 0; i < count; i++) {
        try (PointerScope scope = new PointerScope()) {
          step();
        }
      }
    }

    void naiveSteps(int count) {
      for (int i = 0; i < count; i++) step();
    }

    private void step() {
      optimizer.zero_grad();
      Tensor loss = binary_cross_entropy_with_logits(model.forward(x).squeeze(), y);
      loss.backward();
      TensorVector parameters = model.parameters();
      clip_grad_norm_(parameters, 1.0);
      optimizer.step();
      loss.item_double();
    }
  }

  private static Rounds.Body inference(int batch) {
    LstmModel model = new LstmModel(5, 64);
    model.eval();
    Tensor x = randn(batch, 10, 5);
    return calls -> {
      for (int i = 0; i < calls; i++) infer(model, x);
    };
  }

  private static float[] infer(LstmModel model, Tensor x) {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      return toArray(model.forward(x));
    }
  }

  private static float[] toArray(Tensor tensor) {
    float[] values = new float[(int) tensor.numel()];
    tensor.data_ptr_float().get(values);
    return values;
  }

  private static Rounds.Body copy() {
    float[] data = new float[1_000_000];
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (PointerScope scope = new PointerScope()) {
          toArray(Tensor.create(data, 1000, 1000));
        }
      }
    };
  }

  private static Rounds.Body copyInto() {
    float[] data = new float[1_000_000];
    float[] out = new float[1_000_000];
    return calls -> {
      for (int i = 0; i < calls; i++) {
        try (PointerScope scope = new PointerScope()) {
          Tensor.create(data, 1000, 1000).data_ptr_float().get(out);
        }
      }
    };
  }

  private static void serve(String[] args) throws InterruptedException {
    LstmModel model = new LstmModel(5, 64);
    model.eval();
    Tensor x = randn(1, 10, 5);
    ThreadFactory factory =
        args[5].equals("virtual") ? Thread.ofVirtual().factory() : Thread.ofPlatform().factory();
    Throughput.measure(Rounds.of(args), Integer.parseInt(args[4]), factory, () -> infer(model, x));
  }

  private static void answer(String file) {
    try (InferenceMode mode = new InferenceMode(true)) {
      JitModule model = org.bytedeco.pytorch.global.torch.load(file);
      ready(model.forward(new IValueVector(new IValue(ones(1, 10, 5)))).toTensor().item_double());
    }
  }

  private static void ready(double value) {
    System.out.print("ready ");
    System.out.println(value);
  }
}
