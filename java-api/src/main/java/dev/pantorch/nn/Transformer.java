package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A {@link TransformerEncoder} that reads one sequence and a {@link TransformerDecoder} that
/// writes another (Vaswani and others 2017).
///
/// ```java
/// Transformer transformer = new Transformer(o -> o.dModel(64).nhead(4).batchFirst(true));
/// Tensor mask = Transformer.generateSquareSubsequentMask(20);
/// Tensor y = transformer.forward(src, tgt, o -> o.tgtMask(mask)); // (32, 10, 64), (32, 20, 64)
/// ```
///
/// **Shape.** With $S$ the length of the source, $T$ that of the target, $N$ the batch:
///
/// | | batch first | else | unbatched |
/// |---|---|---|---|
/// | source | $(N, S, E)$ | $(S, N, E)$ | $(S, E)$ |
/// | target, output | $(N, T, E)$ | $(T, N, E)$ | $(T, E)$ |
///
/// **Parameters.** Those of `encoder` and `decoder`; all matrices are drawn by {@link
/// Init#xavierUniform_}.
///
/// The order of steps is not seen by attention: add a positional encoding to the inputs, as the
/// example `transformer` does.
///
/// [torch.nn.Transformer](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Transformer.html)
public final class Transformer extends Module {
  private final long dModel;
  private final boolean batchFirst;
  private final TransformerEncoder encoder;
  private final TransformerDecoder decoder;

  /// Options of {@link Transformer}.
  public static final class Options extends TransformerOptions<Options> {
    private long dModel = 512;
    private long nhead = 8;
    private long numEncoderLayers = 6;
    private long numDecoderLayers = 6;
    private @Nullable TransformerEncoder customEncoder;
    private @Nullable TransformerDecoder customDecoder;

    private Options() {}

    /// The features of both sequences.
    ///
    /// @param dModel their number $E$; 512 unless set
    /// @return these options
    public Options dModel(long dModel) {
      this.dModel = dModel;
      return this;
    }

    /// The heads of the attentions.
    ///
    /// @param nhead their number, a divisor of $E$; 8 unless set
    /// @return these options
    public Options nhead(long nhead) {
      this.nhead = nhead;
      return this;
    }

    /// The layers of the encoder.
    ///
    /// @param numEncoderLayers their number; 6 unless set
    /// @return these options
    public Options numEncoderLayers(long numEncoderLayers) {
      this.numEncoderLayers = numEncoderLayers;
      return this;
    }

    /// The layers of the decoder.
    ///
    /// @param numDecoderLayers their number; 6 unless set
    /// @return these options
    public Options numDecoderLayers(long numDecoderLayers) {
      this.numDecoderLayers = numDecoderLayers;
      return this;
    }

    /// Takes an encoder as it is.
    ///
    /// @param customEncoder the encoder; one is made unless set
    /// @return these options
    public Options customEncoder(@Nullable TransformerEncoder customEncoder) {
      this.customEncoder = customEncoder;
      return this;
    }

    /// Takes a decoder as it is.
    ///
    /// @param customDecoder the decoder; one is made unless set
    /// @return these options
    public Options customDecoder(@Nullable TransformerDecoder customDecoder) {
      this.customDecoder = customDecoder;
      return this;
    }
  }

  /// What forward may be told besides its two sequences.
  public static final class ForwardOptions extends TransformerDecoder.Masks<ForwardOptions> {
    private @Nullable Tensor srcMask;
    private @Nullable Tensor srcKeyPaddingMask;
    private @Nullable Boolean srcIsCausal;
    private @Nullable Boolean tgtIsCausal;

    private ForwardOptions() {}

    /// Hides steps of the source from each other.
    ///
    /// @param srcMask $(S, S)$ or $(N h, S, S)$: true where a step must not see another, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions srcMask(@Nullable Tensor srcMask) {
      this.srcMask = srcMask;
      return this;
    }

