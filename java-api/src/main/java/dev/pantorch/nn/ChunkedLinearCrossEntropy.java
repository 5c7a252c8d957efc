package dev.pantorch.nn;

import dev.pantorch.AutogradFunction;
import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.nn.LinearCrossEntropyOptions.AccPolicy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Logits and their cross entropy, a piece of the batch at a time: Python's
/// `torch.nn.modules.linear_cross_entropy`, operation by operation.
final class ChunkedLinearCrossEntropy {
  /// What is asked for. The input is $(N, H)$, the target $(N)$.
  record Task(
      Tensor input,
      Tensor linearWeight,
      Tensor target,
      @Nullable Tensor linearBias,
      @Nullable Tensor weight,
      Reduction reduction,
      long ignoreIndex,
      LinearCrossEntropyOptions.Resolved options) {
    private Task with(List<Tensor> differentiable) {
      return new Task(
          differentiable.get(0),
          differentiable.get(1),
          target,
          linearBias == null ? null : differentiable.get(2),
          weight,
          reduction,
          ignoreIndex,
          options);
    }

    private Tensor[] differentiable() {
      return linearBias == null
          ? new Tensor[] {input, linearWeight}
          : new Tensor[] {input, linearWeight, linearBias};
    }
  }

  /// Which gradients are wanted.
  private record Wanted(boolean input, boolean linearWeight, boolean linearBias) {
    static Wanted of(AutogradFunction.Context context, boolean bias) {
      return new Wanted(
          context.needsInputGrad(0), context.needsInputGrad(1), bias && context.needsInputGrad(2));
    }

    boolean any() {
      return input || linearWeight || linearBias;
    }
  }

  private final Task task;
  private final Wanted wanted;
  private final DType dtype;
  private final DType accDtype;
  private final boolean cuda;
  private final boolean usesAcc;
  private final DType logitsDtype;
  private final DType inputGradDtype;
  private final boolean lowersLogits;
  private final boolean stagesWeightGrad;
  private final Tensor linearWeightCast;
  private final @Nullable Tensor linearBiasCast;
  private final Tensor target;
  private final Tensor rowWeights;

  private Tensor output;
  private @Nullable Tensor inputGrad;
  private @Nullable Tensor weightGrad;
  private @Nullable Tensor biasGrad;

  static Tensor loss(Task task) {
    AutogradFunction function =
        task.reduction == Reduction.NONE ? new Recomputed(task) : new Precomputed(task);
    return function.apply(task.differentiable());
  }

  /// Mean and sum: gradients come with the loss.
  private static final class Precomputed extends AutogradFunction {
    private final Task task;
    private final List<@Nullable Tensor> gradients = new ArrayList<>();
    private boolean consumed;

    Precomputed(Task task) {
      this.task = task;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      Task raw = task.with(inputs);
      Wanted wanted = Wanted.of(context, task.linearBias != null);
      var pieces = new ChunkedLinearCrossEntropy(raw, wanted, null);
      pieces.computeAll();
      gradients.add(kept(pieces.inputGrad));
      gradients.add(kept(pieces.weightGrad));
      if (task.linearBias != null) gradients.add(kept(pieces.biasGrad));
      return List.of(pieces.output);
    }

    private @Nullable Tensor kept(@Nullable Tensor gradient) {
      return gradient == null ? null : gradient.to(task.input.dtype()).keep();
    }

    @Override
    protected boolean isOnceDifferentiable() {
      return true;
    }

    @Override
    protected synchronized List<@Nullable Tensor> backward(
        Context context, List<@Nullable Tensor> gradOutputs) {
      if (consumed) {
        throw new TorchException(
            "linear_cross_entropy chunked backward called twice; retain_graph=True / double"
                + " backward are not supported.");
      }
      Tensor upstream = gradOutputs.getFirst();
      consumed = !task.options.allowRetainGraph();
      List<@Nullable Tensor> results = new ArrayList<>();
      for (Tensor gradient : gradients) {
        if (gradient == null || upstream == null) {
          results.add(null);
        } else if (consumed) {
          results.add(gradient.alias().mul_(upstream));
          gradient.close();
        } else {
          results.add(gradient.mul(upstream));
        }
      }
      return results;
    }
  }

  /// No reduction: gradients need those of the single losses, so logits are made once more.
  private static final class Recomputed extends AutogradFunction {
    private final Task task;

    Recomputed(Task task) {
      this.task = task;
    }

