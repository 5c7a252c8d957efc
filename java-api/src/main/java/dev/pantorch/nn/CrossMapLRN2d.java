package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Divides each value by what the neighbouring channels have at its place, nearly as {@link
/// LocalResponseNorm} does: the sum moves from channel to channel as in Python, whose window is
/// wider on one side, and never lets go of the first channel. For models that were trained with it;
/// new ones take {@link LocalResponseNorm}.
///
/// ```java
/// Tensor y = new CrossMapLRN2d(3).forward(Torch.randn(32, 5, 24, 24));
/// ```
///
/// Values are Python's to the bit. The gradient is their derivative, which Python's is not:
/// `torch.autograd.gradcheck` refuses that one.
///
/// **Shape.** Input $(N, C, H, W)$; output the same.
///
/// [torch.nn.CrossMapLRN2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CrossMapLRN2d.html)
public final class CrossMapLRN2d extends Layer {
  private final long size;
  private final Options options;

  /// Options of {@link CrossMapLRN2d}.
  public static final class Options {
    private double alpha = 1e-4;
    private double beta = 0.75;
    private Number k = 1;

    private Options() {}

    /// The factor $\alpha$.
    ///
    /// @param alpha 1e-4 unless set
    /// @return these options
    public Options alpha(double alpha) {
      this.alpha = alpha;
      return this;
    }

    /// The exponent $\beta$.
    ///
    /// @param beta 0.75 unless set
    /// @return these options
    public Options beta(double beta) {
      this.beta = beta;
      return this;
    }

    /// The summand $k$.
    ///
    /// @param k 1 unless set
    /// @return these options
    public Options k(Number k) {
      this.k = k;
      return this;
    }
  }

  /// A layer with the usual options.
  ///
  /// @param size the number $n$ of neighbouring channels
  public CrossMapLRN2d(long size) {
    this(size, o -> {});
  }

  /// A layer with options.
  ///
  /// @param size the number $n$ of neighbouring channels
  /// @param settings sets the options
  public CrossMapLRN2d(long size, Consumer<Options> settings) {
    this.size = size;
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Normalises.
  ///
  /// @param input a tensor $(N, C, H, W)$
  /// @return a tensor of the same shape
  /// @throws ValueException if it has another number of dimensions
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, this::normalize);
  }

  private Tensor normalize(Tensor input) {
    long dimensions = input.dim();
    if (dimensions != 4) {
      throw new ValueException(
          "CrossMapLRN2d: Expected input to be 4D, got %dD instead.".formatted(dimensions));
    }
    long channels = input.size(1);
    // Python computes (size - 1) / 2 + 1 in floating point and cuts.
    long reach = (long) ((double) (size - 1) / 2 + 1);
    Tensor squares = input.pow(2);
    Tensor sum = Torch.zerosLike(squares.select(1, 0));
    for (long c = 0; c < Math.min(reach, channels); c++) sum = sum.add(squares.select(1, c));
    List<Tensor> sums = new ArrayList<>();
    sums.add(sum);
    for (long c = 1; c < channels; c++) {
      if (c < channels - reach + 1) sum = sum.add(squares.select(1, c + reach - 1));
      if (c > reach) sum = sum.sub(squares.select(1, c - reach));
      sums.add(sum);
    }
    Tensor scale = Torch.stack(sums, 1).mul(options.alpha / (double) size).add(options.k);
    return scale.pow(-options.beta).mul(input);
  }

  @Override
  protected String extraRepr() {
    return "%d, alpha=%s, beta=%s, k=%s"
        .formatted(
            size,
            PythonText.number(options.alpha),
            PythonText.number(options.beta),
            PythonText.scalar(options.k));
  }
}
