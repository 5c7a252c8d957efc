package dev.pantorch.nn;

import dev.pantorch.Autograd;
import dev.pantorch.DType;
import dev.pantorch.IndexException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A linear-chain conditional random field (Lafferty and others 2001): the layer over a tagger's
/// scores that learns which tag follows which. A sequence of tags $y$ has the probability
///
/// $$ p(y \mid x) = \frac{1}{Z(x)} \exp\Big(s_{y_1} + \sum_t x_{t, y_t} + \sum_{t > 1} T_{y_{t-1},
/// y_t} + e_{y_L}\Big) $$
///
/// with the emissions $x$, transitions $T$, and the scores $s$ of starting and $e$ of ending with a
/// tag. $Z$ sums over all sequences by the forward algorithm.
///
/// ```java
/// CRF crf = new CRF(9);
/// Tensor loss = crf.forward(emissions, tags, mask, Reduction.MEAN).neg();
/// List<int[]> best = crf.decode(emissions, mask).sequences();
/// ```
///
/// **Shape.** With $N$ the batch, $L$ the length and $K$ the tags: emissions $(N, L, K)$, tags $(N,
/// L)$ int64, mask $(N, L)$ bool, true where a sequence has steps, which are its first ones. What
/// stands at padding has no influence: emissions may be NaN there and tags -100.
///
/// **Parameters.** `start_transitions` $(K)$, `end_transitions` $(K)$ and `transitions` $(K, K)$,
/// from the row's tag to the column's, all drawn from $U(-0.1, 0.1)$. Not in PyTorch: names, order
/// and defaults are those of the Python package pytorch-crf, so its weights can be loaded.
public final class CRF extends Module {
  private static final long PADDING = -100;

  /// Options of {@link CRF}.
  public static final class Options extends LayerOptions<Options> {
    private Options() {}
  }

  /// What hooks see as the input.
  ///
  /// @param emissions the scores of each step's tags
  /// @param tags the right tags
  /// @param mask where there are steps, null for everywhere
  /// @param reduction over the sequences
  public record Input(Tensor emissions, Tensor tags, @Nullable Tensor mask, Reduction reduction) {}

  /// The best tags.
  ///
  /// @param tags $(N, L)$ int64, -100 at padding
  /// @param scores their scores, $(N)$, before division by $Z$
  /// @param lengths how many steps each sequence has, $(N)$ int64
  public record Decoded(Tensor tags, Tensor scores, Tensor lengths) {
    /// The tags of each sequence without padding.
    ///
    /// @return one array a sequence
    public List<int[]> sequences() {
      long[] all = tags.toLongArray();
      long[] counts = lengths.toLongArray();
      int steps = (int) tags.size(1);
      List<int[]> sequences = new ArrayList<>();
      for (int i = 0; i < counts.length; i++) {
        int[] sequence = new int[(int) counts[i]];
        for (int t = 0; t < sequence.length; t++) sequence[t] = (int) all[i * steps + t];
        sequences.add(sequence);
      }
      return sequences;
    }
  }

  private final long numTags;
  private final Tensor startTransitions;
  private final Tensor endTransitions;
  private final Tensor transitions;

  /// A field over tags.
  ///
  /// @param numTags how many tags there are, $K$
  public CRF(long numTags) {
    this(numTags, o -> {});
  }

  /// A field with options.
  ///
  /// @param numTags how many tags there are, $K$
  /// @param settings sets the options
  /// @throws ValueException if there are no tags
  public CRF(long numTags, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    if (numTags <= 0) throw new ValueException("invalid number of tags: " + numTags);
    this.numTags = numTags;
    startTransitions =
        registerParameter("start_transitions", Torch.empty(options.tensors(), numTags));
    endTransitions = registerParameter("end_transitions", Torch.empty(options.tensors(), numTags));
    transitions =
        registerParameter("transitions", Torch.empty(options.tensors(), numTags, numTags));
    resetParameters();
  }

  /// Draws the parameters anew, from $U(-0.1, 0.1)$.
  public void resetParameters() {
    for (Tensor parameter : parameters()) Init.uniform_(parameter, -0.1, 0.1);
  }

