package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A stack of {@link TransformerDecoderLayer}s.
///
/// ```java
/// TransformerDecoder decoder =
///     new TransformerDecoder(new TransformerDecoderLayer(64, 4, o -> o.batchFirst(true)), 2);
/// Tensor mask = Transformer.generateSquareSubsequentMask(20);
/// Tensor y = decoder.forward(tgt, memory, o -> o.tgtMask(mask)); // (32, 20, 64) and (32, 10, 64)
/// ```
///
/// The layers are copies of the one that is given, with its very values, as in Python: nothing is
/// drawn for them. Where they should begin differently, draw their parameters anew.
///
/// **Shape.** As {@link TransformerDecoderLayer}.
///
/// **Parameters.** Those of the layers, `layers.0` and so on, and of `norm`, if there is one.
///
/// [torch.nn.TransformerDecoder](https://docs.pytorch.org/docs/2.13/generated/torch.nn.TransformerDecoder.html)
public final class TransformerDecoder extends Module {
  private final ModuleList<TransformerDecoderLayer> layers;
  private final @Nullable Layer norm;

  /// Options of {@link TransformerDecoder}.
  public static final class Options {
    private @Nullable Layer norm;

    private Options() {}

    /// Normalises what the last layer returns.
    ///
    /// @param norm the layer that does, a {@link LayerNorm} or {@link RMSNorm}; none unless set
    /// @return these options
    public Options norm(@Nullable Layer norm) {
      this.norm = norm;
      return this;
    }
  }

  /// Masks that a decoder and its layers may be told.
  ///
  /// @param <S> the options of the module, for chaining
  @SuppressWarnings("unchecked") // each subclass passes itself
  public abstract static class Masks<S extends Masks<S>> {
    @Nullable Tensor tgtMask;
    @Nullable Tensor memoryMask;
    @Nullable Tensor tgtKeyPaddingMask;
    @Nullable Tensor memoryKeyPaddingMask;
    boolean memoryIsCausal;

    Masks() {}

    /// Hides steps of the target from each other.
    ///
    /// @param tgtMask $(T, T)$ or $(N h, T, T)$: true where a step must not see another, or
    ///   summands of the scores; none unless set
    /// @return these options
    public S tgtMask(@Nullable Tensor tgtMask) {
      this.tgtMask = tgtMask;
      return (S) this;
    }

    /// Hides steps of the memory from those of the target.
    ///
    /// @param memoryMask $(T, S)$ or $(N h, T, S)$: true where a step must not see another, or
    ///   summands of the scores; none unless set
    /// @return these options
    public S memoryMask(@Nullable Tensor memoryMask) {
      this.memoryMask = memoryMask;
      return (S) this;
    }

    /// Leaves out steps of the target.
    ///
    /// @param tgtKeyPaddingMask $(N, T)$, or $(T)$ unbatched: true where a step is left out, or
    ///   summands of the scores; none unless set
    /// @return these options
    public S tgtKeyPaddingMask(@Nullable Tensor tgtKeyPaddingMask) {
      this.tgtKeyPaddingMask = tgtKeyPaddingMask;
      return (S) this;
    }

    /// Leaves out steps of the memory.
    ///
    /// @param memoryKeyPaddingMask $(N, S)$, or $(S)$ unbatched: true where a step is left out, or
    ///   summands of the scores; none unless set
    /// @return these options
    public S memoryKeyPaddingMask(@Nullable Tensor memoryKeyPaddingMask) {
      this.memoryKeyPaddingMask = memoryKeyPaddingMask;
      return (S) this;
    }

    /// Hints that the mask of the memory is a causal one, which has to be given all the same.
    ///
    /// @param memoryIsCausal whether it is; false unless set
    /// @return these options
    public S memoryIsCausal(boolean memoryIsCausal) {
      this.memoryIsCausal = memoryIsCausal;
      return (S) this;
    }

    final S masks(Masks<?> other) {
      tgtMask = other.tgtMask;
      memoryMask = other.memoryMask;
      tgtKeyPaddingMask = other.tgtKeyPaddingMask;
      memoryKeyPaddingMask = other.memoryKeyPaddingMask;
      memoryIsCausal = other.memoryIsCausal;
      return (S) this;
    }
  }

  /// What forward may be told besides its two sequences.
  public static final class ForwardOptions extends Masks<ForwardOptions> {
    private @Nullable Boolean tgtIsCausal;

    private ForwardOptions() {}

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
  /// @param tgt the sequence
  /// @param memory what the encoder returned
  /// @param options masks
  public record Input(Tensor tgt, Tensor memory, ForwardOptions options) {}

  /// A stack without a last normalisation.
  ///
  /// @param decoderLayer the layer that is copied; it is not part of the stack itself
  /// @param numLayers how many copies
  public TransformerDecoder(TransformerDecoderLayer decoderLayer, long numLayers) {
    this(decoderLayer, numLayers, o -> {});
  }

  /// A stack with options.
  ///
  /// @param decoderLayer the layer that is copied; it is not part of the stack itself
  /// @param numLayers how many copies
  /// @param settings sets the options
  public TransformerDecoder(
      TransformerDecoderLayer decoderLayer, long numLayers, Consumer<Options> settings) {
    Options options = LayerOptions.configure(new Options(), settings);
    layers =
        register(
            "layers",
            new ModuleList<>(Stream.generate(decoderLayer::copy).limit(numLayers).toList()));
    norm = options.norm == null ? null : register("norm", options.norm);
  }

  /// Decodes.
  ///
  /// @param tgt a sequence $(N, T, E)$, $(T, N, E)$ or $(T, E)$
  /// @param memory what the encoder returned, $(N, S, E)$, $(S, N, E)$ or $(S, E)$
  /// @return a tensor of the target's shape
  /// @throws dev.pantorch.TorchException if shapes, dtypes or devices do not fit
  public Tensor forward(Tensor tgt, Tensor memory) {
    return forward(tgt, memory, o -> {});
  }

  /// Decodes with masks.
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
    boolean batchFirst = layers.get(0).isBatchFirst();
    boolean causal = Transformer.isCausal(given.tgtMask, given.tgtIsCausal, in.tgt, batchFirst);
    Tensor output = in.tgt;
    for (TransformerDecoderLayer layer : layers) {
      output = layer.forward(output, in.memory, o -> o.masks(given).tgtIsCausal(causal));
    }
    return norm == null ? output : norm.forward(output);
  }
}
