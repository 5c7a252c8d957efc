package dev.pantorch.nn.utils;

import dev.pantorch.IndexException;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.nn.Functional;
import dev.pantorch.nn.Layer;
import org.jspecify.annotations.Nullable;

/// See {@link Parametrizations#spectralNorm}.
final class SpectralNorm extends Layer implements RightInverse {
  private static final int FIRST_ITERATIONS = 15;

  private final int dim;
  private final double eps;
  private final int nPowerIterations;

  // The first left and right singular vectors, null for a vector, which needs none.
  private final @Nullable Tensor u;
  private final @Nullable Tensor v;

  SpectralNorm(Tensor weight, int nPowerIterations, int dim, double eps) {
    int dims = weight.dim();
    if (dim >= dims || dim < -dims) {
      throw new IndexException(
          "Dimension out of range (expected to be in range of [-%d, %d] but got %d)"
              .formatted(dims, dims - 1, dim));
    }
    if (nPowerIterations <= 0) {
      throw new ValueException(
          "Expected n_power_iterations to be positive, but got n_power_iterations="
              + nPowerIterations);
    }
    this.dim = dim >= 0 ? dim : dim + dims;
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (dims < 2) {
      u = null;
      v = null;
      return;
    }
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Tensor matrix = matrix(weight);
      Tensor left = draw(matrix, 0);
      Tensor right = draw(matrix, 1);
      u = registerBuffer("_u", normalize(left));
      v = registerBuffer("_v", normalize(right));
      iterate(matrix, u, v, FIRST_ITERATIONS);
    }
  }

  private static Tensor draw(Tensor matrix, int side) {
    return Torch.empty(matrix.dtype().on(matrix.device()), matrix.size(side)).normal_(0, 1);
  }

  private Tensor normalize(Tensor vector) {
    return Functional.normalize(vector, 2, 0, eps);
  }

  private Tensor matrix(Tensor weight) {
    return (dim == 0 ? weight : weight.movedim(dim, 0)).flatten(1);
  }

  private void iterate(Tensor matrix, Tensor left, Tensor right, int iterations) {
    for (int i = 0; i < iterations; i++) {
      left.copy_(normalize(matrix.mv(right)));
      right.copy_(normalize(matrix.mH().mv(left)));
    }
  }

  @Override
  public Tensor forward(Tensor weight) {
    if (u == null || v == null) return normalize(weight);
    Tensor matrix = matrix(weight);
    if (isTraining()) {
      try (var mode = Torch.noGrad()) {
        iterate(matrix, u, v, nPowerIterations);
      }
    }
    // Copies, since the next forward changes the vectors, and a backward of this one may follow.
    Tensor left = u.clone(MemoryFormat.CONTIGUOUS);
    Tensor right = v.clone(MemoryFormat.CONTIGUOUS);
    return weight.div(left.vdot(matrix.mv(right)));
  }

  @Override
  public Tensor rightInverse(Tensor value) {
    return value;
  }

  @Override
  public String toString() {
    return "_SpectralNorm()";
  }
}
