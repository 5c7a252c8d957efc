package dev.pantorch.nn;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A softmax over very many classes that spends little on rare ones (Grave and others 2016): the
/// frequent classes come first, and the others are reached through clusters of smaller layers.
///
/// ```java
/// AdaptiveLogSoftmaxWithLoss softmax =
///     new AdaptiveLogSoftmaxWithLoss(64, 10_000, new long[] {100, 1_000});
/// Tensor loss = softmax.forward(features, classes).loss(); // (32, 64) and (32)
/// Tensor words = softmax.predict(features); // (32)
/// ```
///
/// Classes must be numbered by how frequent they are, the most frequent one 0.
///
/// **Shape.** Input $(N, H)$ or $(H)$; target int64 $(N)$ or $()$; the log-probabilities of the
/// targets $(N)$ or $()$, and the loss, a scalar.
///
/// **Parameters.** Those of `head`, {@link Linear} $(cutoffs_0 + clusters, H)$, and of each cluster
/// in `tail`, two {@link Linear} without bias, $(H / div^i, H)$ and $(classes, H / div^i)$.
///
/// [torch.nn.AdaptiveLogSoftmaxWithLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html)
public final class AdaptiveLogSoftmaxWithLoss extends Module {
  private final long numClasses;
  private final long[] cutoffs;
  private final long shortlist;
  private final Linear head;
  private final ModuleList<Sequential> tail;

  /// Options of {@link AdaptiveLogSoftmaxWithLoss}.
  public static final class Options extends LayerOptions<Options> {
    private double divValue = 4.0;
    private boolean headBias;

    private Options() {}

    /// By how much the features of a cluster are fewer than those of the one before.
    ///
    /// @param divValue the divisor; 4.0 unless set
    /// @return these options
    public Options divValue(double divValue) {
      this.divValue = divValue;
      return this;
    }

