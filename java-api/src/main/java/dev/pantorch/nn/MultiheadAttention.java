package dev.pantorch.nn;

import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.CallContext;
import dev.pantorch.internal.Modes;
import dev.pantorch.ops.Internal;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Attention with several heads (Vaswani and others 2017): every query is answered with the values,
/// weighted by how well their keys fit it.
///
/// $$ \begin{aligned} \mathrm{MultiHead}(Q, K, V) &= \mathrm{Concat}(head_1, \ldots, head_h) W^O \\
/// head_i &= \mathrm{softmax}\left(\frac{Q W_i^Q (K W_i^K)^T}{\sqrt{E / h}}\right) V W_i^V
/// \end{aligned} $$
///
/// ```java
/// MultiheadAttention attention = new MultiheadAttention(64, 4, o -> o.batchFirst(true));
/// MultiheadAttention.Output result = attention.forward(x, x, x); // x (32, 10, 64)
/// Tensor seen = result.attnOutput(); // (32, 10, 64)
/// ```
///
/// **Shape.** With $L$ the length of the queries, $S$ that of keys and values, $N$ the batch:
///
/// | | batch first | else | unbatched |
/// |---|---|---|---|
/// | query, output | $(N, L, E)$ | $(L, N, E)$ | $(L, E)$ |
/// | key | $(N, S, E_k)$ | $(S, N, E_k)$ | $(S, E_k)$ |
/// | value | $(N, S, E_v)$ | $(S, N, E_v)$ | $(S, E_v)$ |
/// | weights, averaged | $(N, L, S)$ | $(N, L, S)$ | $(L, S)$ |
/// | weights, of each head | $(N, h, L, S)$ | $(N, h, L, S)$ | $(h, L, S)$ |
///
/// **Parameters.** `in_proj_weight` $(3E, E)$, or `q_proj_weight` $(E, E)$, `k_proj_weight` $(E,
/// E_k)$ and `v_proj_weight` $(E, E_v)$ where key or value have other sizes, `in_proj_bias` $(3E)$,
/// `out_proj.weight` $(E, E)$ and `out_proj.bias` $(E)$; `bias_k` and `bias_v` $(1, 1, E)$ where
/// set.
///
/// In evaluation without gradients, one native operator computes self-attention of an even number
/// of heads, where Python takes it too.
///
/// [torch.nn.MultiheadAttention](https://docs.pytorch.org/docs/2.13/generated/torch.nn.MultiheadAttention.html)
// Over 300 lines, half of them documentation: the layer, its options and those of its forward.
public final class MultiheadAttention extends Module {
  private final long embedDim;
  private final long numHeads;
  private final boolean sameSizes;
  private final Options options;
  private final @Nullable Tensor inProjWeight;
  private final @Nullable Tensor qProjWeight;
  private final @Nullable Tensor kProjWeight;
  private final @Nullable Tensor vProjWeight;
  private final @Nullable Tensor inProjBias;
  private final @Nullable Tensor biasK;
  private final @Nullable Tensor biasV;
  private final Linear outProj;

  /// Options of {@link MultiheadAttention}.
  public static final class Options extends LayerOptions<Options> {
    private double dropout;
    private boolean bias = true;
    private boolean addBiasKv;
    private boolean addZeroAttn;
    private @Nullable Long kdim;
    private @Nullable Long vdim;
    private boolean batchFirst;

    private Options() {}

    /// Sets weights to 0 in training.
    ///
    /// @param dropout the probability of it; 0 unless set
    /// @return these options
    public Options dropout(double dropout) {
      this.dropout = dropout;
      return this;
    }

    /// Adds summands to the projections.
    ///
    /// @param bias whether to; true unless set
    /// @return these options
    public Options bias(boolean bias) {
      this.bias = bias;
      return this;
    }

    /// Adds a learned key and value to each sequence.
    ///
    /// @param addBiasKv whether to; false unless set
    /// @return these options
    public Options addBiasKv(boolean addBiasKv) {
      this.addBiasKv = addBiasKv;
      return this;
    }

    /// Adds a key and value of zeros to each sequence.
    ///
    /// @param addZeroAttn whether to; false unless set
    /// @return these options
    public Options addZeroAttn(boolean addZeroAttn) {
      this.addZeroAttn = addZeroAttn;
      return this;
    }

    /// The features of keys.
    ///
    /// @param kdim their number; null, which means those of the queries, unless set
    /// @return these options
    public Options kdim(@Nullable Long kdim) {
      this.kdim = kdim;
      return this;
    }

    /// The features of values.
    ///
    /// @param vdim their number; null, which means those of the queries, unless set
    /// @return these options
    public Options vdim(@Nullable Long vdim) {
      this.vdim = vdim;
      return this;
    }

    /// Puts the batch before the sequence.
    ///
    /// @param batchFirst whether to; false unless set
    /// @return these options
    public Options batchFirst(boolean batchFirst) {
      this.batchFirst = batchFirst;
      return this;
    }
  }

