package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One step of an {@link RNN}: $h' = \tanh(W_{ih} x + b_{ih} + W_{hh} h + b_{hh})$, or with relu.
///
/// ```java
/// RNNCell cell = new RNNCell(5, 64);
/// Tensor h = null;
/// for (Tensor step : x.unbind(1)) h = cell.forward(step, h); // (32, 5) to (32, 64)
/// ```
///
/// **Shape.** Input $(N, H_{in})$ or $(H_{in})$; state and output $(N, H)$ or $(H)$.
///
/// **Parameters.** `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh` as those of a layer of {@link
/// RNN}.
///
/// [torch.nn.RNNCell](https://docs.pytorch.org/docs/2.13/generated/torch.nn.RNNCell.html)
public final class RNNCell extends RNNCellBase {
  /// Options of {@link RNNCell}.
  public static final class Options extends RNNCellBase.Options<Options> {
    private RNN.Nonlinearity nonlinearity = RNN.Nonlinearity.TANH;

    private Options() {}

    /// The function of the sums.
    ///
    /// @param nonlinearity tanh unless set
    /// @return these options
    public Options nonlinearity(RNN.Nonlinearity nonlinearity) {
      this.nonlinearity = nonlinearity;
      return this;
    }
  }

  private final RNN.Nonlinearity nonlinearity;

  /// A cell with biases.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  public RNNCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, o -> {});
  }

  /// A cell with options.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  /// @param settings sets the options
  /// @throws dev.pantorch.TorchException if a size is negative
  public RNNCell(long inputSize, long hiddenSize, Consumer<Options> settings) {
    this(inputSize, hiddenSize, LayerOptions.configure(new Options(), settings));
  }

  private RNNCell(long inputSize, long hiddenSize, Options options) {
    super(inputSize, hiddenSize, 1, options);
    nonlinearity = options.nonlinearity;
  }

  /// One step from a state of zeros.
  ///
  /// @param input $(N, H_{in})$ or $(H_{in})$
  /// @return the state after it
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Tensor forward(Tensor input) {
    return forward(input, null);
  }

  /// One step.
  ///
  /// @param input $(N, H_{in})$ or $(H_{in})$
  /// @param hx the state before it, $(N, H)$ or $(H)$; null for zeros
  /// @return the state after it
  /// @throws dev.pantorch.TorchException if shape, dtype or device do not fit
  public Tensor forward(Tensor input, @Nullable Tensor hx) {
    return hooked(new Input(input, hx), this::step);
  }

  @Override
  Tensor kernel(Tensor input, Tensor hx) {
    QuantizedKernels.Packed quantized = packedWeights;
    if (quantized != null) {
      boolean relu = nonlinearity == RNN.Nonlinearity.RELU;
      return QuantizedKernels.rnnCell(this, quantized, input, hx, relu);
    }
    return nonlinearity == RNN.Nonlinearity.TANH
        ? Torch.rnnTanhCell(input, hx, weightIh, weightHh, biasIh, biasHh)
        : Torch.rnnReluCell(input, hx, weightIh, weightHh, biasIh, biasHh);
  }

  @Override
  protected String extraRepr() {
    return super.extraRepr() + (nonlinearity == RNN.Nonlinearity.TANH ? "" : ", nonlinearity=relu");
  }
}
