package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.function.Consumer;

/// The cosine of the angle between vectors: $x_1 \cdot x_2 / \max(\lVert x_1 \rVert \lVert x_2
/// \rVert, \epsilon)$.
///
/// ```java
/// Tensor y = new CosineSimilarity().forward(Torch.randn(100, 128), Torch.randn(100, 128));
/// ```
///
/// **Shape.** Inputs $(*_1, D, *_2)$ with $D$ at the chosen dimension; output $(*_1, *_2)$.
///
/// [torch.nn.CosineSimilarity](https://docs.pytorch.org/docs/2.13/generated/torch.nn.CosineSimilarity.html)
public final class CosineSimilarity extends Module {
  private final Options options;

  /// Options of {@link CosineSimilarity}.
  public static final class Options {
    private long dim = 1;
    private double eps = 1e-8;

    private Options() {}

    /// Along which dimension the vectors lie.
    ///
    /// @param dim 1 unless set
    /// @return these options
    public Options dim(long dim) {
      this.dim = dim;
      return this;
    }

    /// The least product of norms that is divided by.
    ///
    /// @param eps 1e-8 unless set
    /// @return these options
    public Options eps(double eps) {
      this.eps = eps;
      return this;
    }
  }

  /// What hooks see as the input.
  ///
  /// @param x1 the first input
  /// @param x2 the second input
  public record Input(Tensor x1, Tensor x2) {}

  /// A layer with the usual options.
  public CosineSimilarity() {
    this(o -> {});
  }

  /// A layer with options.
  ///
  /// @param settings sets the options
  public CosineSimilarity(Consumer<Options> settings) {
    options = LayerOptions.configure(new Options(), settings);
  }

  /// Compares vectors.
  ///
  /// @param x1 the first vectors
  /// @param x2 the second vectors
  /// @return a value for each pair
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public Tensor forward(Tensor x1, Tensor x2) {
    return hooked(
        new Input(x1, x2),
        given -> Functional.cosineSimilarity(given.x1, given.x2, options.dim, options.eps));
  }
}
