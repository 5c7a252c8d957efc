// More than 500 lines, most of them documentation: one function of torch.nn.init a method.
package dev.pantorch.nn;

import dev.pantorch.Generator;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Initial values of parameters: `torch.nn.init`. Every function fills its tensor in place, without
/// recording gradients, with the draws of Python's function of that name, and returns the tensor.
///
/// ```java
/// Init.xavierUniform_(fc.weight());
/// ```
///
/// [torch.nn.init](https://docs.pytorch.org/docs/2.13/nn.init.html)
public final class Init {
  private Init() {}

  /// Which of a weight's two sides the Kaiming functions keep the variance of.
  public enum FanMode {
    /// The inputs: keeps the variance in the forward pass.
    FAN_IN,
    /// The outputs: keeps the variance in the backward pass.
    FAN_OUT
  }

  /// Options of {@link #kaimingUniform_} and {@link #kaimingNormal_}.
  public static final class KaimingOptions {
    private double a;
    private FanMode mode = FanMode.FAN_IN;
    private Nonlinearity nonlinearity = Nonlinearity.LEAKY_RELU;
    private @Nullable Generator generator;

    private KaimingOptions() {}

    /// The negative slope of the rectifier behind this layer; only for LEAKY_RELU.
    ///
    /// @param a 0 unless set
    /// @return these options
    public KaimingOptions a(double a) {
      this.a = a;
      return this;
    }

    /// Which side keeps its variance.
    ///
    /// @param mode FAN_IN unless set
    /// @return these options
    public KaimingOptions mode(FanMode mode) {
      this.mode = mode;
      return this;
    }

    /// The function behind this layer.
    ///
    /// @param nonlinearity LEAKY_RELU unless set
    /// @return these options
    public KaimingOptions nonlinearity(Nonlinearity nonlinearity) {
      this.nonlinearity = nonlinearity;
      return this;
    }

    /// Where the numbers come from.
    ///
    /// @param generator the default generator unless set
    /// @return these options
    public KaimingOptions generator(Generator generator) {
      this.generator = generator;
      return this;
    }
  }

  /// Functions that {@link #calculateGain} knows.
  public enum Nonlinearity {
    /// None.
    LINEAR,
    /// None, behind a one-dimensional convolution.
    CONV1D,
    /// None, behind a two-dimensional convolution.
    CONV2D,
    /// None, behind a three-dimensional convolution.
    CONV3D,
    /// None, behind a transposed one-dimensional convolution.
    CONV_TRANSPOSE1D,
    /// None, behind a transposed two-dimensional convolution.
    CONV_TRANSPOSE2D,
    /// None, behind a transposed three-dimensional convolution.
    CONV_TRANSPOSE3D,
    /// The logistic function.
    SIGMOID,
    /// The hyperbolic tangent.
    TANH,
    /// max(0, x).
    RELU,
    /// max(0, x) + slope min(0, x).
    LEAKY_RELU,
    /// The self-normalising unit.
    SELU
  }

  /// The recommended gain of a function; for LEAKY_RELU with slope 0.01.
  ///
  /// @param nonlinearity the function
  /// @return the factor on the standard deviation
  public static double calculateGain(Nonlinearity nonlinearity) {
    return calculateGain(nonlinearity, 0.01);
  }

  /// The recommended gain of a function.
  ///
  /// | function | gain |
  /// |---|---|
  /// | linear, convolutions, sigmoid | 1 |
  /// | tanh | 5/3 |
  /// | ReLU | $\sqrt 2$ |
  /// | leaky ReLU | $\sqrt{2 / (1 + slope^2)}$ |
  /// | SELU | 3/4 |
  ///
  /// @param nonlinearity the function
  /// @param param the negative slope, for LEAKY_RELU
  /// @return the factor on the standard deviation
  public static double calculateGain(Nonlinearity nonlinearity, double param) {
    return switch (nonlinearity) {
      case TANH -> 5.0 / 3;
      case RELU -> Math.sqrt(2);
      case LEAKY_RELU -> Math.sqrt(2 / (1 + param * param));
      case SELU -> 3.0 / 4;
      default -> 1;
    };
  }

  /// Fills with draws from $U(0, 1)$.
  ///
  /// @param tensor any shape
  /// @return the tensor
  public static Tensor uniform_(Tensor tensor) {
    return uniform_(tensor, 0, 1);
  }

  /// Fills with draws from $U(a, b)$.
  ///
  /// @param tensor any shape
  /// @param a the lower bound
  /// @param b the upper bound
  /// @return the tensor
  public static Tensor uniform_(Tensor tensor, double a, double b) {
    return uniform_(tensor, a, b, null);
  }