  /// What forward may be told besides its three tensors.
  public static final class ForwardOptions {
    private @Nullable Tensor keyPaddingMask;
    private boolean needWeights = true;
    private @Nullable Tensor attnMask;
    private boolean averageAttnWeights = true;
    private boolean isCausal;

    private ForwardOptions() {}

    /// Leaves out keys.
    ///
    /// @param keyPaddingMask $(N, S)$, or $(S)$ unbatched: true where a key is left out, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions keyPaddingMask(@Nullable Tensor keyPaddingMask) {
      this.keyPaddingMask = keyPaddingMask;
      return this;
    }

    /// Returns the weights too. It is faster without.
    ///
    /// @param needWeights whether to; true unless set
    /// @return these options
    public ForwardOptions needWeights(boolean needWeights) {
      this.needWeights = needWeights;
      return this;
    }

    /// Hides keys from queries.
    ///
    /// @param attnMask $(L, S)$ or $(N h, L, S)$: true where a query must not see a key, or
    ///   summands of the scores; none unless set
    /// @return these options
    public ForwardOptions attnMask(@Nullable Tensor attnMask) {
      this.attnMask = attnMask;
      return this;
    }

    /// Averages the weights over the heads.
    ///
    /// @param averageAttnWeights whether to; true unless set
    /// @return these options
    public ForwardOptions averageAttnWeights(boolean averageAttnWeights) {
      this.averageAttnWeights = averageAttnWeights;
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
  /// @param query what asks
  /// @param key what is compared with it
  /// @param value what is given out
  /// @param options masks and what is wanted
  public record Input(Tensor query, Tensor key, Tensor value, ForwardOptions options) {}

  /// What forward returns.
  ///
  /// @param attnOutput an answer for each query
  /// @param attnOutputWeights how much of each value is in it; null if they were not wanted
  public record Output(Tensor attnOutput, @Nullable Tensor attnOutputWeights) {}

  /// Attention with default settings, sequence first.
  ///
  /// @param embedDim the features $E$ of queries and outputs
  /// @param numHeads the heads $h$, each of $E / h$ features
  /// @throws ValueException if a size is out of range
  public MultiheadAttention(long embedDim, long numHeads) {
    this(embedDim, numHeads, o -> {});
  }

  /// Attention with options.
  ///
  /// @param embedDim the features $E$ of queries and outputs
  /// @param numHeads the heads $h$, each of $E / h$ features
  /// @param settings sets the options
  /// @throws ValueException if a size is out of range
  public MultiheadAttention(long embedDim, long numHeads, Consumer<Options> settings) {
    if (embedDim <= 0 || numHeads <= 0) {
      throw new ValueException(
          "embed_dim and num_heads must be greater than 0, got embed_dim=%d and num_heads=%d instead"
              .formatted(embedDim, numHeads));
    }
    if (embedDim % numHeads != 0) {
      throw new ValueException("embed_dim must be divisible by num_heads");
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    options = LayerOptions.configure(new Options(), settings);
    long kdim = options.kdim == null ? embedDim : options.kdim;
    long vdim = options.vdim == null ? embedDim : options.vdim;
    sameSizes = kdim == embedDim && vdim == embedDim;
    TensorOptions tensors = options.tensors();
    qProjWeight = sameSizes ? null : parameter("q_proj_weight", tensors, embedDim, embedDim);
    kProjWeight = sameSizes ? null : parameter("k_proj_weight", tensors, embedDim, kdim);
    vProjWeight = sameSizes ? null : parameter("v_proj_weight", tensors, embedDim, vdim);
    inProjWeight = sameSizes ? parameter("in_proj_weight", tensors, 3 * embedDim, embedDim) : null;
    inProjBias = options.bias ? parameter("in_proj_bias", tensors, 3 * embedDim) : null;
    outProj =
        register(
            "out_proj",
            new NonDynamicallyQuantizableLinear(
                embedDim, embedDim, o -> o.bias(options.bias).like(options)));
    biasK = options.addBiasKv ? parameter("bias_k", tensors, 1, 1, embedDim) : null;
    biasV = options.addBiasKv ? parameter("bias_v", tensors, 1, 1, embedDim) : null;
    if (options.drawn()) drawParameters();
  }

  private Tensor parameter(String name, TensorOptions tensors, long... shape) {
    return registerParameter(name, Torch.empty(tensors, shape));
  }

  private void drawParameters() {
    Stream.of(inProjWeight, qProjWeight, kProjWeight, vProjWeight)
        .filter(Objects::nonNull)
        .forEach(Init::xavierUniform_);
    if (inProjBias != null) Init.zeros_(inProjBias);
    Tensor outBias = outProj.bias();
    if (outBias != null) Init.zeros_(outBias);
    if (biasK != null) Init.xavierNormal_(biasK);
    if (biasV != null) Init.xavierNormal_(biasV);
  }

  /// Attends, and returns the weights averaged over the heads.
  ///
  /// @param query what asks
  /// @param key what is compared with it
  /// @param value what is given out
  /// @return answers and weights
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Output forward(Tensor query, Tensor key, Tensor value) {
    return forward(query, key, value, o -> {});
  }

  /// Attends with masks and other settings: `forward(x, x, x, o -> o.keyPaddingMask(padding))`.
  ///
  /// @param query what asks
  /// @param key what is compared with it
  /// @param value what is given out
  /// @param settings sets the options
  /// @return answers and weights
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Output forward(Tensor query, Tensor key, Tensor value, Consumer<ForwardOptions> settings) {
    ForwardOptions given = LayerOptions.configure(new ForwardOptions(), settings);
    return hooked(new Input(query, key, value, given), this::compute);
  }

  // Identity decides the path, as in Python: one tensor in three places is self-attention.
  @SuppressWarnings("ReferenceEquality")
  private Output compute(Input in) {
    ForwardOptions given = in.options;
    boolean selfAttention = in.query == in.key && in.key == in.value;
    boolean floatMask = isFloat(given.attnMask) || isFloat(given.keyPaddingMask);
    Tensor padding =
        Functional.canonicalMask(given.keyPaddingMask, "key_padding_mask", in.query.dtype());
    Tensor mask = Functional.canonicalMask(given.attnMask, "attn_mask", in.query.dtype());
    if (selfAttention && !floatMask && takesFastPath(in.query)) {
      return fast(in.query, mask, padding, given);
    }
    boolean turned = options.batchFirst && in.query.dim() == 3;
    Tensor query = turned ? in.query.transpose(1, 0) : in.query;
    Tensor key = selfAttention ? query : turned ? in.key.transpose(1, 0) : in.key;
    Tensor value = in.key == in.value ? key : turned ? in.value.transpose(1, 0) : in.value;
    Output output =
        Functional.multiHeadAttentionForward(
            query,
            key,
            value,
            embedDim,
            numHeads,
            inProjWeight,
            inProjBias,
            biasK,
            biasV,
            options.addZeroAttn,
            options.dropout,
            outProj.weight(),
            outProj.bias(),
            isTraining(),
            padding,
            given.needWeights,
            mask,
            !sameSizes,
            qProjWeight,
            kProjWeight,
            vProjWeight,
            null,
            null,
            given.averageAttnWeights,
            given.isCausal);
    return turned
        ? new Output(output.attnOutput.transpose(1, 0), output.attnOutputWeights)
        : output;
  }

  private static boolean isFloat(@Nullable Tensor mask) {
    return mask != null && mask.dtype().isFloatingPoint();
  }

  /// Whether autocast forbids the native operators: Python asks for that of CUDA, on the CPU too.
  static boolean isAutocast() {
    return Modes.autocast(CallContext.current().mode(), DeviceType.CUDA);
  }

  private boolean takesFastPath(Tensor query) {
    if (isTraining() || query.dim() != 3 || numHeads % 2 != 0 || !options.batchFirst) return false;
    if (isAutocast()) return false;
    if (biasK != null || options.addZeroAttn || inProjWeight == null || inProjBias == null) {
      return false;
    }
    if (query.dtype() != inProjWeight.dtype() || query.dtype() != inProjBias.dtype()) return false;
    return !Torch.isGradEnabled()
        || Stream.concat(Stream.of(query), parameters().stream()).noneMatch(Tensor::requiresGrad);
  }

  private Output fast(
      Tensor query, @Nullable Tensor mask, @Nullable Tensor padding, ForwardOptions given) {
    MergedMask merged = mergeMasks(mask, padding, query);
    var result =
        Internal.nativeMultiHeadAttention(
            query,
            query,
            query,
            embedDim,
            numHeads,
            Objects.requireNonNull(inProjWeight),
            Objects.requireNonNull(inProjBias),
            outProj.weight(),
            Objects.requireNonNull(outProj.bias()),
            merged.mask,
            given.needWeights,
            given.averageAttnWeights,
            merged.type);
    return new Output(result.output(), given.needWeights ? result.attentionWeights() : null);
  }

  /// Both masks as the native operators take them; the type says of which shape.
  record MergedMask(@Nullable Tensor mask, @Nullable Long type) {}

  MergedMask mergeMasks(@Nullable Tensor mask, @Nullable Tensor padding, Tensor query) {
    if (mask == null) return new MergedMask(padding, padding == null ? null : 1L);
    long batch = query.size(0);
    long length = query.size(1);
    Tensor merged =
        mask.dim() == 3
            ? mask.view(batch, -1, length, length)
            : mask.view(1, 1, length, length).expand(batch, numHeads, -1, -1);
    if (padding != null) {
      merged = merged.add(padding.view(batch, 1, 1, length).expand(-1, numHeads, -1, -1));
    }
    return new MergedMask(merged, 2L);
  }
}
