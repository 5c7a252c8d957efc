package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.ops.GruResult;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A gated recurrent unit network of one or more layers (Cho and others 2014). For each element of
/// the sequence, a layer computes
///
/// $$ \begin{aligned} r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\ z_t &=
/// \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\ n_t &= \tanh(W_{in} x_t + b_{in} + r_t
/// \odot (W_{hn} h_{t-1} + b_{hn})) \\ h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1} \end{aligned}
/// $$
///
/// As in cuDNN, the reset gate acts after the multiplication by $W_{hn}$; in the paper before.
///
/// ```java
/// GRU gru = new GRU(5, 64, o -> o.numLayers(2).batchFirst(true));
/// GRU.Output result = gru.forward(x); // (32, 10, 5)
/// Tensor last = result.output().select(1, -1); // (32, 64)
/// ```
///
/// **Shape.** With $L$ the length of the sequences, $N$ the batch, $D$ the directions (1 or 2), $H$
/// the hidden size:
///
/// | | batch first | else | unbatched |
/// |---|---|---|---|
/// | input | $(N, L, H_{in})$ | $(L, N, H_{in})$ | $(L, H_{in})$ |
/// | output | $(N, L, D H)$ | $(L, N, D H)$ | $(L, D H)$ |
/// | state | $(D layers, N, H)$ | the same | $(D layers, H)$ |
///
/// **Parameters.** For each layer k, and with the suffix `_reverse` for the second direction,
/// `weight_ih_l[k]` $(3H, H_{in})$ or $(3H, D H)$, `weight_hh_l[k]` $(3H, H)$, `bias_ih_l[k]` and
/// `bias_hh_l[k]` $(3H)$, each with the gates r, z, n one after the other; all drawn from $U(-\sqrt
/// k, \sqrt k)$ with $k = 1 / H$.
///
/// [torch.nn.GRU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GRU.html)
public final class GRU extends HiddenStateModule {
  /// Options of {@link GRU}.
  public static final class Options extends RecurrentOptions<Options> {
    private Options() {}
  }

  /// The hidden state of each layer and direction.
  ///
  /// @param h hidden states
  public record State(Tensor h) {
    /// The same numbers without their graph: for truncated backpropagation through time.
    ///
    /// @return a new state
    public State detach() {
      return new State(h.detach());
    }
  }

  /// What forward returns.
  ///
  /// @param output $h_t$ of the last layer for every step
  /// @param state the state after the last step, of every layer
  public record Output(Tensor output, State state) {}

  /// What forward returns for packed sequences.
  ///
  /// @param output $h_t$ of the last layer for every step, packed as the input
  /// @param state the state after the last step of each sequence, in the order of the batch before
  ///   packing
  public record PackedOutput(PackedSequence output, State state) {}

  /// What hooks see as the input.
  ///
  /// @param input the sequences
  /// @param state the first state, null for zeros
  public record Input(Tensor input, @Nullable State state) {}

  /// What hooks see as the input where it is packed.
  ///
  /// @param input the sequences
  /// @param state the first state, null for zeros
  public record PackedInput(PackedSequence input, @Nullable State state) {}

  /// One layer in one direction, sequence first.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  public GRU(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, o -> {});
  }

  /// A network with options: `new GRU(5, 64, o -> o.numLayers(2).batchFirst(true))`.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if a size or an option is out of range
  public GRU(long inputSize, long hiddenSize, Consumer<Options> settings) {
    this(inputSize, hiddenSize, LayerOptions.configure(new Options(), settings));
  }

  private GRU(long inputSize, long hiddenSize, Options options) {
    super(inputSize, hiddenSize, 3, options);
  }

  /// Reads sequences, beginning with a state of zeros.
  ///
  /// @param input $(N, L, H_{in})$ if batch first, else $(L, N, H_{in})$; or one sequence $(L,
  ///   H_{in})$
  /// @return outputs and last state
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Output forward(Tensor input) {
    return forward(input, null);
  }

  /// Reads sequences, beginning with a given state.
  ///
  /// @param input $(N, L, H_{in})$ if batch first, else $(L, N, H_{in})$; or one sequence $(L,
  ///   H_{in})$
  /// @param state the state before the first step, without the dimension $N$ for one sequence; null
  ///   for zeros
  /// @return outputs and last state
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Output forward(Tensor input, @Nullable State state) {
    return hooked(
        new Input(input, state),
        in -> {
          Result result = read(in.input, in.state == null ? null : in.state.h);
          return new Output(result.output(), new State(result.h()));
        });
  }

  /// Reads packed sequences, beginning with a state of zeros.
  ///
  /// @param input packed sequences with $H_{in}$ features
  /// @return packed outputs and last state
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public PackedOutput forward(PackedSequence input) {
    return forward(input, null);
  }

  /// Reads packed sequences, beginning with a given state.
  ///
  /// @param input packed sequences with $H_{in}$ features
  /// @param state the state before the first step, in the order of the batch before packing; null
  ///   for zeros
  /// @return packed outputs and last state
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public PackedOutput forward(PackedSequence input, @Nullable State state) {
    return hooked(
        new PackedInput(input, state),
        in -> {
          Result result = read(in.input, in.state == null ? null : in.state.h);
          return new PackedOutput(like(in.input, result.output()), new State(result.h()));
        });
  }

  @Override
  Result padded(Tensor input, Tensor h) {
    List<ScriptObject> quantized = packedWeights;
    if (quantized != null) {
      return result(QuantizedKernels.gru(this, quantized, input, null, h));
    }
    return result(
        Torch.gru(
            input,
            h,
            flatWeights,
            options.bias,
            options.numLayers,
            options.dropout,
            isTraining(),
            options.bidirectional,
            options.batchFirst));
  }

  @Override
  Result packed(Tensor data, Tensor batchSizes, Tensor h) {
    List<ScriptObject> quantized = packedWeights;
    if (quantized != null) {
      return result(QuantizedKernels.gru(this, quantized, data, batchSizes, h));
    }
    return result(
        Torch.gru(
            data,
            batchSizes,
            h,
            flatWeights,
            options.bias,
            options.numLayers,
            options.dropout,
            isTraining(),
            options.bidirectional));
  }

  private static Result result(GruResult result) {
    return new Result(result.output(), result.hN());
  }
}
