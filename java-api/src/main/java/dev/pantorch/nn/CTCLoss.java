package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.function.Consumer;

/// Connectionist temporal classification (Graves and others 2006): the negative log-probability of
/// a short sequence of labels given a long one of outputs, over all ways to stretch the one to the
/// other with blanks and repetitions. For speech, handwriting and other inputs whose labels are not
/// aligned.
///
/// ```java
/// CTCLoss criterion = new CTCLoss(o -> o.zeroInfinity(true));
/// Tensor logProbs = logits.logSoftmax(2); // (50, 32, 20): steps, batch, labels with blank as 0
/// Tensor loss = criterion.forward(logProbs, labels, inputLengths, labelLengths); // (32, 10), (32)
/// ```
///
/// **Shape.** Log-probabilities $(T, N, C)$ or $(T, C)$; targets int64 $(N, S)$, padded with any
/// number, or all of them one after the other $(\sum lengths)$; lengths int64 $(N)$ or $()$; output
/// a scalar, or $(N)$ with {@link Reduction#NONE}. The mean is over the losses divided by the
/// lengths of the targets.
///
/// [torch.nn.CTCLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CTCLoss.html)
public final class CTCLoss extends Module {
  private final Reduction reduction;
  private final long blank;
  private final boolean zeroInfinity;

  /// Options of {@link CTCLoss}.
  public static final class Options extends Loss.Options<Options> {
    private long blank;
    private boolean zeroInfinity;

    private Options() {}

    /// The class that stands for no label.
    ///
    /// @param blank 0 unless set
    /// @return these options
    public Options blank(long blank) {
      this.blank = blank;
      return this;
    }

    /// Makes infinite losses and their gradients 0: those of inputs shorter than their targets.
    ///
    /// @param zeroInfinity whether to; false unless set
    /// @return these options
    public Options zeroInfinity(boolean zeroInfinity) {
      this.zeroInfinity = zeroInfinity;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param logProbs log-probabilities
  /// @param targets labels
  /// @param inputLengths how many steps of each input count
  /// @param targetLengths how many labels of each target count
  public record Input(Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) {}

  /// The mean, with class 0 as blank.
  public CTCLoss() {
    this(o -> {});
  }

  /// A loss with options.
  ///
  /// @param settings sets the options
  public CTCLoss(Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    reduction = options.reduction;
    blank = options.blank;
    zeroInfinity = options.zeroInfinity;
  }

  /// Computes the loss.
  ///
  /// @param logProbs log-probabilities $(T, N, C)$ or $(T, C)$
  /// @param targets labels $(N, S)$ or $(\sum lengths)$, none of them blank
  /// @param inputLengths how many steps of each input count $(N)$ or $()$
  /// @param targetLengths how many labels of each target count $(N)$ or $()$
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.IndexException if a label is no class
  /// @throws dev.pantorch.TorchException if shapes, dtypes or lengths do not fit
  public Tensor forward(
      Tensor logProbs, Tensor targets, Tensor inputLengths, Tensor targetLengths) {
    return hooked(new Input(logProbs, targets, inputLengths, targetLengths), this::compute);
  }

  /// Computes the loss, given lengths as numbers.
  ///
  /// @param logProbs log-probabilities $(T, N, C)$ or $(T, C)$
  /// @param targets labels $(N, S)$ or $(\sum lengths)$, none of them blank
  /// @param inputLengths how many steps of each input count
  /// @param targetLengths how many labels of each target count
  /// @return a scalar, unless the reduction is {@link Reduction#NONE}
  /// @throws dev.pantorch.IndexException if a label is no class
  /// @throws dev.pantorch.TorchException if shapes, dtypes or lengths do not fit
  public Tensor forward(
      Tensor logProbs, Tensor targets, long[] inputLengths, long[] targetLengths) {
    return forward(logProbs, targets, Torch.tensor(inputLengths), Torch.tensor(targetLengths));
  }

  private Tensor compute(Input in) {
    return Functional.ctcLoss(
        in.logProbs, in.targets, in.inputLengths, in.targetLengths, blank, reduction, zeroInfinity);
  }
}