    /// Leaves out steps of the source.
    ///
    /// @param srcKeyPaddingMask $(N, S)$, or $(S)$ unbatched: true where a step is left out, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions srcKeyPaddingMask(@Nullable Tensor srcKeyPaddingMask) {
      this.srcKeyPaddingMask = srcKeyPaddingMask;
      return this;
    }

    /// Says whether the mask of the source is the causal one, which has to be given all the same.
    ///
    /// @param srcIsCausal whether it is; null, which means that the mask is looked at, unless set
    /// @return these options
    public ForwardOptions srcIsCausal(@Nullable Boolean srcIsCausal) {
      this.srcIsCausal = srcIsCausal;
      return this;
    }

    /// Says whether the mask of the target is the causal one, which has to be given all the same.
    ///
    /// @param tgtIsCausal whether it is; null, which means that the mask is looked at, unless set
    /// @return these options
    public ForwardOptions tgtIsCausal(@Nullable Boolean tgtIsCausal) {
      this.tgtIsCausal = tgtIsCausal;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param src what is read
  /// @param tgt what is written
  /// @param options masks
  public record Input(Tensor src, Tensor tgt, ForwardOptions options) {}

  /// A transformer with default settings: the large one of the paper, sequence first.
  public Transformer() {
    this(o -> {});
  }

  /// A transformer with options.
  ///
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if a size is out of range
  public Transformer(Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    dModel = options.dModel;
    batchFirst = options.batchFirst;
    encoder =
        register(
            "encoder",
            options.customEncoder != null
                ? options.customEncoder
                : new TransformerEncoder(
                    new TransformerEncoderLayer(dModel, options.nhead, o -> o.all(options)),
                    options.numEncoderLayers,
                    o -> o.norm(options.norm(dModel))));
    decoder =
        register(
            "decoder",
            options.customDecoder != null
                ? options.customDecoder
                : new TransformerDecoder(
                    new TransformerDecoderLayer(dModel, options.nhead, o -> o.all(options)),
                    options.numDecoderLayers,
                    o -> o.norm(options.norm(dModel))));
    for (Tensor parameter : parameters()) {
      if (parameter.dim() > 1) Init.xavierUniform_(parameter);
    }
  }

  /// The part that reads.
  ///
  /// @return the encoder
  public TransformerEncoder encoder() {
    return encoder;
  }

  /// The part that writes.
  ///
  /// @return the decoder
  public TransformerDecoder decoder() {
    return decoder;
  }

  /// Reads and writes.
  ///
  /// @param src what is read $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @param tgt what is written $(N, T, E)$, $(T, N, E)$ or $(T, E)$
  /// @return a tensor of the target's shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor src, Tensor tgt) {
    return forward(src, tgt, o -> {});
  }

  /// Reads and writes with masks.
  ///
  /// @param src what is read $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @param tgt what is written $(N, T, E)$, $(T, N, E)$ or $(T, E)$
  /// @param settings sets the options
  /// @return a tensor of the target's shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor src, Tensor tgt, Consumer<ForwardOptions> settings) {
    ForwardOptions given = LayerOptions.configure(new ForwardOptions(), settings);
    return hooked(new Input(src, tgt, given), this::compute);
  }

  private Tensor compute(Input in) {
    int batch = batchFirst ? 0 : 1;
    if (in.src.dim() == 3 && in.src.size(batch) != in.tgt.size(batch)) {
      throw new ShapeException("the batch number of src and tgt must be equal");
    }
    if (in.src.size(-1) != dModel || in.tgt.size(-1) != dModel) {
      throw new ShapeException("the feature number of src and tgt must be equal to d_model");
    }
    ForwardOptions given = in.options;
    Tensor memory =
        encoder.forward(
            in.src,
            o ->
                o.mask(given.srcMask)
                    .srcKeyPaddingMask(given.srcKeyPaddingMask)
                    .isCausal(given.srcIsCausal));
    return decoder.forward(in.tgt, memory, o -> o.masks(given).tgtIsCausal(given.tgtIsCausal));
  }

  /// The mask that lets a step see itself and those before it: $-\infty$ above the diagonal, else
  /// 0.
  ///
  /// @param size the number $T$ of steps
  /// @return a float32 tensor $(T, T)$ on the CPU
  public static Tensor generateSquareSubsequentMask(long size) {
    return generateSquareSubsequentMask(size, TensorOptions.defaults());
  }

  /// The mask that lets a step see itself and those before it, of a dtype and on a device.
  ///
  /// @param size the number $T$ of steps
  /// @param options dtype and device: $-\infty$ above the diagonal, else 0; or true and false
  /// @return a tensor $(T, T)$
  public static Tensor generateSquareSubsequentMask(long size, TensorOptions options) {
    TensorOptions filled = options.dtypeOrNull() == null ? options.dtype(DType.FLOAT32) : options;
    return Torch.full(new long[] {size, size}, Double.NEGATIVE_INFINITY, filled).triu(1);
  }

  /// Whether a mask is the causal one of a sequence: what is said about it, or else what it looks
  /// like.
  static boolean isCausal(
      @Nullable Tensor mask, @Nullable Boolean said, Tensor sequence, boolean batchFirst) {
    if (said != null) return said;
    if (mask == null) return false;
    long length = sequence.size(sequence.dim() == 3 && batchFirst ? 1 : 0);
    if (!Arrays.equals(mask.shape(), new long[] {length, length})) return false;
    Tensor causal = generateSquareSubsequentMask(length, mask.dtype().on(mask.device()));
    return mask.eq(causal).all().itemBoolean();
  }
}
