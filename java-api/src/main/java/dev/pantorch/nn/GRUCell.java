package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One step of a {@link GRU}.
///
/// ```java
/// GRUCell cell = new GRUCell(5, 64);
/// Tensor h = null;
/// for (Tensor step : x.unbind(1)) h = cell.forward(step, h); // (32, 5) to (32, 64)
/// ```
///
/// **Shape.** Input $(N, H_{in})$ or $(H_{in})$; state and output $(N, H)$ or $(H)$.
///
/// **Parameters.** `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh` as those of a layer of {@link
/// GRU}.
///
/// [torch.nn.GRUCell](https://docs.pytorch.org/docs/2.13/generated/torch.nn.GRUCell.html)
public final class GRUCell extends RNNCellBase {
  /// Options of {@link GRUCell}.
  public static final class Options extends RNNCellBase.Options<Options> {
    private Options() {}
  }

  /// A cell with biases.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  public GRUCell(long inputSize, long hiddenSize) {
    this(inputSize, hiddenSize, o -> {});
  }

  /// A cell with options.
  ///
  /// @param inputSize the features $H_{in}$ of an input
  /// @param hiddenSize the features $H$ of the state
  /// @param settings sets the options
  /// @throws dev.pantorch.TorchException if a size is negative
  public GRUCell(long inputSize, long hiddenSize, Consumer<Options> settings) {
    this(inputSize, hiddenSize, LayerOptions.configure(new Options(), settings));
  }

  private GRUCell(long inputSize, long hiddenSize, Options options) {
    super(inputSize, hiddenSize, 3, options);
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
    if (quantized != null) return QuantizedKernels.gruCell(this, quantized, input, hx);
    return Torch.gruCell(input, hx, weightIh, weightHh, biasIh, biasHh);
  }
}