  /// The sum of the log-likelihoods of sequences without padding.
  ///
  /// @param emissions the scores of each step's tags, $(N, L, K)$
  /// @param tags the right tags, $(N, L)$
  /// @return a scalar, to be made large
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit, or a tag is none
  public Tensor forward(Tensor emissions, Tensor tags) {
    return forward(emissions, tags, null, Reduction.SUM);
  }

  /// The log-likelihood of the right tags.
  ///
  /// @param emissions the scores of each step's tags, $(N, L, K)$
  /// @param tags the right tags, $(N, L)$
  /// @param mask where there are steps, $(N, L)$ bool; null for everywhere
  /// @param reduction over the sequences; {@link Reduction#NONE} gives $(N)$
  /// @return to be made large
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit, or a tag is none
  public Tensor forward(Tensor emissions, Tensor tags, @Nullable Tensor mask, Reduction reduction) {
    return hooked(
        new Input(emissions, tags, mask, reduction), in -> TensorScope.scope(() -> compute(in)));
  }

  private Tensor compute(Input in) {
    Tensor emissions = checked(in.emissions, in.mask);
    Tensor tags = checkedTags(in.tags, in.mask, in.emissions);
    Tensor likelihood = score(emissions, tags, in.mask).sub(logPartition(emissions, in.mask));
    return LossFunctions.reduced(likelihood, in.reduction);
  }

  private Tensor score(Tensor emissions, Tensor tags, @Nullable Tensor mask) {
    long steps = tags.size(1);
    Tensor first = tags.select(1, 0);
    Tensor last =
        mask == null
            ? tags.select(1, -1)
            : tags.gather(1, mask.sum(1).sub(1).unsqueeze(1)).squeeze(1);
    Tensor score =
        emissions
            .gather(2, tags.unsqueeze(2))
            .squeeze(2)
            .sum(1)
            .add(startTransitions.indexSelect(0, first))
            .add(endTransitions.indexSelect(0, last));
    if (steps == 1) return score;
    Tensor pairs = tags.narrow(1, 0, steps - 1).mul(numTags).add(tags.narrow(1, 1, steps - 1));
    Tensor moves = transitions.take(pairs);
    if (mask != null) moves = moves.where(mask.narrow(1, 1, steps - 1), 0);
    return score.add(moves.sum(1));
  }

  /// $\log Z$, $(N)$, by the forward algorithm: one step of all sequences at a time.
  private Tensor logPartition(Tensor emissions, @Nullable Tensor mask) {
    List<Tensor> steps = emissions.unbind(1);
    List<Tensor> masks = mask == null ? List.of() : mask.unsqueeze(2).unbind(1);
    Tensor alpha = steps.getFirst().add(startTransitions);
    for (int t = 1; t < steps.size(); t++) {
      Tensor next = alpha.unsqueeze(2).add(transitions).logsumexp(1).add(steps.get(t));
      alpha = mask == null ? next : next.where(masks.get(t), alpha);
    }
    return alpha.add(endTransitions).logsumexp(1);
  }

  /// The best tags of sequences without padding.
  ///
  /// @param emissions the scores of each step's tags, $(N, L, K)$
  /// @return the tags of highest probability
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Decoded decode(Tensor emissions) {
    return decode(emissions, null);
  }

  /// The best tags, by the Viterbi algorithm.
  ///
  /// @param emissions the scores of each step's tags, $(N, L, K)$
  /// @param mask where there are steps, $(N, L)$ bool; null for everywhere
  /// @return the tags of highest probability
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Decoded decode(Tensor emissions, @Nullable Tensor mask) {
    return Torch.noGrad(() -> TensorScope.scope(() -> viterbi(checked(emissions, mask), mask)));
  }