  /// Fills with draws from $U(a, b)$.
  ///
  /// @param tensor any shape
  /// @param a the lower bound
  /// @param b the upper bound
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  public static Tensor uniform_(Tensor tensor, double a, double b, @Nullable Generator generator) {
    return Torch.noGrad(() -> tensor.uniform_(a, b, generator));
  }

  /// Fills with draws from $N(0, 1)$.
  ///
  /// @param tensor any shape
  /// @return the tensor
  public static Tensor normal_(Tensor tensor) {
    return normal_(tensor, 0, 1);
  }

  /// Fills with draws from $N(mean, std^2)$.
  ///
  /// @param tensor any shape
  /// @param mean the mean
  /// @param std the standard deviation
  /// @return the tensor
  public static Tensor normal_(Tensor tensor, double mean, double std) {
    return normal_(tensor, mean, std, null);
  }

  /// Fills with draws from $N(mean, std^2)$.
  ///
  /// @param tensor any shape
  /// @param mean the mean
  /// @param std the standard deviation
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  public static Tensor normal_(
      Tensor tensor, double mean, double std, @Nullable Generator generator) {
    return Torch.noGrad(() -> tensor.normal_(mean, std, generator));
  }

  /// Fills with draws from $N(0, 1)$ that lie in $[-2, 2]$.
  ///
  /// @param tensor any shape
  /// @return the tensor
  public static Tensor truncNormal_(Tensor tensor) {
    return truncNormal_(tensor, 0, 1, -2, 2, null);
  }

  /// Fills with draws from $N(mean, std^2)$ that lie in $[a, b]$; others are drawn again. Works
  /// best where $a \le mean \le b$.
  ///
  /// @param tensor any shape
  /// @param mean the mean before cutting
  /// @param std the standard deviation before cutting
  /// @param a the least value
  /// @param b the greatest value
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  public static Tensor truncNormal_(
      Tensor tensor, double mean, double std, double a, double b, @Nullable Generator generator) {
    return quietly(tensor, () -> TruncatedNormal.fill(tensor, mean, std, a, b, generator));
  }

  /// Fills with one value.
  ///
  /// @param tensor any shape
  /// @param value the value
  /// @return the tensor
  public static Tensor constant_(Tensor tensor, double value) {
    return Torch.noGrad(() -> tensor.fill_(value));
  }

  /// Fills with 1.
  ///
  /// @param tensor any shape
  /// @return the tensor
  public static Tensor ones_(Tensor tensor) {
    return constant_(tensor, 1);
  }

  /// Fills with 0.
  ///
  /// @param tensor any shape
  /// @return the tensor
  public static Tensor zeros_(Tensor tensor) {
    return Torch.noGrad(() -> tensor.zero_());
  }

  /// Makes the identity matrix: a linear layer with it hands on as many inputs as it can.
  ///
  /// @param tensor two dimensions
  /// @return the tensor
  /// @throws ValueException if it has another number of dimensions
  public static Tensor eye_(Tensor tensor) {
    long[] shape = matrixShape(tensor);
    return quietly(
        tensor,
        () -> {
          tensor.zero_();
          tensor.diagonal().narrow(0, 0, Math.min(shape[0], shape[1])).fill_(1);
        });
  }

  /// Makes the Dirac delta function of a convolution's weight: it hands on as many channels as it
  /// can.
  ///
  /// @param tensor three to five dimensions: output channels, input channels, kernel
  /// @return the tensor
  /// @throws ValueException if it has another number of dimensions
  public static Tensor dirac_(Tensor tensor) {
    return dirac_(tensor, 1);
  }

  /// The same for each of several groups of channels.
  ///
  /// @param tensor three to five dimensions: output channels, input channels, kernel
  /// @param groups the number of groups; it divides the output channels
  /// @return the tensor
  /// @throws ValueException if it has another number of dimensions, or the groups do not fit
  public static Tensor dirac_(Tensor tensor, long groups) {
    long[] shape = tensor.shape();
    if (shape.length < 3 || shape.length > 5) {
      throw new ValueException("Only tensors with 3, 4, or 5 dimensions are supported");
    }
    if (shape[0] % groups != 0) throw new ValueException("dim 0 must be divisible by groups");
    long channels = shape[0] / groups;
    long kept = Math.min(channels, shape[1]);
    return quietly(
        tensor,
        () -> {
          Tensor centre = tensor.zero_();
          for (int d = 2; d < shape.length; d++) centre = centre.select(2, shape[d] / 2);
          for (long group = 0; group < groups; group++) {
            centre.narrow(0, group * channels, kept).diagonal().fill_(1);
          }
        });
  }

