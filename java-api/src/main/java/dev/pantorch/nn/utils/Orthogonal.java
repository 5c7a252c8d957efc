package dev.pantorch.nn.utils;

import dev.pantorch.DType;
import dev.pantorch.Linalg;
import dev.pantorch.NotImplementedException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.nn.Layer;
import dev.pantorch.ops.Internal;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// See {@link Parametrizations#orthogonal}.
final class Orthogonal extends Layer implements RightInverse {
  private final long[] shape;
  private final OrthogonalMap map;
  private final boolean useTrivialization;
  private @Nullable Tensor base;

  Orthogonal(Tensor weight, OrthogonalMap map, boolean useTrivialization) {
    if (weight.dtype().isComplex() && map == OrthogonalMap.HOUSEHOLDER) {
      throw new ValueException("The householder parametrization does not support complex tensors.");
    }
    shape = weight.shape();
    this.map = map;
    this.useTrivialization = useTrivialization;
  }

  @Override
  public Tensor forward(Tensor original) {
    boolean transposed = original.size(-2) < original.size(-1);
    Tensor x = transposed ? original.mT() : original;
    Tensor q = map == OrthogonalMap.HOUSEHOLDER ? reflected(x) : ofSkew(x);
    if (base != null) q = base.matmul(q);
    return transposed ? q.mT() : q;
  }

  /// From a tall matrix, through a skew-symmetric one.
  private Tensor ofSkew(Tensor tall) {
    long n = tall.size(-2);
    long k = tall.size(-1);
    Tensor x = tall.tril();
    if (n != k) {
      long[] zeros = x.shape();
      zeros[zeros.length - 1] = n - k;
      x = Torch.cat(List.of(x, Torch.zeros(x.dtype().on(x.device()), zeros)), -1);
    }
    Tensor skew = x.sub(x.mH());
    Tensor q;
    if (map == OrthogonalMap.MATRIX_EXP) {
      q = skew.matrixExp();
    } else {
      Tensor one = Torch.eye(n, skew.dtype().on(skew.device()));
      q = Linalg.solve(one.add(skew, -0.5), one.add(skew, 0.5));
    }
    return n == k ? q : q.narrow(-1, 0, k);
  }

  private static Tensor reflected(Tensor x) {
    Tensor a = x.tril(-1);
    Tensor tau = a.mul(a).sum(-2).add(1.0).reciprocal().mul(2.0);
    Tensor q = Linalg.householderProduct(a, tau);
    // The signs are fixed: as integers they have no gradient.
    return q.mul(x.diagonal(0, -2, -1).to(DType.INT32).unsqueeze(-2));
  }

  @Override
  public Tensor rightInverse(Tensor value) {
    if (!Arrays.equals(value.shape(), shape)) {
      throw new ValueException(
          "Expected a matrix or batch of matrices of shape %s. Got a tensor of shape %s."
              .formatted(PythonText.size(shape), PythonText.size(value.shape())));
    }
    return Torch.noGrad(() -> {
      boolean transposed = value.size(-2) < value.size(-1);
      Tensor q = transposed ? value.mT() : value;
      if (!useTrivialization) {
        Tensor a = reflectors(q);
        return transposed ? a.mT() : a;
      }
      setBase(completed(q));
      // The reflections of this are the identity, and so are the other maps.
      Tensor minusOne = Torch.zerosLike(value);
      minusOne.diagonal(0, -2, -1).fill_(-1.0);
      return minusOne;
    });
  }

  private Tensor reflectors(Tensor q) {
    if (map != OrthogonalMap.HOUSEHOLDER) {
      throw new NotImplementedException(
          "It is not possible to assign to the matrix exponential or the Cayley parametrizations"
              + " when use_trivialization=False.");
    }
    var qr = q.geqrf();
    Tensor signs = qr.a().diagonal(0, -2, -1);
    signs.sign_();
    // LAPACK returns exactly zero where it does not use a reflection.
    signs.copy_(signs.neg().where(qr.tau().eq(0.0), signs));
    return qr.a();
  }

  /// A square orthogonal matrix that begins with the columns of a tall one.
  private static Tensor completed(Tensor q) {
    long n = q.size(-2);
    long k = q.size(-1);
    if (n == k) return isOrthogonal(q) ? q.clone(null) : madeOrthogonal(q);
    long[] size = q.shape();
    size[size.length - 1] = n - k;
    Tensor rest = Torch.randn(q.dtype().on(q.device()), size);
    return madeOrthogonal(Torch.cat(List.of(q, rest), -1));
  }

  private static boolean isOrthogonal(Tensor q) {
    Tensor one = Torch.eye(q.size(-1), q.dtype().on(q.device()));
    double tolerance = 10.0 * q.size(-2) * epsilon(q.dtype());
    return q.mH().matmul(q).allclose(one, 1e-5, tolerance);
  }

  /// The distance from 1 to the next number.
  private static double epsilon(DType dtype) {
    return switch (dtype) {
      case FLOAT64, COMPLEX128 -> 0x1p-52;
      case FLOAT16 -> 0x1p-10;
      case BFLOAT16 -> 0x1p-7;
      default -> 0x1p-23;
    };
  }

  private static Tensor madeOrthogonal(Tensor a) {
    var qr = a.geqrf();
    Tensor q = Linalg.householderProduct(qr.a(), qr.tau());
    return q.mul_(qr.a().diagonal(0, -2, -1).sgn().unsqueeze(-2));
  }

  private void setBase(Tensor value) {
    if (base == null) {
      base = registerBuffer("base", value);
    } else {
      Internal.setData(base, value);
    }
  }

  @Override
  public String toString() {
    return "_Orthogonal()";
  }
}
