package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.jspecify.annotations.Nullable;

/// Draws from a normal distribution cut off on both sides, by the two rejection methods that
/// PyTorch uses, so that the draws are the same.
final class TruncatedNormal {
  private TruncatedNormal() {}

  static void fill(
      Tensor tensor, double mean, double std, double a, double b, @Nullable Generator generator) {
    if (tensor.device().equals(Device.META)) return;
    double inside = normalCdf((b - mean) / std) - normalCdf((a - mean) / std);
    if (inside > 0.3) {
      fromNormal(tensor, mean, std, a, b, generator);
    } else {
      fromUniform(tensor, mean, std, a, b, generator);
    }
  }

  private static double normalCdf(double x) {
    Tensor erf = Torch.tensor(DType.FLOAT64, x / Math.sqrt(2)).erf();
    return (1 + erf.item()) / 2;
  }

  private static boolean anyTrue(Tensor mask) {
    return mask.any().itemBoolean();
  }

  private static double rounded(double value, DType dtype) {
    return Torch.tensor(dtype, value).item();
  }

  /// Most of the distribution lies inside: draw from it, and what lies outside again.
  private static void fromNormal(
      Tensor tensor, double mean, double std, double a, double b, @Nullable Generator generator) {
    // As the dtype rounds them, or values that are equal to a bound would be refused.
    double low = rounded(a, tensor.dtype());
    double high = rounded(b, tensor.dtype());
    Tensor result = tensor.normal_(mean, std, generator);
    while (true) {
      Tensor outside = result.lt(low).logicalOr(result.gt(high));
      if (!anyTrue(outside)) break;
      Tensor again = Torch.emptyLike(result).normal_(mean, std, generator);
      result = Torch.where(outside, again, result);
    }
    if (result != tensor) tensor.copy_(result);
  }

  /// Little lies inside: draw evenly, and keep each with the probability that its density has.
  private static void fromUniform(
      Tensor tensor, double mean, double std, double a, double b, @Nullable Generator generator) {
    double mode = Math.max(a, Math.min(mean, b));
    double peak = (mode - mean) / std;
    double logPeak = -0.5 * (peak * peak);
    Tensor candidates = Torch.emptyLike(tensor);
    Tensor chance = Torch.emptyLike(tensor);
    tensor.uniform_(a, b, generator);
    candidates.copy_(tensor);
    Tensor pending = isRefused(candidates, chance, mean, std, logPeak, generator);
    Tensor result = tensor;
    while (anyTrue(pending)) {
      candidates.uniform_(a, b, generator);
      result = Torch.where(pending, candidates, result);
      Tensor refused = isRefused(candidates, chance, mean, std, logPeak, generator);
      pending = Torch.where(pending, refused, pending);
    }
    if (result != tensor) tensor.copy_(result);
  }

  private static Tensor isRefused(
      Tensor candidates,
      Tensor chance,
      double mean,
      double std,
      double logPeak,
      @Nullable Generator generator) {
    candidates.sub_(mean).div_(std).pow_(2).mul_(-0.5).sub_(logPeak);
    return chance.uniform_(0, 1, generator).log_().gt(candidates);
  }
}
