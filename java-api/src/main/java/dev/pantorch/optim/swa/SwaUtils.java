package dev.pantorch.optim.swa;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.nn.BatchNorm;
import dev.pantorch.nn.Module;
import dev.pantorch.ops.Foreach;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The functions of `torch.optim.swa_utils`: ways to average, and batch normalisation for averaged
/// weights.
///
/// ```java
/// SwaUtils.updateBn(loader, averaged, batch -> averaged.module().forward(batch.input()));
/// ```
///
/// [torch.optim.swa_utils](https://docs.pytorch.org/docs/2.13/optim.html#weight-averaging-swa-and-ema)
public final class SwaUtils {
  private SwaUtils() {}

  private static void checkDecay(double decay) {
    if (!(decay >= 0 && decay <= 1)) {
      throw new ValueException(
          "Invalid decay value %s provided. Please provide a value in [0,1] range."
              .formatted(PythonText.number(decay)));
    }
  }

  private static boolean isContinuous(Tensor tensor) {
    return tensor.dtype().isFloatingPoint() || tensor.dtype().isComplex();
  }

  /// The exponential average, `decay * averaged + (1 - decay) * current`, of all tensors at once.
  ///
  /// @param decay how much of the old average stays, 0 to 1, 0.999 by custom
  /// @return the function
  /// @throws ValueException if the decay is out of range
  public static AveragedModel.MultiAvgFn getEmaMultiAvgFn(double decay) {
    checkDecay(decay);
    return (averaged, current, number) -> {
      if (isContinuous(averaged.getFirst())) {
        Foreach.lerp_(averaged, current, 1 - decay);
      } else {
        for (int i = 0; i < averaged.size(); i++) {
          Tensor old = averaged.get(i);
          old.copy_(old.mul(decay).add(current.get(i).mul(1 - decay)));
        }
      }
    };
  }

  /// The plain average of all tensors at once.
  ///
  /// @return the function
  public static AveragedModel.MultiAvgFn getSwaMultiAvgFn() {
    return (averaged, current, number) -> {
      if (isContinuous(averaged.getFirst())) {
        Foreach.lerp_(averaged, current, weight(number));
      } else {
        List<Tensor> ways = Foreach.sub(current, averaged);
        Tensor count = Torch.full(new long[0], number + 1, DType.INT64);
        Foreach.addcdiv_(averaged, ways, Collections.nCopies(averaged.size(), count));
      }
    };
  }

  /// 1 / (number + 1), which Python computes in a tensor of the default dtype.
  private static double weight(long number) {
    return Torch.getDefaultDtype() == DType.FLOAT64 ? 1.0 / (number + 1) : 1f / (number + 1);
  }

  /// The exponential average of one tensor.
  ///
  /// @param decay how much of the old average stays, 0 to 1, 0.999 by custom
  /// @return the function
  /// @throws ValueException if the decay is out of range
  public static AveragedModel.AvgFn getEmaAvgFn(double decay) {
    checkDecay(decay);
    return (averaged, current, number) -> averaged.mul(decay).add(current.mul(1 - decay));
  }

  /// The plain average of one tensor.
  ///
  /// @return the function
  public static AveragedModel.AvgFn getSwaAvgFn() {
    return (averaged, current, number) -> averaged.add(current.sub(averaged).div(number + 1));
  }

  /// Computes the running statistics of batch normalisation anew, as the plain average over all
  /// batches: those of averaged weights are not the average of the model's. A model without batch
  /// normalisation is left alone.
  ///
  /// @param loader the batches, gone through once
  /// @param model whose layers of batch normalisation are meant, in training mode while this runs
  /// @param forward runs the model on a batch
  /// @param <B> a batch
  public static <B> void updateBn(
      Iterable<? extends B> loader, Module model, Consumer<? super B> forward) {
    Map<BatchNorm, @Nullable Double> momenta = new LinkedHashMap<>();
    for (Module part : model.modules()) {
      if (part instanceof BatchNorm norm) {
        norm.resetRunningStats();
        momenta.put(norm, norm.momentum());
      }
    }
    if (momenta.isEmpty()) return;
    boolean wasTraining = model.isTraining();
    model.train();
    try (var mode = Torch.noGrad()) {
      momenta.keySet().forEach(norm -> norm.momentum(null));
      for (B batch : loader) {
        try (var scope = TensorScope.open()) {
          forward.accept(batch);
        }
      }
    } finally {
      momenta.forEach(BatchNorm::momentum);
      model.train(wasTraining);
    }
  }
}
