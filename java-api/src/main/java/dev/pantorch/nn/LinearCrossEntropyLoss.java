package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.internal.PythonText;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// A {@link Linear} that makes logits of its input, and their {@link CrossEntropyLoss}.
///
/// ```java
/// LinearCrossEntropyLoss criterion = new LinearCrossEntropyLoss(64, 10);
/// Tensor loss = criterion.forward(features, classes); // (32, 64) and (32)
/// ```
///
/// **Shape.** Input $(N, H)$ or $(H)$; target int64 $(N, d_1, ...)$, $(N)$ or $()$, or
/// probabilities $(N, C, d_1, ...)$ or $(C)$, with $d_1, ...$ the further sizes of the logits;
/// output a scalar, or the shape of class indices with {@link Reduction#NONE}.
///
/// **Parameters.** Those of `linear`, a {@link Linear} $(C d_1 \cdots, H)$.
///
/// [torch.nn.LinearCrossEntropyLoss](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LinearCrossEntropyLoss.html)
public final class LinearCrossEntropyLoss extends Loss {
  private final long inFeatures;
  private final long numClasses;
  private final long[] outFeatures;
  private final @Nullable Tensor weight;
  private final @Nullable Long ignoreIndex;
  private final double labelSmoothing;
  private final @Nullable LinearCrossEntropyOptions options;
  private final Linear linear;

  /// Options of {@link LinearCrossEntropyLoss}.
  public static final class Options extends LayerOptions<Options> {
    private long[] outFeatures = {};
    private boolean bias;
    private Reduction reduction = Reduction.MEAN;
    private @Nullable Tensor weight;
    private @Nullable Long ignoreIndex;
    private double labelSmoothing;
    private @Nullable LinearCrossEntropyOptions options;

    private Options() {}

    /// Further sizes $d_1, ...$ of the logits.
    ///
    /// @param outFeatures the sizes; none unless set
    /// @return these options
    public Options outFeatures(long... outFeatures) {
      this.outFeatures = outFeatures.clone();
      return this;
    }

    /// Whether the linear layer learns summands.
    ///
    /// @param bias false unless set
    /// @return these options
    public Options bias(boolean bias) {
      this.bias = bias;
      return this;
    }

    /// What becomes of the losses of single elements.
    ///
    /// @param reduction the mean unless set
    /// @return these options
    public Options reduction(Reduction reduction) {
      this.reduction = reduction;
      return this;
    }

    /// A factor for each class.
    ///
    /// @param weight a tensor $(C)$; none unless set
    /// @return these options
    public Options weight(@Nullable Tensor weight) {
      this.weight = weight;
      return this;
    }

    /// The class that is left out, of the mean, too: padding.
    ///
    /// @param ignoreIndex -100, for targets that are classes, unless set
    /// @return these options
    public Options ignoreIndex(@Nullable Long ignoreIndex) {
      this.ignoreIndex = ignoreIndex;
      return this;
    }

    /// How much of the target is spread evenly over all classes (Szegedy and others 2015).
    ///
    /// @param labelSmoothing from 0, unless set, to 1
    /// @return these options
    public Options labelSmoothing(double labelSmoothing) {
      this.labelSmoothing = labelSmoothing;
      return this;
    }

    /// Computes in pieces of the batch, which saves memory.
    ///
    /// @param options how; null, for all of it at once, unless set
    /// @return these options
    public Options options(@Nullable LinearCrossEntropyOptions options) {
      this.options = options;
      return this;
    }
  }

  /// The mean, without bias.
  ///
  /// @param inFeatures the features $H$ of an input
  /// @param numClasses the number $C$ of classes
  public LinearCrossEntropyLoss(long inFeatures, long numClasses) {
    this(inFeatures, numClasses, o -> {});
  }

  /// A loss with options.
  ///
  /// @param inFeatures the features $H$ of an input
  /// @param numClasses the number $C$ of classes
  /// @param settings sets the options
  /// @throws TorchException if the weight has another shape or the smoothing is out of range
  public LinearCrossEntropyLoss(long inFeatures, long numClasses, Consumer<Options> settings) {
    this(inFeatures, numClasses, configure(new Options(), settings));
  }

  private LinearCrossEntropyLoss(long inFeatures, long numClasses, Options options) {
    super(options.reduction);
    check(options, numClasses);
    this.inFeatures = inFeatures;
    this.numClasses = numClasses;
    outFeatures = options.outFeatures;
    weight = options.weight == null ? null : registerBuffer("weight", options.weight);
    ignoreIndex = options.ignoreIndex;
    labelSmoothing = options.labelSmoothing;
    this.options = options.options;
    long logits = LongStream.of(outFeatures).reduce(numClasses, Math::multiplyExact);
    linear =
        register("linear", new Linear(inFeatures, logits, o -> o.bias(options.bias).like(options)));
  }

  private static void check(Options options, long numClasses) {
    Tensor weight = options.weight;
    long[] wanted = {numClasses};
    if (weight != null && !Arrays.equals(weight.shape(), wanted)) {
      throw new TorchException(
          "expected weight shape to be %s, got %s"
              .formatted(PythonText.tuple(wanted), PythonText.tuple(weight.shape())));
    }
    if (!(options.labelSmoothing >= 0 && options.labelSmoothing <= 1)) {
      throw new TorchException(
          "expected label_smoothing to be in range [0, 1], got "
              + PythonText.number(options.labelSmoothing));
    }
  }

  @Override
  Tensor compute(Tensor input, Tensor target) {
    Tensor bias = linear.bias();
    return Functional.linearCrossEntropy(
        input,
        linear.weight().reshape(shape(inFeatures)),
        target,
        bias == null ? null : bias.reshape(shape()),
        weight,
        reduction,
        ignoreIndex,
        labelSmoothing,
        options);
  }

  private long[] shape(long... last) {
    return LongStream.concat(
            LongStream.concat(LongStream.of(numClasses), LongStream.of(outFeatures)),
            LongStream.of(last))
        .toArray();
  }

  @Override
  protected String extraRepr() {
    return "in_features=%d, num_classes=%d, out_features=%s, bias=%s, reduction=%s, ignore_index=%s, label_smoothing=%s, options=%s"
        .formatted(
            inFeatures,
            numClasses,
            PythonText.tuple(outFeatures),
            PythonText.bool(linear.bias() != null),
            reduction.name().toLowerCase(Locale.ROOT),
            ignoreIndex == null ? "None" : ignoreIndex,
            PythonText.number(labelSmoothing),
            options == null ? "None" : options);
  }
}