    /// Whether the first layer learns summands.
    ///
    /// @param headBias false unless set
    /// @return these options
    public Options headBias(boolean headBias) {
      this.headBias = headBias;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input features
  /// @param target classes
  public record Input(Tensor input, Tensor target) {}

  /// What forward returns.
  ///
  /// @param output the log-probability of each target
  /// @param loss the mean of their negatives
  public record Output(Tensor output, Tensor loss) {}

  /// A softmax with default settings.
  ///
  /// @param inFeatures the features $H$
  /// @param numClasses the number of classes
  /// @param cutoffs the first class of each cluster, increasing
  /// @throws ValueException if the cutoffs are none, not increasing, or not between 1 and the last
  ///   class
  public AdaptiveLogSoftmaxWithLoss(long inFeatures, long numClasses, long[] cutoffs) {
    this(inFeatures, numClasses, cutoffs, o -> {});
  }

  /// A softmax with options.
  ///
  /// @param inFeatures the features $H$
  /// @param numClasses the number of classes
  /// @param cutoffs the first class of each cluster, increasing
  /// @param settings sets the options
  /// @throws ValueException if the cutoffs are none, not increasing, or not between 1 and the last
  ///   class
  public AdaptiveLogSoftmaxWithLoss(
      long inFeatures, long numClasses, long[] cutoffs, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    checkCutoffs(cutoffs, numClasses);
    this.numClasses = numClasses;
    this.cutoffs = new long[cutoffs.length + 1];
    System.arraycopy(cutoffs, 0, this.cutoffs, 0, cutoffs.length);
    this.cutoffs[cutoffs.length] = numClasses;
    shortlist = cutoffs[0];
    head =
        register(
            "head",
            new Linear(
                inFeatures,
                shortlist + cutoffs.length,
                o -> o.bias(options.headBias).like(options)));
    tail = register("tail", new ModuleList<>(List.of()));
    for (int i = 0; i < cutoffs.length; i++) {
      long inner = (long) Math.floor(inFeatures / Math.pow(options.divValue, i + 1));
      long classes = this.cutoffs[i + 1] - this.cutoffs[i];
      tail.append(
          new Sequential(
              new Linear(inFeatures, inner, o -> o.bias(false).like(options)),
              new Linear(inner, classes, o -> o.bias(false).like(options))));
    }
  }

  private static void checkCutoffs(long[] cutoffs, long numClasses) {
    if (cutoffs.length == 0) {
      throw new ValueException("cutoffs should be a sequence of length larger than 0");
    }
    long last = 0;
    for (long cutoff : cutoffs) {
      if (cutoff <= last || cutoff > numClasses - 1) {
        throw new ValueException(
            "cutoffs should be a sequence of unique, positive integers sorted in an increasing"
                + " order, where each value is between 1 and n_classes-1");
      }
      last = cutoff;
    }
  }

  /// Draws the parameters anew.
  public void resetParameters() {
    head.resetParameters();
    for (Sequential cluster : tail) {
      for (Layer layer : cluster) ((Linear) layer).resetParameters();
    }
  }

  /// Computes the log-probabilities of targets and the loss.
  ///
  /// @param input features $(N, H)$ or $(H)$
  /// @param target classes $(N)$ or $()$
  /// @return log-probabilities and loss
  /// @throws TorchException if shapes do not fit or a target is no class
  public Output forward(Tensor input, Tensor target) {
    return hooked(new Input(input, target), in -> compute(in.input, in.target));
  }

  private Output compute(Tensor given, Tensor classes) {
    checkShapes(given, classes);
    boolean batched = classes.dim() > 0;
    Tensor input = batched ? given : given.unsqueeze(0);
    Tensor target = batched ? classes : classes.unsqueeze(0);
    long batch = target.size(0);
    Tensor output = input.newZeros(batch);
    Tensor gathered = target.newEmpty(batch);
    long used = 0;
    for (int i = 0; i < cutoffs.length; i++) {
      long low = i == 0 ? 0 : cutoffs[i - 1];
      Tensor among = target.ge(low).logicalAnd(target.lt(cutoffs[i]));
      Tensor rows = among.nonzero().squeeze();
      if (rows.numel() == 0) continue;
      if (i == 0) {
        gathered.indexCopy_(0, rows, target.maskedSelect(among));
      } else {
        Tensor relative = target.maskedSelect(among).sub(low);
        gathered.indexFill_(0, rows, shortlist + i - 1);
        Tensor logits = tail.get(i - 1).forward(input.indexSelect(0, rows));
        Tensor local = logits.logSoftmax(1).gather(1, relative.unsqueeze(1));
        output.indexCopy_(0, rows, local.squeeze(1));
      }
      used += rows.numel();
    }
    if (used != batch) {
      throw new TorchException(
          "Target values should be in [0, %d], but values in range [%d, %d] were found. "
              .formatted(numClasses - 1, target.min().itemLong(), target.max().itemLong()));
    }
    Tensor headLogProbs = head.forward(input).logSoftmax(1);
    output.add_(headLogProbs.gather(1, gathered.unsqueeze(1)).squeeze());
    Tensor loss = output.neg().mean();
    return new Output(batched ? output : output.squeeze(0), loss);
  }

  private static void checkShapes(Tensor input, Tensor target) {
    int dim = target.dim();
    if (dim > 1) {
      throw new ShapeException("0D or 1D target tensor expected, multi-target not supported");
    }
    if (dim == 1 && input.size(0) != target.size(0)) {
      throw new ShapeException(
          "Input and target should have the same size in the batch dimension.");
    }
    if (input.dim() != dim + 1) {
      throw new ShapeException(
          "%dD target tensor expects %dD input tensors, but found inputs with size %s"
              .formatted(dim, dim + 1, PythonText.size(input.shape())));
    }
  }

  /// The log-probabilities of all classes.
  ///
  /// @param input features $(N, H)$
  /// @return a tensor $(N, classes)$
  /// @throws TorchException if shapes do not fit
  public Tensor logProb(Tensor input) {
    return logProbs(input, head.forward(input));
  }

  private Tensor logProbs(Tensor input, Tensor headLogits) {
    Tensor headLogProbs = headLogits.logSoftmax(1);
    List<Tensor> parts = new ArrayList<>();
    parts.add(headLogProbs.narrow(1, 0, shortlist));
    for (int i = 0; i < tail.size(); i++) {
      Tensor cluster = tail.get(i).forward(input).logSoftmax(1);
      parts.add(cluster.add(headLogProbs.select(1, shortlist + i).unsqueeze(1)));
    }
    return Torch.cat(parts, 1);
  }

  /// The most probable class of each input.
  ///
  /// @param input features $(N, H)$
  /// @return int64 classes $(N)$
  /// @throws TorchException if shapes do not fit
  public Tensor predict(Tensor input) {
    Tensor headLogits = head.forward(input);
    Tensor best = headLogits.argmax(1L);
    Tensor rare = best.ge(shortlist);
    if (!rare.any().itemBoolean()) return best;
    if (rare.all().itemBoolean()) return logProbs(input, headLogits).argmax(1L);
    Tensor rows = rare.nonzero().squeeze(1);
    Tensor logProbs = logProbs(input.indexSelect(0, rows), headLogits.indexSelect(0, rows));
    return best.indexCopy(0, rows, logProbs.argmax(1L));
  }
}
