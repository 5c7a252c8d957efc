package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ops.LstmCellResult;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One step of an {@link LSTM}.
///
/// ```java
/// LSTMCell cell = new LSTMCell(5, 64);
/// LSTM.State state = null;
/// for (Tensor step : x.unbind(1)) state = cell.forward(step, state); // (32, 5) to (32, 64)
/// ```
///
/// **Shape.** Input $(N, H_{in})$ or $(H_{in})$; each of the states $(N, H)$ or $(H)$.
///
/// **Parameters.** `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh` as those of a layer of {@link
/// LSTM}.
///
/// [torch.nn.LSTMCell](https://docs.pytorch.org/docs/2.13/generated/torch.nn.LSTMCell.html)
public final class LSTMCell extends RNNCellBase {
  /// Options of {@link LSTMCell}.
  public static final class Options extends RNNCellBase.Options<Options> {
    private Options() {}
  }

  /// A cell with biases.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  public LSTMCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, o -> {});
  }

  /// A cell with options.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  /// @param settings sets the options
  /// @throws dev.pantorch.TorchException if a size is negative
  public LSTMCell(long inputSize, long hiddenSize, Consumer<Options> settings) {
    this(inputSize, hiddenSize, LayerOptions.configure(new Options(), settings));
  }

  private LSTMCell(long inputSize, long hiddenSize, Options options) {
    super(inputSize, hiddenSize, 4, options);
  }

  /// One step from states of zeros.
  ///
  /// @param input $(N, H_{in})$ or $(H_{in})$
  /// @return the states after it
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public LSTM.State forward(Tensor input) {
    return forward(input, null);
  }

  /// One step.
  ///
  /// @param input $(N, H_{in})$ or $(H_{in})$
  /// @param state the states before it, $(N, H)$ or $(H)$; null for zeros
  /// @return the states after it
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public LSTM.State forward(Tensor input, LSTM.@Nullable State state) {
    return hooked(new LSTM.Input(input, state), this::compute);
  }

  private LSTM.State compute(LSTM.Input in) {
    boolean batched = checkInput(in.input());
    Tensor input = batched ? in.input() : in.input().unsqueeze(0);
    List<Tensor> states = states(in.state(), input, batched);
    checkSizes(input, states);
    QuantizedKernels.Packed quantized = packedWeights;
    LstmCellResult next =
        quantized == null
            ? Torch.lstmCell(input, states, weightIh, weightHh, biasIh, biasHh)
            : QuantizedKernels.lstmCell(this, quantized, input, states);
    return batched
        ? new LSTM.State(next.h(), next.c())
        : new LSTM.State(next.h().squeeze(0), next.c().squeeze(0));
  }

  private List<Tensor> states(LSTM.@Nullable State state, Tensor input, boolean batched) {
    if (state == null) {
      Tensor zeros = zeroState(input);
      return List.of(zeros, zeros);
    }
    checkDims(state.h(), "hx[0]");
    checkDims(state.c(), "hx[1]");
    return List.of(asBatch(state.h(), batched), asBatch(state.c(), batched));
  }
}
