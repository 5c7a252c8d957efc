package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.Log;
import dev.pantorch.ops.Internal;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A stack of {@link TransformerEncoderLayer}s.
///
/// ```java
/// TransformerEncoder encoder =
///     new TransformerEncoder(
///         new TransformerEncoderLayer(64, 4, o -> o.dimFeedforward(128).batchFirst(true)), 2);
/// Tensor y = encoder.forward(x, o -> o.srcKeyPaddingMask(padding)); // (32, 10, 64)
/// ```
///
/// The layers are copies of the one that is given, with its very values, as in Python: nothing is
/// drawn for them. Where they should begin differently, draw their parameters anew.
///
/// **Shape.** As {@link TransformerEncoderLayer}. In evaluation without gradients, and with a
/// padding mask that leaves out the ends of sequences only, the layers compute nothing for padding
/// where Python packs it too: there the output has 0 before the last normalisation, and the length
/// of the input.
///
/// **Parameters.** Those of the layers, `layers.0` and so on, and of `norm`, if there is one.
///
/// [torch.nn.TransformerEncoder](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TransformerEncoder.html)
public final class TransformerEncoder extends Module {

  private final ModuleList<TransformerEncoderLayer> layers;
  private final @Nullable Layer norm;
  private final boolean useNestedTensor;
  private final boolean maskCheck;

  /// Options of {@link TransformerEncoder}.
  public static final class Options {
    private @Nullable Layer norm;
    private boolean enableNestedTensor = true;
    private boolean maskCheck = true;

    private Options() {}

    /// Normalises what the last layer returns.
    ///
    /// @param norm the layer that does, a {@link LayerNorm} or {@link RMSNorm}; none unless set
    /// @return these options
    public Options norm(@Nullable Layer norm) {
      this.norm = norm;
      return this;
    }

    /// Computes nothing for padding, in evaluation without gradients.
    ///
    /// @param enableNestedTensor whether to; true unless set
    /// @return these options
    public Options enableNestedTensor(boolean enableNestedTensor) {
      this.enableNestedTensor = enableNestedTensor;
      return this;
    }

    /// Looks at the padding mask, whether it leaves out the ends of sequences only.
    ///
    /// @param maskCheck whether to; true unless set. Without, a mask that does otherwise gives
    ///   other numbers.
    /// @return these options
    public Options maskCheck(boolean maskCheck) {
      this.maskCheck = maskCheck;
      return this;
    }
  }

  /// What forward may be told besides its input.
  public static final class ForwardOptions {
    private @Nullable Tensor mask;
    private @Nullable Tensor srcKeyPaddingMask;
    private @Nullable Boolean isCausal;

    private ForwardOptions() {}

    /// Hides steps from steps.
    ///
    /// @param mask $(S, S)$ or $(N h, S, S)$: true where a step must not see another, or summands
    ///   of the scores; none unless set
    /// @return these options
    public ForwardOptions mask(@Nullable Tensor mask) {
      this.mask = mask;
      return this;
    }

    /// Leaves out steps.
    ///
    /// @param srcKeyPaddingMask $(N, S)$, or $(S)$ unbatched: true where a step is left out, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions srcKeyPaddingMask(@Nullable Tensor srcKeyPaddingMask) {
      this.srcKeyPaddingMask = srcKeyPaddingMask;
      return this;
    }

    /// Says whether the mask is the causal one, which has to be given all the same.
    ///
    /// @param isCausal whether it is; null, which means that the mask is looked at, unless set
    /// @return these options
    public ForwardOptions isCausal(@Nullable Boolean isCausal) {
      this.isCausal = isCausal;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param src the sequence
  /// @param options masks
  public record Input(Tensor src, ForwardOptions options) {}

  /// A stack without a last normalisation.
  ///
  /// @param encoderLayer the layer that is copied; it is not part of the stack itself
  /// @param numLayers how many copies
  public TransformerEncoder(TransformerEncoderLayer encoderLayer, long numLayers) {
    this(encoderLayer, numLayers, o -> {});
  }

  /// A stack with options.
  ///
  /// @param encoderLayer the layer that is copied; it is not part of the stack itself
  /// @param numLayers how many copies
  /// @param settings sets the options
  public TransformerEncoder(
      TransformerEncoderLayer encoderLayer, long numLayers, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    layers =
        register(
            "layers",
            new ModuleList<>(Stream.generate(encoderLayer::copy).limit(numLayers).toList()));
    norm = options.norm == null ? null : register("norm", options.norm);
    maskCheck = options.maskCheck;
    String whyNot = encoderLayer.whyNotNested();
    useNestedTensor = options.enableNestedTensor && whyNot == null;
    if (options.enableNestedTensor && whyNot != null) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "enable_nested_tensor is True, but self.use_nested_tensor is False because " + whyNot);
    }
  }

  /// Encodes.
  ///
  /// @param src a sequence $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor src) {
    return forward(src, o -> {});
  }

  /// Encodes with masks.
  ///
  /// @param src a sequence $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @param settings sets the options
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor src, Consumer<ForwardOptions> settings) {
    ForwardOptions given = LayerOptions.configure(new ForwardOptions(), settings);
    return hooked(new Input(src, given), this::compute);
  }

  private Tensor compute(Input in) {
    Tensor src = in.src;
    Tensor padding =
        Functional.canonicalMask(in.options.srcKeyPaddingMask, "src_key_padding_mask", src.dtype());
    Tensor mask = Functional.canonicalMask(in.options.mask, "mask", src.dtype());
    TransformerEncoderLayer first = layers.get(0);
    Tensor packed =
        padding != null && mask == null && packs(first, src, padding)
            ? Internal.nestedTensorFromMask(src, padding.logicalNot(), false)
            : null;
    Tensor output = packed == null ? src : packed;
    Tensor left = packed == null ? padding : null;
    boolean causal = Transformer.isCausal(mask, in.options.isCausal, src, first.isBatchFirst());
    for (TransformerEncoderLayer layer : layers) {
      output = layer.forward(output, o -> o.srcMask(mask).isCausal(causal).srcKeyPaddingMask(left));
    }
    if (packed != null) output = output.toPaddedTensor(0.0, src.shape());
    return norm == null ? output : norm.forward(output);
  }

  private boolean packs(TransformerEncoderLayer first, Tensor src, Tensor padding) {
    if (!useNestedTensor || first.isTraining() || src.dim() != 3) return false;
    if (MultiheadAttention.isAutocast()) return false;
    if (maskCheck && !Internal.nestedTensorFromMaskLeftAligned(src, padding.logicalNot())) {
      return false;
    }
    return !Torch.isGradEnabled() || !first.recordsGradients(src);
  }
}
