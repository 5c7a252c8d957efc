package dev.pantorch.nn.utils;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.nn.BatchNorm;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Linear;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Takes batch normalisation into the weights of the layer before it, which then computes both at
/// once: for inference, where the statistics do not change any more.
///
/// ```java
/// net.eval();
/// Fusion.fuseConvBnEval_(net.conv, net.bn); // and forward leaves bn out from now on
/// ```
///
/// {@link dev.pantorch.quantization.Quantization#fuseModules_} does this for a model that goes on
/// calling the norm.
///
/// [torch.nn.utils.fuse_conv_bn_eval](https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.fuse_conv_bn_eval.html)
public final class Fusion {
  private Fusion() {}

  /// A weight and a bias that do what a layer and a norm behind it did.
  ///
  /// @param weight of the shape of the layer's
  /// @param bias one for each output channel
  public record Weights(Tensor weight, Tensor bias) {}

  /// Takes a norm into a convolution, whose weight and bias change in place. Without a bias it gets
  /// one. Python returns another convolution.
  ///
  /// @param conv a convolution, transposed or not, in evaluation mode
  /// @param bn the norm behind it, in evaluation mode and with running statistics; it is not
  ///   changed
  /// @throws dev.pantorch.ValueException if the layer is no convolution, a layer is in training
  ///   mode or the norm has no statistics
  public static void fuseConvBnEval_(Layer conv, BatchNorm bn) {
    ModuleQuantization.get().fold(conv, bn);
  }

  /// Takes a norm into a linear layer, whose weight and bias change in place. Without a bias it
  /// gets one. Python returns another layer.
  ///
  /// @param linear a layer in evaluation mode
  /// @param bn the norm behind it, in evaluation mode and with running statistics; it is not
  ///   changed
  /// @throws dev.pantorch.ValueException if a layer is in training mode, the norm has no statistics
  ///   or has neither as many features as the layer nor one
  public static void fuseLinearBnEval_(Linear linear, BatchNorm bn) {
    ModuleQuantization.get().fold(linear, bn);
  }

  /// The weight and bias of a convolution that a norm is taken into.
  ///
  /// @param convWeight the weight of the convolution
  /// @param convBias its bias, null for none
  /// @param mean running means, one for each output channel
  /// @param variance running variances
  /// @param eps what the norm adds to the variances
  /// @param weight the norm's weight, null for ones
  /// @param bias the norm's bias, null for zeros
  /// @param transpose whether the convolution is transposed
  /// @return the weights, which record no gradients
  public static Weights fuseConvBnWeights(
      Tensor convWeight,
      @Nullable Tensor convBias,
      Tensor mean,
      Tensor variance,
      double eps,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      boolean transpose) {
    return TensorScope.scope(() -> {
      try (var mode = Torch.noGrad()) {
        long[] shape = new long[convWeight.dim()];
        Arrays.fill(shape, 1);
        shape[transpose ? 1 : 0] = -1;
        Tensor own = convBias == null ? Torch.zerosLike(mean) : convBias;
        Tensor factor = weight == null ? Torch.onesLike(mean) : weight;
        Tensor summand = bias == null ? Torch.zerosLike(mean) : bias;
        Tensor inverse = variance.add(eps).rsqrt();
        return new Weights(
            convWeight.mul(factor.mul(inverse).reshape(shape)).to(convWeight.dtype()),
            own.sub(mean)
                .mul(inverse)
                .mul(factor)
                .add(summand)
                .to(convBias == null ? convWeight.dtype() : convBias.dtype()));
      }
    });
  }

  /// The weight and bias of a linear layer that a norm is taken into.
  ///
  /// @param linearWeight the weight of the layer
  /// @param linearBias its bias, null for none
  /// @param mean running means, one for each output feature or one for all
  /// @param variance running variances
  /// @param eps what the norm adds to the variances
  /// @param weight the norm's weight
  /// @param bias the norm's bias
  /// @return the weights, which record no gradients
  public static Weights fuseLinearBnWeights(
      Tensor linearWeight,
      @Nullable Tensor linearBias,
      Tensor mean,
      Tensor variance,
      double eps,
      Tensor weight,
      Tensor bias) {
    return TensorScope.scope(() -> {
      try (var mode = Torch.noGrad()) {
        Tensor own = linearBias == null ? Torch.zerosLike(mean) : linearBias;
        Tensor scale = weight.mul(variance.add(eps).rsqrt());
        return new Weights(
            linearWeight.mul(scale.unsqueeze(-1).to(linearWeight.dtype())),
            own.sub(mean)
                .mul(scale)
                .add(bias)
                .to(linearBias == null ? linearWeight.dtype() : linearBias.dtype()));
      }
    });
  }
}
