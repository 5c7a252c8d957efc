package dev.pantorch.nn;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.function.Consumer;

/// The rectifier with a learned slope below 0 (He and others 2015): $\max(0, x) + a \min(0, x)$.
///
/// ```java
/// Tensor y = new PReLU().forward(x);
/// ```
///
/// **Shape.** Any; the output has the input's. With several slopes, dimension 1 has their number.
///
/// **Parameters.** `weight` $a$ $(1)$ or $(C)$, 0.25.
///
/// [torch.nn.PReLU](https://docs.pytorch.org/docs/2.13/generated/torch.nn.PReLU.html)
public final class PReLU extends Layer {
  private final Options options;
  private Tensor weight;

  /// Options of {@link PReLU}.
  public static final class Options extends LayerOptions<Options> {
    private long numParameters = 1;
    private double init = 0.25;

    private Options() {}

    /// How many slopes there are.
    ///
    /// @param numParameters 1, unless set, or the channels of the input
    /// @return these options
    public Options numParameters(long numParameters) {
      this.numParameters = numParameters;
      return this;
    }

    /// The first value of the slopes.
    ///
    /// @param init 0.25 unless set
    /// @return these options
    public Options init(double init) {
      this.init = init;
      return this;
    }
  }

  /// One slope.
  public PReLU() {
    this(o -> {});
  }

  /// A layer with options.
  ///
  /// @param settings sets the options
  public PReLU(Consumer<Options> settings) {
    options = LayerOptions.configure(new Options(), settings);
    weight = registerParameter("weight", Torch.empty(options.tensors(), options.numParameters));
    resetParameters();
  }

  /// Another one with the same settings.
  PReLU another() {
    return new PReLU(o -> o.like(options).numParameters(options.numParameters).init(options.init));
  }

  /// Sets the slopes to their first value.
  public void resetParameters() {
    Init.constant_(weight, options.init);
  }

  /// The slopes $a$.
  ///
  /// @return the parameter
  public Tensor weight() {
    return weight;
  }

  /// Applies the function to each element.
  ///
  /// @param input any shape
  /// @return the input's shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Functional.prelu(x, weight));
  }

  @Override
  void adopt(String name, Tensor value) {
    if (name.equals("weight")) weight = value;
  }

  @Override
  StaticKernel staticKernel(boolean relu) {
    Operator operator = Torch.op("quantized::prelu");
    return (x, scale, zeroPoint) -> operator.callTensor(x, weight, scale, zeroPoint);
  }

  @Override
  protected String extraRepr() {
    return "num_parameters=" + options.numParameters;
  }
}
