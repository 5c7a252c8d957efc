package dev.pantorch.train;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;
import static dev.pantorch.nn.utils.ClipGrad.clipGradValue_;
import static dev.pantorch.nn.utils.ClipGrad.getTotalNorm;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.amp.GradScaler;
import dev.pantorch.metrics.MetricCollection;
import dev.pantorch.nn.Module;
import dev.pantorch.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Computes losses and gradients and makes optimizer steps.
final class Stepper<M extends Module, B> {
  final M model;
  final Optimizer<?> optimizer;
  final TrainerOptions<M, B> options;
  final RandomStates random;
  private final boolean detectDivergence;

  Stepper(M model, Optimizer<?> optimizer, TrainerOptions<M, B> options, boolean detectDivergence) {
    this.model = model;
    this.optimizer = optimizer;
    this.options = options;
    this.detectDivergence = detectDivergence;
    Device device = options.device;
    if (device != null) model.to(device);
    this.random = new RandomStates(device(model, options.device));
  }

  private static Device device(Module model, @Nullable Device chosen) {
    if (chosen != null) return chosen;
    for (Tensor parameter : model.parameters()) return parameter.device();
    return Device.CPU;
  }

  double learningRate() {
    return optimizer.paramGroups().getFirst().lr();
  }

  /// Moves a batch to the trainer's device, if there is one.
  B toDevice(B batch) {
    Device device = options.device;
    return device == null ? batch : options.toDevice.apply(batch, device);
  }

  /// The loss of a batch, in mixed precision where that is wished.
  Tensor loss(Objective.Pass<B> pass, B batch, @Nullable MetricCollection metrics) {
    DType dtype = options.autocast;
    if (dtype == null) return pass.loss(batch, metrics);
    return Torch.autocast(random.device().type(), dtype, () -> pass.loss(batch, metrics));
  }

  /// What an optimizer step was.
  ///
  /// @param norm of the gradients before clipping; NaN if it was not computed
  /// @param made whether it was not left out by the scaler
  record Update(double norm, boolean made) {}

  /// One batch of a step, computed and not yet committed.
  final class Micro {
    private final Objective.Pass<B> pass;
    private final B batch;
    private final DivergenceException.Position position;
    private final @Nullable Map<String, Object> before;
    final double loss;

    /// Computes the loss and adds its gradients.
    ///
    /// @param share how many batches the step has
    Micro(Objective.Pass<B> pass, B batch, int share, DivergenceException.Position position) {
      this.pass = pass;
      this.batch = batch;
      this.position = position;
      // For the layer that a value which is not finite comes from: dropout has to draw the same.
      before = detectDivergence ? random.save() : null;
      Tensor value = Stepper.this.loss(pass, batch, null);
      if (value.numel() != 1) {
        throw new ValueException(
            "the loss has one element, but the loss function returned the shape "
                + Arrays.toString(value.shape()));
      }
      loss = value.item();
      if (detectDivergence && !Double.isFinite(loss)) {
        throw diverged(
            "the loss is " + text(loss), divergence -> divergence.ofLoss(batch, this::again));
      }
      Tensor part = share == 1 ? value : value.div(share);
      GradScaler scaler = options.scaler;
      (scaler == null ? part : scaler.scale(part)).backward();
    }

    private Tensor again() {
      if (before != null) random.load(before);
      return Stepper.this.loss(pass, batch, null);
    }

    private DivergenceException diverged(
        String what, Function<Divergence, Divergence.Finding> search) {
      return new DivergenceException(
          position, what, search.apply(new Divergence(model, learningRate())));
    }

    /// Makes the optimizer step with the gradients that were gathered.
    ///
    /// @return what was done
    Update step() {
      GradScaler scaler = options.scaler;
      if (scaler != null) {
        scaler.unscale_(optimizer);
        double norm = clip();
        boolean made = scaler.step(optimizer);
        scaler.update();
        return new Update(norm, made);
      }
      double norm = clip();
      if (detectDivergence && !Double.isFinite(norm)) {
        throw diverged(
            "the norm of the gradients is " + text(norm),
            divergence -> divergence.ofGradients(this::again));
      }
      optimizer.step();
      return new Update(norm, true);
    }

    private double clip() {
      List<Tensor> parameters = model.parameters();
      double norm = Double.NaN;
      if (!Double.isNaN(options.clipGradNorm)) {
        norm = clipGradNorm_(parameters, options.clipGradNorm).item();
      } else if (detectDivergence) {
        norm = norm(parameters);
      }
      if (!Double.isNaN(options.clipGradValue)) clipGradValue_(parameters, options.clipGradValue);
      return norm;
    }
  }

  private static double norm(List<Tensor> parameters) {
    List<Tensor> gradients = new ArrayList<>();
    for (Tensor parameter : parameters) {
      Tensor gradient = parameter.grad();
      // There is no norm of lists of sparse tensors.
      if (gradient != null && gradient.layout() == Layout.STRIDED) gradients.add(gradient);
    }
    return getTotalNorm(gradients, 2, false).item();
  }

  private static String text(double value) {
    return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  }
}
