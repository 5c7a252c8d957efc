package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// One layer of a {@link TransformerDecoder}: self-attention, attention to what an encoder
/// remembers, and two linear layers, each added to its input and normalised (Vaswani and others
/// 2017).
///
/// ```java
/// TransformerDecoderLayer layer = new TransformerDecoderLayer(64, 4, o -> o.batchFirst(true));
/// Tensor mask = Transformer.generateSquareSubsequentMask(20);
/// Tensor y = layer.forward(tgt, memory, o -> o.tgtMask(mask).tgtIsCausal(true)); // (32, 20, 64)
/// ```
///
/// **Shape.** Target and output $(N, T, E)$, memory $(N, S, E)$ with the batch first; else $(T, N,
/// E)$ and $(S, N, E)$; unbatched $(T, E)$ and $(S, E)$; masks as those of {@link ForwardOptions}.
///
/// **Parameters.** Those of `self_attn` and `multihead_attn`, {@link MultiheadAttention}, of
/// `linear1` and `linear2`, {@link Linear}, and of `norm1`, `norm2` and `norm3`, {@link LayerNorm}.
///
/// [torch.nn.TransformerDecoderLayer](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TransformerDecoderLayer.html)
public final class TransformerDecoderLayer extends Module {
  private final long dModel;
  private final long nhead;
  private final Options options;
  private final MultiheadAttention selfAttn;
  private final MultiheadAttention multiheadAttn;
  private final Linear linear1;
  private final Dropout dropout;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final LayerNorm norm3;
  private final Dropout dropout1;
  private final Dropout dropout2;
  private final Dropout dropout3;

  /// Options of {@link TransformerDecoderLayer}.
  public static final class Options extends TransformerOptions<Options> {
    Options() {}
  }

  /// What forward may be told besides its two sequences.
  public static final class ForwardOptions extends TransformerDecoder.Masks<ForwardOptions> {
    private boolean tgtIsCausal;

    private ForwardOptions() {}

    /// Hints that the mask of the target is the causal one, which has to be given all the same.
    ///
    /// @param tgtIsCausal whether it is; false unless set
    /// @return these options
    public ForwardOptions tgtIsCausal(boolean tgtIsCausal) {
      this.tgtIsCausal = tgtIsCausal;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param tgt the sequence
  /// @param memory what the encoder returned
  /// @param options masks
  public record Input(Tensor tgt, Tensor memory, ForwardOptions options) {}

  /// A layer with default settings, sequence first.
  ///
  /// @param dModel the features $E$
  /// @param nhead the heads $h$ of the attentions, each of $E / h$ features
  /// @throws dev.pantorch.ValueException if a size is out of range
  public TransformerDecoderLayer(long dModel, long nhead) {
    this(dModel, nhead, o -> {});
  }

  /// A layer with options.
  ///
  /// @param dModel the features $E$
  /// @param nhead the heads $h$ of the attentions, each of $E / h$ features
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if a size is out of range
  public TransformerDecoderLayer(long dModel, long nhead, Consumer<Options> settings) {
    this(dModel, nhead, LayerOptions.configure(new Options(), settings));
  }

  private TransformerDecoderLayer(long dModel, long nhead, Options options) {
    this.dModel = dModel;
    this.nhead = nhead;
    this.options = options;
    selfAttn = register("self_attn", options.attention(dModel, nhead));
    multiheadAttn = register("multihead_attn", options.attention(dModel, nhead));
    linear1 = register("linear1", options.linear(dModel, options.dimFeedforward));
    dropout = register("dropout", new Dropout(options.dropout));
    linear2 = register("linear2", options.linear(options.dimFeedforward, dModel));
    norm1 = register("norm1", options.norm(dModel));
    norm2 = register("norm2", options.norm(dModel));
    norm3 = register("norm3", options.norm(dModel));
    dropout1 = register("dropout1", new Dropout(options.dropout));
    dropout2 = register("dropout2", new Dropout(options.dropout));
    dropout3 = register("dropout3", new Dropout(options.dropout));
    if (options.activationLayer != null) register("activation", options.activationLayer);
  }

  /// Another layer with this one's settings, values and hooks, without drawing anything.
  TransformerDecoderLayer copy() {
    Options undrawn = new Options().all(options).undrawn().ownActivation();
    TransformerDecoderLayer copy = new TransformerDecoderLayer(dModel, nhead, undrawn);
    ModuleCopy.into(copy, this);
    return copy;
  }

  boolean isBatchFirst() {
    return options.batchFirst;
  }

  /// Computes the layer.
  ///
  /// @param tgt a sequence $(N, T, E)$, $(T, N, E)$ or $(T, E)$
  /// @param memory what the encoder returned, $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @return a tensor of the target's shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor tgt, Tensor memory) {
    return forward(tgt, memory, o -> {});
  }

  /// Computes the layer with masks.
  ///
  /// @param tgt a sequence $(N, T, E)$, $(T, N, E)$ or $(T, E)$
  /// @param memory what the encoder returned, $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @param settings sets the options
  /// @return a tensor of the target's shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor tgt, Tensor memory, Consumer<ForwardOptions> settings) {
    ForwardOptions given = LayerOptions.configure(new ForwardOptions(), settings);
    return hooked(new Input(tgt, memory, given), this::compute);
  }

  private Tensor compute(Input in) {
    ForwardOptions given = in.options;
    Tensor x = in.tgt;
    if (options.normFirst) {
      x = x.add(attendToSelf(norm1.forward(x), given));
      x = x.add(attendToMemory(norm2.forward(x), in.memory, given));
      return x.add(feedForward(norm3.forward(x)));
    }
    x = norm1.forward(x.add(attendToSelf(x, given)));
    x = norm2.forward(x.add(attendToMemory(x, in.memory, given)));
    return norm3.forward(x.add(feedForward(x)));
  }

  private Tensor attendToSelf(Tensor x, ForwardOptions given) {
    MultiheadAttention.Output attended =
        selfAttn.forward(
            x,
            x,
            x,
            o ->
                o.attnMask(given.tgtMask)
                    .keyPaddingMask(given.tgtKeyPaddingMask)
                    .isCausal(given.tgtIsCausal)
                    .needWeights(false));
    return dropout1.forward(attended.attnOutput());
  }

  private Tensor attendToMemory(Tensor x, Tensor memory, ForwardOptions given) {
    MultiheadAttention.Output attended =
        multiheadAttn.forward(
            x,
            memory,
            memory,
            o ->
                o.attnMask(given.memoryMask)
                    .keyPaddingMask(given.memoryKeyPaddingMask)
                    .isCausal(given.memoryIsCausal)
                    .needWeights(false));
    return dropout2.forward(attended.attnOutput());
  }

  private Tensor feedForward(Tensor x) {
    Tensor inner = dropout.forward(options.activation.apply(linear1.forward(x)));
    return dropout3.forward(linear2.forward(inner));
  }
}
