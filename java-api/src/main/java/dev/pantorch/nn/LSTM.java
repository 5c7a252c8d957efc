package dev.pantorch.nn;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PackedLstm;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.utils.Parametrize;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import dev.pantorch.ops.LstmResult;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A long short-term memory network of one or more layers (Hochreiter and Schmidhuber 1997). For
/// each element of the sequence, a layer computes
///
/// $$ \begin{aligned} i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\ f_t &=
/// \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\ g_t &= \tanh(W_{ig} x_t + b_{ig} +
/// W_{hg} h_{t-1} + b_{hg}) \\ o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho}) \\ c_t
/// &= f_t \odot c_{t-1} + i_t \odot g_t \\ h_t &= o_t \odot \tanh(c_t) \end{aligned} $$
///
/// With projections, $h_t$ is multiplied by $W_{hr}$ (Sak and others 2014).
///
/// ```java
/// LSTM lstm = new LSTM(5, 64, o -> o.numLayers(2).batchFirst(true));
/// LSTM.Output result = lstm.forward(x); // (32, 10, 5)
/// Tensor last = result.output().select(1, -1); // (32, 64)
/// ```
///
/// **Shape.** With $L$ the length of the sequences, $N$ the batch, $D$ the directions (1 or 2),
/// $H_{out}$ the projection size, or else the hidden size:
///
/// | | batch first | else | unbatched |
/// |---|---|---|---|
/// | input | $(N, L, H_{in})$ | $(L, N, H_{in})$ | $(L, H_{in})$ |
/// | output | $(N, L, D H_{out})$ | $(L, N, D H_{out})$ | $(L, D H_{out})$ |
/// | state h | $(D layers, N, H_{out})$ | the same | $(D layers, H_{out})$ |
/// | state c | $(D layers, N, H)$ | the same | $(D layers, H)$ |
///
/// **Parameters.** For each layer k, and with the suffix `_reverse` for the second direction,
/// `weight_ih_l[k]` $(4H, H_{in})$ or $(4H, D H_{out})$, `weight_hh_l[k]` $(4H, H_{out})$,
/// `bias_ih_l[k]` and `bias_hh_l[k]` $(4H)$, each with the gates i, f, g, o one after the other,
/// and with projections `weight_hr_l[k]` $(H_{out}, H)$; all drawn from $U(-\sqrt k, \sqrt k)$ with
/// $k = 1 / H$.
///
/// [torch.nn.LSTM](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LSTM.html)
public final class LSTM extends RecurrentModule {
  /// Options of {@link LSTM}.
  public static final class Options extends RecurrentOptions<Options> {
    private long projSize;
    private @Nullable Double forgetBias;

    private Options() {}

    /// Projects each $h_t$ to this size.
    ///
    /// @param projSize less than the hidden size; 0, which means none, unless set
    /// @return these options
    public Options projSize(long projSize) {
      this.projSize = projSize;
      return this;
    }

    /// What the forget gate's biases sum to at the start: its part of `bias_ih` is this, that of
    /// `bias_hh` 0. With 1 the cells remember from the first step on (Gers and others 2000;
    /// Jozefowicz and others 2015). Not in Python; unless set, all biases are drawn as Python draws
    /// them. The other parameters are the same either way.
    ///
    /// @param forgetBias mostly 1
    /// @return these options
    public Options forgetBias(double forgetBias) {
      this.forgetBias = forgetBias;
      return this;
    }
  }

  /// The hidden state of each layer and direction and its cell state.
  ///
  /// @param h hidden states
  /// @param c cell states
  public record State(Tensor h, Tensor c) {
    /// The same numbers without their graph: for truncated backpropagation through time.
    ///
    /// @return a new state
    public State detach() {
      return new State(h.detach(), c.detach());
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

  private volatile @Nullable PackedLstm prepacked;

  /// One layer in one direction, sequence first.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the states
  public LSTM(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, o -> {});
  }

  /// A network with options: `new LSTM(5, 64, o -> o.numLayers(2).batchFirst(true))`.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the states
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if a size or an option is out of range
  public LSTM(long inputSize, long hiddenSize, Consumer<Options> settings) {
    this(inputSize, hiddenSize, LayerOptions.configure(new Options(), settings));
  }

  private LSTM(long inputSize, long hiddenSize, Options options) {
    super(inputSize, hiddenSize, 4, options.projSize, options);
  }

  @Override
  public void resetParameters() {
    super.resetParameters();
    Double forgetBias = ((Options) options).forgetBias;
    if (forgetBias == null) return;
    if (!options.bias) throw new ValueException("forgetBias needs bias, which is off");
    Init.forgetBias_(this, forgetBias);
  }

  /// Reads sequences, beginning with states of zeros.
  ///
  /// @param input $(N, L, H_{in})$ if batch first, else $(L, N, H_{in})$; or one sequence $(L,
  ///   H_{in})$
  /// @return outputs and last states
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Output forward(Tensor input) {
    return forward(input, null);
  }