    @Override
    protected List<Tensor> forward(Context context, List<Tensor> inputs) {
      Task raw = task.with(inputs);
      List<Tensor> saved = new ArrayList<>(inputs);
      saved.add(task.target);
      if (task.weight != null) saved.add(task.weight);
      context.saveForBackward(saved.toArray(Tensor[]::new));
      var pieces = new ChunkedLinearCrossEntropy(raw, new Wanted(false, false, false), null);
      return List.of(pieces.singleLosses());
    }

    @Override
    protected boolean isOnceDifferentiable() {
      return true;
    }

    @Override
    protected List<@Nullable Tensor> backward(Context context, List<@Nullable Tensor> gradOutputs) {
      List<Tensor> saved = context.savedTensors();
      boolean bias = task.linearBias != null;
      int next = bias ? 3 : 2;
      Task raw =
          new Task(
              saved.get(0),
              saved.get(1),
              saved.get(next),
              bias ? saved.get(2) : null,
              task.weight == null ? null : saved.get(next + 1),
              task.reduction,
              task.ignoreIndex,
              task.options);
      Wanted wanted = Wanted.of(context, bias);
      List<@Nullable Tensor> results = new ArrayList<>();
      var pieces = new ChunkedLinearCrossEntropy(raw, wanted, gradOutputs.getFirst());
      pieces.computeAll();
      Tensor inputGrad = pieces.inputGrad;
      results.add(inputGrad == null ? null : inputGrad.to(raw.input.dtype()));
      results.add(pieces.weightGrad);
      if (bias) results.add(pieces.biasGrad);
      return results;
    }
  }

  private ChunkedLinearCrossEntropy(Task task, Wanted wanted, @Nullable Tensor upstream) {
    this.task = task;
    this.wanted = wanted;
    dtype = task.input.dtype();
    accDtype = task.options.accDtype();
    boolean half = dtype == DType.FLOAT16 || dtype == DType.BFLOAT16;
    if (dtype != accDtype && !(half && accDtype == DType.FLOAT32)) {
      throw new TorchException(
          "linear_cross_entropy supports float32 acc_dtype with float16/bfloat16 inputs, but got %s acc_dtype and %s inputs."
              .formatted(accDtype, dtype));
    }
    cuda = task.input.device().type() == DeviceType.CUDA;
    usesAcc = dtype != accDtype;
    AccPolicy policy = task.options.accPolicy();
    boolean saves = policy != AccPolicy.ACCURATE;
    inputGradDtype = saves ? dtype : accDtype;
    logitsDtype = saves && dtype == DType.FLOAT16 ? dtype : accDtype;
    boolean casts = usesAcc && (!cuda || (wanted.input && inputGradDtype == logitsDtype));
    linearWeightCast = casts ? task.linearWeight.to(logitsDtype) : task.linearWeight;
    linearBiasCast = task.linearBias == null ? null : task.linearBias.to(logitsDtype);
    lowersLogits = cuda && logitsDtype != inputGradDtype;
    stagesWeightGrad = !(policy == AccPolicy.COMPACT && (cuda || logitsDtype == dtype));

    Tensor mask = task.target.eq(task.ignoreIndex);
    boolean outside = task.ignoreIndex < 0 || task.ignoreIndex >= task.linearWeight.size(0);
    target = outside ? task.target.maskedFill(mask, 0) : task.target;
    rowWeights = rowWeights(mask, usesAcc ? accDtype : dtype, upstream);
    DType outputDtype = dtype == DType.FLOAT16 ? accDtype : dtype;
    output = Torch.zeros(outputDtype.on(task.input.device()));
  }

  /// The negated factor of each row in the loss, 0 where it is ignored; for single losses it is
  /// positive, and in their backward pass times what comes back.
  private Tensor rowWeights(Tensor mask, DType weightDtype, @Nullable Tensor upstream) {
    Tensor weight = task.weight;
    Tensor factors =
        weight == null
            ? mask.logicalNot().to(weightDtype)
            : weight.indexSelect(0, target).to(weightDtype).maskedFill(mask, 0);
    return switch (task.reduction) {
      case MEAN -> {
        Tensor sum = factors.sum();
        yield factors.div_(sum.neg().maskedFill(sum.eq(0), Double.NaN));
      }
      case SUM -> factors.neg_();
      case BATCHMEAN -> throw new IllegalStateException("no reduction of cross entropy");
      case NONE -> upstream == null ? factors : factors.neg_().mul_(upstream.to(weightDtype));
    };
  }

  /// The rows of one piece.
  private record Piece(long start, Tensor input, Tensor inputAcc, Tensor target, Tensor weights) {}

  private interface Step {
    void take(Piece piece);
  }

