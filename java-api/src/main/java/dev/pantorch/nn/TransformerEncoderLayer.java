package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.Internal;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One layer of a {@link TransformerEncoder}: self-attention and two linear layers, each added to
/// its input and normalised (Vaswani and others 2017).
///
/// ```java
/// TransformerEncoderLayer layer =
///     new TransformerEncoderLayer(64, 4, o -> o.dimFeedforward(128).batchFirst(true));
/// Tensor y = layer.forward(x); // (32, 10, 64) -> (32, 10, 64)
/// Tensor masked = layer.forward(x, o -> o.srcKeyPaddingMask(padding)); // (32, 10), true at padding
/// ```
///
/// **Shape.** Input and output $(N, S, E)$ with the batch first, else $(S, N, E)$, or $(S, E)$
/// unbatched; masks as those of {@link ForwardOptions}.
///
/// **Parameters.** Those of `self_attn`, a {@link MultiheadAttention}, of `linear1` and `linear2`,
/// {@link Linear}, and of `norm1` and `norm2`, {@link LayerNorm}.
///
/// In evaluation without gradients, one native operator computes the layer where Python takes it
/// too: the batch first, an even number of heads, biases, and {@link Activation#RELU} or {@link
/// Activation#GELU}.
///
/// [torch.nn.TransformerEncoderLayer](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TransformerEncoderLayer.html)
public final class TransformerEncoderLayer extends Module {
  private final long dModel;
  private final long nhead;
  private final Options options;
  private final MultiheadAttention selfAttn;
  private final Linear linear1;
  private final Dropout dropout;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final Dropout dropout1;
  private final Dropout dropout2;

  /// Options of {@link TransformerEncoderLayer}.
  public static final class Options extends TransformerOptions<Options> {
    Options() {}
  }

  /// What forward may be told besides its input.
  public static final class ForwardOptions {
    private @Nullable Tensor srcMask;
    private @Nullable Tensor srcKeyPaddingMask;
    private boolean isCausal;

    private ForwardOptions() {}

    /// Hides steps from steps.
    ///
    /// @param srcMask $(S, S)$ or $(N h, S, S)$: true where a step must not see another, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions srcMask(@Nullable Tensor srcMask) {
      this.srcMask = srcMask;
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

    /// Hints that the mask is the causal one, which has to be given all the same.
    ///
    /// @param isCausal whether it is; false unless set
    /// @return these options
    public ForwardOptions isCausal(boolean isCausal) {
      this.isCausal = isCausal;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param src the sequence
  /// @param options masks
  public record Input(Tensor src, ForwardOptions options) {}

  /// A layer with default settings, sequence first.
  ///
  /// @param dModel the features $E$
  /// @param nhead the heads $h$ of the attention, each of $E / h$ features
  /// @throws dev.pantorch.ValueException if a size is out of range
  public TransformerEncoderLayer(long dModel, long nhead) {
    this(dModel, nhead, o -> {});
  }

  /// A layer with options.
  ///
  /// @param dModel the features $E$
  /// @param nhead the heads $h$ of the attention, each of $E / h$ features
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if a size is out of range
  public TransformerEncoderLayer(long dModel, long nhead, Consumer<Options> settings) {
    this(dModel, nhead, LayerOptions.configure(new Options(), settings));
  }

  private TransformerEncoderLayer(long dModel, long nhead, Options options) {
    this.dModel = dModel;
    this.nhead = nhead;
    this.options = options;
    selfAttn = register("self_attn", options.attention(dModel, nhead));
    linear1 = register("linear1", options.linear(dModel, options.dimFeedforward));
    dropout = register("dropout", new Dropout(options.dropout));
    linear2 = register("linear2", options.linear(options.dimFeedforward, dModel));
    norm1 = register("norm1", options.norm(dModel));
    norm2 = register("norm2", options.norm(dModel));
    dropout1 = register("dropout1", new Dropout(options.dropout));
    dropout2 = register("dropout2", new Dropout(options.dropout));
    if (options.activationLayer != null) register("activation", options.activationLayer);
  }

  /// Another layer with this one's settings, values and hooks, without drawing anything.
  TransformerEncoderLayer copy() {
    Options undrawn = new Options().all(options).undrawn().ownActivation();
    TransformerEncoderLayer copy = new TransformerEncoderLayer(dModel, nhead, undrawn);
    ModuleCopy.into(copy, this);
    return copy;
  }

  boolean isBatchFirst() {
    return options.batchFirst;
  }

  /// Why a {@link TransformerEncoder} of such layers never packs padded input, in Python's words;
  /// null if it may.
  @Nullable String whyNotNested() {
    if (options.normFirst) return "encoder_layer.norm_first was True";
    if (!options.batchFirst) {
      return "encoder_layer.self_attn.batch_first was not True(use batch_first for better inference"
          + " performance)";
    }
    if (!options.bias) return "encoder_layer.self_attn was passed bias=False";
    if (!options.isRelu() && !options.isGelu()) {
      return "encoder_layer.activation_relu_or_gelu was not True";
    }
    return nhead % 2 == 1 ? "encoder_layer.self_attn.num_heads is odd" : null;
  }

  /// Computes the layer.
  ///
  /// @param src a sequence $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @return a tensor of the same shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor src) {
    return forward(src, o -> {});
  }