  /// Reads sequences, beginning with given states.
  ///
  /// @param input $(N, L, H_{in})$ if batch first, else $(L, N, H_{in})$; or one sequence $(L,
  ///   H_{in})$
  /// @param state the states before the first step, without the dimension $N$ for one sequence;
  ///   null for zeros
  /// @return outputs and last states
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Output forward(Tensor input, @Nullable State state) {
    return hooked(new Input(input, state), this::compute);
  }

  /// Reads packed sequences, beginning with states of zeros.
  ///
  /// @param input packed sequences with $H_{in}$ features
  /// @return packed outputs and last states
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public PackedOutput forward(PackedSequence input) {
    return forward(input, null);
  }

  /// Reads packed sequences, beginning with given states.
  ///
  /// @param input packed sequences with $H_{in}$ features
  /// @param state the states before the first step, in the order of the batch before packing; null
  ///   for zeros
  /// @return packed outputs and last states
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public PackedOutput forward(PackedSequence input, @Nullable State state) {
    return hooked(new PackedInput(input, state), this::compute);
  }

  private PackedOutput compute(PackedInput in) {
    PackedSequence input = in.input;
    Checked checked = checkInput(input);
    State state = in.state == null ? zeros(checked) : in.state;
    if (in.state != null) {
      check(state, checked);
      state = permuted(state, input.sortedIndices());
    }
    LstmResult result = packed(input, List.of(state.h, state.c));
    return new PackedOutput(
        new PackedSequence(
            result.output(), input.batchSizes(), input.sortedIndices(), input.unsortedIndices()),
        permuted(new State(result.hN(), result.cN()), input.unsortedIndices()));
  }

  private LstmResult packed(PackedSequence input, List<Tensor> state) {
    List<ScriptObject> quantized = packedWeights;
    if (quantized != null) {
      return QuantizedKernels.lstm(this, quantized, input.data(), input.batchSizes(), state);
    }
    return Torch.lstm(
        input.data(),
        input.batchSizes(),
        state,
        flatWeights,
        options.bias,
        options.numLayers,
        options.dropout,
        isTraining(),
        options.bidirectional);
  }

  private LstmResult padded(Tensor input, @Nullable State state, Checked checked) {
    State first = state == null ? zeros(checked) : state;
    List<Tensor> states = List.of(first.h, first.c);
    List<ScriptObject> quantized = packedWeights;
    if (quantized != null) return QuantizedKernels.lstm(this, quantized, input, null, states);
    return Torch.lstm(
        input,
        states,
        flatWeights,
        options.bias,
        options.numLayers,
        options.dropout,
        isTraining(),
        options.bidirectional,
        options.batchFirst);
  }

  private static State permuted(State state, @Nullable Tensor permutation) {
    return new State(permuted(state.h, permutation), permuted(state.c, permutation));
  }

  private Output compute(Input in) {
    // The shim looks at everything by itself before it computes with packed weights.
    LstmResult result = prepacked(in.input, in.state);
    if (result != null) return output(result);
    Checked checked = checkInput(in.input);
    State state = in.state == null ? null : batched(in.state, checked);
    if (state != null) check(state, checked);
    if (checked.batched()) return output(padded(in.input, state, checked));
    int batchDim = options.batchFirst ? 0 : 1;
    Tensor input = in.input.unsqueeze(batchDim);
    result = prepacked(input, state);
    if (result == null) result = padded(input, state, checked);
    return new Output(
        result.output().squeeze(batchDim),
        new State(result.hN().squeeze(1), result.cN().squeeze(1)));
  }

  private static Output output(LstmResult result) {
    return new Output(result.output(), new State(result.hN(), result.cN()));
  }

  /// What padded computes, with the packed weights; null where they do not serve.
  private @Nullable LstmResult prepacked(Tensor input, @Nullable State state) {
    PackedLstm packed = prepacked;
    return packed == null || isTraining()
        ? null
        : packed.forward(
            flatWeights, input, state == null ? null : state.h, state == null ? null : state.c);
  }

  @Override
  void prepackWeights() {
    if (isTraining() || isQuantized() || Parametrize.isParametrized(this)) return;
    PackedLstm packed = prepacked;
    if (packed == null) {
      packed =
          new PackedLstm(
              options.numLayers, options.bias, options.bidirectional, options.batchFirst);
    }
    prepacked = packed.pack(flatWeights) ? packed : null;
  }

  @Override
  void dropPrepackedWeights() {
    PackedLstm packed = prepacked;
    prepacked = null;
    if (packed != null) packed.clear();
  }

  private void check(State state, Checked checked) {
    checkState(state.h, outputSize(), checked, "hidden[0]");
    checkState(state.c, hiddenSize, checked, "hidden[1]");
  }

  private State zeros(Checked checked) {
    return new State(zeroState(checked, outputSize()), zeroState(checked, hiddenSize));
  }

  private static State batched(State state, Checked checked) {
    int wanted = checked.batched() ? 3 : 2;
    int h = state.h.dim();
    int c = state.c.dim();
    if (h != wanted || c != wanted) {
      throw new ShapeException(
          "For %s %d-D input, hx and cx should also be %d-D but got (%d-D, %d-D) tensors"
              .formatted(checked.batched() ? "batched" : "unbatched", wanted, wanted, h, c));
    }
    return checked.batched() ? state : new State(state.h.unsqueeze(1), state.c.unsqueeze(1));
  }
}