  private Decoded viterbi(Tensor emissions, @Nullable Tensor mask) {
    List<Tensor> steps = emissions.unbind(1);
    List<Tensor> masks = mask == null ? List.of() : mask.unsqueeze(2).unbind(1);
    // At padding the way back stays where it is.
    Tensor stay = Torch.arange(numTags, DType.INT64.on(emissions.device()));
    List<Tensor> origins = new ArrayList<>();
    Tensor best = steps.getFirst().add(startTransitions);
    for (int t = 1; t < steps.size(); t++) {
      var from = best.unsqueeze(2).add(transitions).max(1);
      Tensor next = from.values().add(steps.get(t));
      origins.add(mask == null ? from.indices() : from.indices().where(masks.get(t), stay));
      best = mask == null ? next : next.where(masks.get(t), best);
    }
    var end = best.add(endTransitions).max(1);
    Tensor tag = end.indices().unsqueeze(1);
    List<Tensor> path = new ArrayList<>(List.of(tag));
    for (Tensor origin : origins.reversed()) {
      tag = origin.gather(1, tag);
      path.add(tag);
    }
    Tensor tags = Torch.cat(path.reversed(), 1);
    if (mask != null) tags = tags.where(mask, PADDING);
    Tensor lengths =
        mask == null
            ? Torch.tensor(DType.INT64.on(tags.device()), tags.size(1)).repeat(tags.size(0))
            : mask.sum(1);
    return new Decoded(tags, end.values(), lengths);
  }

  /// The probability of each tag at each step, over all sequences of tags.
  ///
  /// @param emissions the scores of each step's tags, $(N, L, K)$
  /// @param mask where there are steps, $(N, L)$ bool; null for everywhere
  /// @return $(N, L, K)$, 0 at padding, without a graph
  /// @throws dev.pantorch.TorchException if shapes or dtypes do not fit
  public Tensor marginals(Tensor emissions, @Nullable Tensor mask) {
    // They are the derivatives of log Z, so the backward algorithm need not be written.
    return Torch.enableGrad(() ->
        TensorScope.scope(() -> {
          Tensor scores = checked(emissions, mask).detach().requiresGrad_(true);
          return Autograd.grad(logPartition(scores, mask).sum(), scores);
        }));
  }

  // Checks, in the words of pytorch-crf.

  /// The emissions with zeros at padding: NaN there would reach the gradients.
  private Tensor checked(Tensor emissions, @Nullable Tensor mask) {
    long[] size = emissions.shape();
    if (size.length != 3) {
      throw new ShapeException("emissions must have dimension of 3, got " + size.length);
    }
    if (size[2] != numTags) {
      throw new ShapeException(
          "expected last dimension of emissions is %d, got %d".formatted(numTags, size[2]));
    }
    if (size[1] == 0) throw new ShapeException("emissions must have at least one step");
    if (mask == null) return emissions;
    if (!Arrays.equals(mask.shape(), new long[] {size[0], size[1]})) {
      throw new ShapeException(
          "the first two dimensions of emissions and mask must match, got %s and %s"
              .formatted(PythonText.tuple(size[0], size[1]), PythonText.tuple(mask.shape())));
    }
    if (mask.dtype() != DType.BOOL) {
      throw new ValueException("mask must be of dtype torch.bool, got " + mask.dtype());
    }
    if (!mask.select(1, 0).all().itemBoolean()) {
      throw new ValueException("mask of the first timestep must all be on");
    }
    long pairs = size[1] - 1;
    Tensor gap = mask.narrow(1, 1, pairs).gt(mask.narrow(1, 0, pairs));
    if (gap.any().itemBoolean()) {
      throw new ValueException("mask must not be on after it was off in a sequence");
    }
    return emissions.where(mask.unsqueeze(2), 0);
  }

  private Tensor checkedTags(Tensor tags, @Nullable Tensor mask, Tensor emissions) {
    long[] size = {emissions.size(0), emissions.size(1)};
    if (!Arrays.equals(tags.shape(), size)) {
      throw new ShapeException(
          "the first two dimensions of emissions and tags must match, got %s and %s"
              .formatted(PythonText.tuple(size), PythonText.tuple(tags.shape())));
    }
    if (tags.dtype() != DType.INT64) {
      throw new ValueException("tags must be of dtype torch.int64, got " + tags.dtype());
    }
    Tensor steps = mask == null ? tags : tags.where(mask, 0);
    if (steps.numel() == 0) return steps;
    var range = steps.aminmax();
    long wrong = range.min().itemLong() < 0 ? range.min().itemLong() : range.max().itemLong();
    if (wrong < 0 || wrong >= numTags) {
      throw new IndexException("Tag %d is out of bounds.".formatted(wrong));
    }
    return steps;
  }

  @Override
  protected String extraRepr() {
    return "num_tags=" + numTags;
  }
}