  private void forEachPiece(Step step) {
    long rows = task.input.size(0);
    for (long start = 0; start < rows; start += task.options.batchChunkSize()) {
      long length = Math.min(task.options.batchChunkSize(), rows - start);
      try (TensorScope scope = TensorScope.open()) {
        Tensor input = task.input.narrow(0, start, length);
        step.take(
            new Piece(
                start,
                input,
                usesAcc ? input.to(accDtype) : input,
                target.narrow(0, start, length),
                rowWeights.narrow(0, start, length)));
      }
    }
  }

  private static Tensor product(Tensor left, Tensor right, DType result) {
    return left.dtype() == result ? left.mm(right) : Torch.mm(left, right, result);
  }

  /// Logits less the greatest of each row.
  private Tensor logits(Piece piece) {
    boolean widens = usesAcc && !cuda && dtype != logitsDtype;
    Tensor weights = cuda && usesAcc ? task.linearWeight : linearWeightCast;
    Tensor logits = product(widens ? piece.inputAcc : piece.input, weights.t(), logitsDtype);
    if (linearBiasCast != null) logits.add_(linearBiasCast);
    return logits.sub_(logits.amax(new long[] {1}, true));
  }

  private Tensor singleLosses() {
    Tensor losses = Torch.empty(dtype.on(task.input.device()), task.input.size(0));
    forEachPiece(piece -> {
      Tensor logits = logits(piece);
      Tensor chosen = logits.gather(1, piece.target.unsqueeze(1)).squeeze(1);
      Tensor denominator = Torch.sum(logits.exp_(), new long[] {1}, false, accDtype);
      Tensor loss = denominator.log_().sub_(chosen.to(denominator.dtype()));
      loss.mul_(piece.weights.to(denominator.dtype()));
      losses.narrow(0, piece.start, loss.size(0)).copy_(loss);
    });
    return losses;
  }

  private void computeAll() {
    var device = task.input.device();
    if (wanted.input) inputGrad = Torch.empty(inputGradDtype.on(device), task.input.shape());
    if (wanted.linearWeight) {
      weightGrad = Torch.zeros(dtype.on(device), task.linearWeight.shape());
    }
    if (wanted.linearBias) biasGrad = Torch.zeros(dtype.on(device), task.linearWeight.size(0));
    if (task.reduction == Reduction.MEAN && task.input.size(0) == 0) output.fill_(Double.NaN);
    forEachPiece(this::compute);
    output = output.to(dtype);
  }

  private void compute(Piece piece) {
    Tensor logits = logits(piece);
    Tensor weights = piece.weights;
    Tensor chosen = logits.gather(1, piece.target.unsqueeze(1)).squeeze(1);
    output.add_(weights.dot(chosen.to(weights.dtype())));
    Tensor denominator = Torch.sum(logits.exp_(), new long[] {1}, false, accDtype);
    if (wanted.any()) logits.mul_(weights.div(denominator).to(logitsDtype).unsqueeze(1));
    output.sub_(weights.to(denominator.dtype()).dot(denominator.log_()));
    if (biasGrad != null) addBiasGrad(biasGrad, piece, logits);
    if (inputGrad != null) {
      Tensor grads =
          linearWeightCast
              .indexSelect(0, piece.target)
              .mul(weights.to(linearWeightCast.dtype()).unsqueeze(1));
      Tensor left = lowersLogits ? logits.to(dtype) : logits;
      Tensor right = lowersLogits ? task.linearWeight : linearWeightCast;
      inputGrad.narrow(0, piece.start, grads.size(0)).copy_(Torch.addmm(grads, left, right, 1, -1));
    }
    if (weightGrad != null) addWeightGrad(weightGrad, piece, logits);
  }

  private void addBiasGrad(Tensor grad, Piece piece, Tensor logits) {
    Tensor part = usesAcc ? Torch.zeros(accDtype.on(grad.device()), grad.shape()) : grad;
    part.sub_(Torch.sum(logits, new long[] {0}, false, accDtype));
    part.indexAdd_(0, piece.target, piece.weights);
    if (usesAcc) grad.add_(part.to(dtype));
  }

  private void addWeightGrad(Tensor grad, Piece piece, Tensor logits) {
    Tensor chosen = piece.inputAcc.mul(piece.weights.unsqueeze(1));
    if (stagesWeightGrad) {
      boolean same = logitsDtype == accDtype;
      Tensor left = cuda || same ? logits : logits.to(accDtype);
      Tensor right = cuda && !same ? piece.input : piece.inputAcc;
      Tensor part = product(left.t(), right, accDtype);
      grad.sub_(part.indexAdd_(0, piece.target, chosen, -1));
    } else {
      grad.addmm_(logits.to(dtype).t(), piece.input, 1, -1);
      grad.indexAdd_(0, piece.target, chosen.to(dtype), 1);
    }
  }
}