  /// Fills with draws from $U(-a, a)$, $a = \sqrt{6 / (fan_{in} + fan_{out})}$ (Glorot and Bengio
  /// 2010), also called Glorot initialisation.
  ///
  /// @param tensor two dimensions or more
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierUniform_(Tensor tensor) {
    return xavierUniform_(tensor, 1, null);
  }

  /// The same with $a = gain \sqrt{6 / (fan_{in} + fan_{out})}$.
  ///
  /// @param tensor two dimensions or more
  /// @param gain the factor, as {@link #calculateGain} gives it
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierUniform_(Tensor tensor, double gain) {
    return xavierUniform_(tensor, gain, null);
  }

  /// The same with $a = gain \sqrt{6 / (fan_{in} + fan_{out})}$.
  ///
  /// @param tensor two dimensions or more
  /// @param gain the factor, as {@link #calculateGain} gives it
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierUniform_(Tensor tensor, double gain, @Nullable Generator generator) {
    double a = Math.sqrt(3) * xavierStd(tensor, gain);
    return uniform_(tensor, -a, a, generator);
  }

  /// Fills with draws from $N(0, std^2)$, $std = \sqrt{2 / (fan_{in} + fan_{out})}$ (Glorot and
  /// Bengio 2010).
  ///
  /// @param tensor two dimensions or more
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierNormal_(Tensor tensor) {
    return xavierNormal_(tensor, 1, null);
  }

  /// The same with $std = gain \sqrt{2 / (fan_{in} + fan_{out})}$.
  ///
  /// @param tensor two dimensions or more
  /// @param gain the factor, as {@link #calculateGain} gives it
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierNormal_(Tensor tensor, double gain) {
    return xavierNormal_(tensor, gain, null);
  }

  /// The same with $std = gain \sqrt{2 / (fan_{in} + fan_{out})}$.
  ///
  /// @param tensor two dimensions or more
  /// @param gain the factor, as {@link #calculateGain} gives it
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor xavierNormal_(Tensor tensor, double gain, @Nullable Generator generator) {
    return normal_(tensor, 0, xavierStd(tensor, gain), generator);
  }

  private static double xavierStd(Tensor tensor, double gain) {
    Fans fans = fans(tensor);
    return gain * Math.sqrt(2.0 / (double) (fans.in + fans.out));
  }

  /// Fills with draws from $U(-bound, bound)$, $bound = \sqrt{6 / fan_{in}}$ (He and others 2015).
  ///
  /// @param tensor two dimensions or more
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor kaimingUniform_(Tensor tensor) {
    return kaimingUniform_(tensor, o -> {});
  }

  /// Fills with draws from $U(-bound, bound)$, $bound = gain \sqrt{3 / fan}$ (He and others 2015).
  /// A tensor without elements stays as it is.
  ///
  /// @param tensor two dimensions or more
  /// @param settings sets the options
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor kaimingUniform_(Tensor tensor, Consumer<KaimingOptions> settings) {
    KaimingOptions options = LayerOptions.configure(new KaimingOptions(), settings);
    if (tensor.numel() == 0) return tensor;
    double bound = Math.sqrt(3) * kaimingStd(tensor, options);
    return uniform_(tensor, -bound, bound, options.generator);
  }

  /// Fills with draws from $N(0, std^2)$, $std = \sqrt{2 / fan_{in}}$ (He and others 2015).
  ///
  /// @param tensor two dimensions or more
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor kaimingNormal_(Tensor tensor) {
    return kaimingNormal_(tensor, o -> {});
  }

  /// Fills with draws from $N(0, std^2)$, $std = gain / \sqrt{fan}$ (He and others 2015). A tensor
  /// without elements stays as it is.
  ///
  /// @param tensor two dimensions or more
  /// @param settings sets the options
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor kaimingNormal_(Tensor tensor, Consumer<KaimingOptions> settings) {
    KaimingOptions options = LayerOptions.configure(new KaimingOptions(), settings);
    if (tensor.numel() == 0) return tensor;
    return normal_(tensor, 0, kaimingStd(tensor, options), options.generator);
  }

  private static double kaimingStd(Tensor tensor, KaimingOptions options) {
    Fans fans = fans(tensor);
    long fan = options.mode == FanMode.FAN_IN ? fans.in : fans.out;
    return calculateGain(options.nonlinearity, options.a) / Math.sqrt((double) fan);
  }