  /// Computes the layer with masks.
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
    Tensor mask = Functional.canonicalMask(in.options.srcMask, "src_mask", src.dtype());
    if (takesFastPath(src)) return fast(src, mask, padding);
    boolean causal = in.options.isCausal;
    if (options.normFirst) {
      Tensor attended = src.add(attend(norm1.forward(src), mask, padding, causal));
      return attended.add(feedForward(norm2.forward(attended)));
    }
    Tensor attended = norm1.forward(src.add(attend(src, mask, padding, causal)));
    return norm2.forward(attended.add(feedForward(attended)));
  }

  private Tensor attend(
      Tensor x, @Nullable Tensor mask, @Nullable Tensor padding, boolean isCausal) {
    MultiheadAttention.Output attended =
        selfAttn.forward(
            x,
            x,
            x,
            o -> o.attnMask(mask).keyPaddingMask(padding).needWeights(false).isCausal(isCausal));
    return dropout1.forward(attended.attnOutput());
  }

  private Tensor feedForward(Tensor x) {
    Tensor inner = dropout.forward(options.activation.apply(linear1.forward(x)));
    return dropout2.forward(linear2.forward(inner));
  }

  private boolean takesFastPath(Tensor src) {
    if (src.dim() != 3 || isTraining() || !options.batchFirst || !options.bias) return false;
    if (!options.isRelu() && !options.isGelu()) return false;
    if (nhead % 2 != 0 || MultiheadAttention.isAutocast()) return false;
    if (modules().stream()
        .anyMatch(m -> m.hasForwardHooks() || m.isQuantized() || m.form() != null)) return false;
    return !Torch.isGradEnabled() || !recordsGradients(src);
  }

  /// Whether the input or a parameter of this layer is one that gradients are recorded for.
  boolean recordsGradients(Tensor src) {
    return Stream.concat(Stream.of(src), parameters().stream()).anyMatch(Tensor::requiresGrad);
  }

  private Tensor fast(Tensor src, @Nullable Tensor mask, @Nullable Tensor padding) {
    MultiheadAttention.MergedMask merged = selfAttn.mergeMasks(mask, padding, src);
    return Internal.transformerEncoderLayerFwd(
        src,
        dModel,
        nhead,
        getParameter("self_attn.in_proj_weight"),
        getParameter("self_attn.in_proj_bias"),
        getParameter("self_attn.out_proj.weight"),
        getParameter("self_attn.out_proj.bias"),
        options.isGelu(),
        options.normFirst,
        options.layerNormEps,
        Objects.requireNonNull(norm1.weight()),
        Objects.requireNonNull(norm1.bias()),
        Objects.requireNonNull(norm2.weight()),
        Objects.requireNonNull(norm2.bias()),
        linear1.weight(),
        Objects.requireNonNull(linear1.bias()),
        linear2.weight(),
        Objects.requireNonNull(linear2.bias()),
        merged.mask(),
        merged.type());
  }
}