  /// Makes a (semi-)orthogonal matrix (Saxe and others 2013). Trailing dimensions are taken as one.
  ///
  /// @param tensor two dimensions or more
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor orthogonal_(Tensor tensor) {
    return orthogonal_(tensor, 1, null);
  }

  /// The same times a factor.
  ///
  /// @param tensor two dimensions or more
  /// @param gain the factor
  /// @param generator where the numbers come from; null for the default
  /// @return the tensor
  /// @throws ValueException if it has fewer dimensions
  public static Tensor orthogonal_(Tensor tensor, double gain, @Nullable Generator generator) {
    if (tensor.dim() < 2) {
      throw new ValueException("Only tensors with 2 or more dimensions are supported");
    }
    if (tensor.numel() == 0) return tensor;
    return quietly(
        tensor,
        () -> {
          long rows = tensor.size(0);
          long columns = tensor.numel() / rows;
          Tensor flattened = tensor.newEmpty(rows, columns).normal_(0, 1, generator);
          if (rows < columns) flattened.t_();
          var qr = Linalg.qr(flattened);
          // The signs make Q uniform (arXiv:math-ph/0609050).
          Tensor q = qr.q().mul_(qr.r().diag(0).sign());
          if (rows < columns) q.t_();
          tensor.viewAs(q).copy_(q);
          tensor.mul_(gain);
        });
  }

  /// Makes a sparse matrix: a fraction of each column is 0, the rest is drawn from $N(0, 0.01^2)$
  /// (Martens 2010).
  ///
  /// @param tensor two dimensions
  /// @param sparsity the fraction
  /// @return the tensor
  /// @throws ValueException if it has another number of dimensions
  public static Tensor sparse_(Tensor tensor, double sparsity) {
    return sparse_(tensor, sparsity, 0.01, null);
  }

  /// Makes a sparse matrix: a fraction of each column is 0, the rest is drawn from $N(0, std^2)$
  /// (Martens 2010).
  ///
  /// @param tensor two dimensions
  /// @param sparsity the fraction
  /// @param std the standard deviation
  /// @param generator where the values come from, null for the default; the places of the zeros
  ///   come from the default generator, as in Python
  /// @return the tensor
  /// @throws ValueException if it has another number of dimensions
  public static Tensor sparse_(
      Tensor tensor, double sparsity, double std, @Nullable Generator generator) {
    long[] shape = matrixShape(tensor);
    long zeros = (long) Math.ceil(sparsity * shape[0]);
    return quietly(
        tensor,
        () -> {
          tensor.normal_(0, std, generator);
          for (long column = 0; column < shape[1]; column++) {
            Tensor rows = Torch.randperm(shape[0]).narrow(0, 0, zeros);
            tensor.select(1, column).indexFill_(0, rows.to(tensor.device()), 0);
          }
        });
  }

  /// Sets what the biases of an LSTM's forget gates sum to, in all layers and directions: their
  /// part of `bias_ih` to the value, that of `bias_hh` to 0. With 1 the cells remember from the
  /// first step on (Gers and others 2000; Jozefowicz and others 2015). Not in Python.
  ///
  /// @param lstm a network with biases
  /// @param value mostly 1
  /// @return the same network
  /// @throws ValueException if it has no biases
  public static LSTM forgetBias_(LSTM lstm, double value) {
    boolean found = false;
    for (var parameter : lstm.namedParameters().entrySet()) {
      if (!parameter.getKey().startsWith("bias_")) continue;
      found = true;
      double part = parameter.getKey().startsWith("bias_ih") ? value : 0;
      Tensor bias = parameter.getValue();
      // The gates lie one after the other: input, forget, cell, output.
      quietly(bias, () -> bias.chunk(4).get(1).fill_(part));
    }
    if (!found) throw new ValueException("the LSTM has no biases");
    return lstm;
  }

  private static long[] matrixShape(Tensor tensor) {
    long[] shape = tensor.shape();
    if (shape.length != 2) throw new ValueException("Only tensors with 2 dimensions are supported");
    return shape;
  }

  /// Runs steps that leave temporaries, without recording them.
  private static Tensor quietly(Tensor tensor, Runnable steps) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      steps.run();
    }
    return tensor;
  }

  private record Fans(long in, long out) {}

  private static Fans fans(Tensor tensor) {
    long[] shape = tensor.shape();
    if (shape.length < 2) {
      throw new ValueException(
          "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
    }
    long field = 1;
    for (int d = 2; d < shape.length; d++) field *= shape[d];
    return new Fans(shape[1] * field, shape[0] * field);
  }
}
