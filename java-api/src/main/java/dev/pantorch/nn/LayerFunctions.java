package dev.pantorch.nn;

import dev.pantorch.Linalg;
import dev.pantorch.NotImplementedException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.Substitution;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The functions of {@link Functional} that normalise or drop channels, as far as they are more
/// than an operator.
abstract class LayerFunctions extends VisionFunctions {

  LayerFunctions() {}

  /// Normalises each channel of each input by itself, with all settings of {@link InstanceNorm1d},
  /// for any number of dimensions.
  ///
  /// @param input a tensor $(N, C, *)$
  /// @param runningMean running means $(C)$, which training changes; null for none
  /// @param runningVar running variances $(C)$, which training changes; null for none
  /// @param weight factors $(C)$; null for 1
  /// @param bias summands $(C)$; null for 0
  /// @param useInputStats whether mean and variance are those of the input instead of the running
  ///   ones
  /// @param momentum the weight of the input in the running ones
  /// @param eps what is added to the variance
  /// @return a tensor of the input's shape
  /// @throws ValueException if the input's statistics are used and a channel has only one value
  public static Tensor instanceNorm(
      Tensor input,
      @Nullable Tensor runningMean,
      @Nullable Tensor runningVar,
      @Nullable Tensor weight,
      @Nullable Tensor bias,
      boolean useInputStats,
      double momentum,
      double eps) {
    if (useInputStats) {
      long[] shape = input.shape();
      long values = 1;
      for (int d = 2; d < shape.length; d++) values *= shape[d];
      if (values == 1) {
        throw new ValueException(
            "Expected more than 1 spatial element when training, got input size "
                + PythonText.size(shape));
      }
    }
    return Torch.instanceNorm(
        input, weight, bias, runningMean, runningVar, useInputStats, momentum, eps, true);
  }

  /// Normalises groups of channels, as {@link GroupNorm} does.
  ///
  /// @param input a tensor $(N, C, *)$
  /// @param numGroups the number of groups
  /// @param weight factors $(C)$; null for 1
  /// @param bias summands $(C)$; null for 0
  /// @param eps what is added to the variance
  /// @return a tensor of the input's shape
  /// @throws ShapeException if the input has fewer than two dimensions
  /// @throws ValueException if a group has only one value
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public static Tensor groupNorm(
      Tensor input, long numGroups, @Nullable Tensor weight, @Nullable Tensor bias, double eps) {
    long[] shape = input.shape();
    if (shape.length < 2) {
      throw new ShapeException(
          "Expected at least 2 dimensions for input tensor but received " + shape.length);
    }
    if (numGroups > 0) {
      long[] grouped = shape.clone();
      grouped[0] = shape[0] * shape[1] / numGroups;
      grouped[1] = numGroups;
      long values = grouped[0];
      for (int d = 2; d < grouped.length; d++) values *= grouped[d];
      if (values == 1) {
        throw new ValueException(
            "Expected more than 1 value per channel when training, got input size "
                + PythonText.list(grouped));
      }
    }
    return Torch.groupNorm(input, numGroups, weight, bias, eps, true);
  }

  /// Divides each value by what the neighbouring channels have at its place, as {@link
  /// LocalResponseNorm} does.
  ///
  /// @param input a tensor $(N, C, *)$ of three dimensions or more
  /// @param size the number of neighbouring channels
  /// @param alpha the factor of their mean square
  /// @param beta the exponent
  /// @param k the summand
  /// @return a tensor of the input's shape
  /// @throws ValueException if it has fewer than three dimensions
  public static Tensor localResponseNorm(
      Tensor input, long size, double alpha, double beta, double k) {
    long[] shape = input.shape();
    if (shape.length < 3) {
      throw new ValueException(
          "Expected 3D or higher dimensionality                          input (got %d dimensions)"
              .formatted(shape.length));
    }
    if (input.numel() == 0) return input;
    Tensor squares = input.mul(input);
    long before = Math.floorDiv(size, 2);
    long after = Math.floorDiv(size - 1, 2);
    long[] one = {1};
    Tensor mean;
    if (shape.length == 3) {
      Tensor padded = pad(squares.unsqueeze(1), new long[] {0, 0, before, after});
      mean = avgPool2d(padded, new long[] {size, 1}, one).squeeze(1);
    } else {
      Tensor volume = squares.view(shape[0], 1, shape[1], shape[2], -1);
      Tensor padded = pad(volume, new long[] {0, 0, 0, 0, before, after});
      mean = avgPool3d(padded, new long[] {size, 1, 1}, one).squeeze(1).view(shape);
    }
    return input.div(mean.mul(alpha).add(k).pow(beta));
  }

  /// Divides vectors by their norm: $v / \max(\lVert v \rVert_p, \epsilon)$.
  ///
  /// @param input a tensor of any shape
  /// @param p the p of the norm
  /// @param dim the dimension along which the vectors lie
  /// @param eps the least divisor
  /// @return a tensor of the input's shape
  /// @throws dev.pantorch.IndexException if there is no such dimension
  public static Tensor normalize(Tensor input, double p, long dim, double eps) {
    Tensor norm = Linalg.vectorNorm(input, p, dim, true);
    return input.div(norm.clampMin(eps).expandAs(input));
  }

  /// Divides vectors along dimension 1 by their Euclidean norm.
  ///
  /// @param input a tensor of two dimensions or more
  /// @return a tensor of the input's shape
  /// @throws dev.pantorch.IndexException if there is no such dimension
  public static Tensor normalize(Tensor input) {
    return normalize(input, 2.0, 1, 1e-12);
  }

  /// Drops whole channels of sequences, as {@link Dropout1d} does.
  ///
  /// @param input a tensor $(N, C, L)$ or $(C, L)$
  /// @param p the probability that a channel is dropped
  /// @param training whether to drop at all
  /// @param inplace whether the input is overwritten
  /// @return a tensor of the input's shape
  /// @throws ValueException if the probability is not between 0 and 1
  /// @throws ShapeException if the input has another number of dimensions
  public static Tensor dropout1d(Tensor input, double p, boolean training, boolean inplace) {
    DropoutNd.check(p);
    long dimensions = input.dim();
    if (dimensions != 2 && dimensions != 3) {
      throw new ShapeException(
          "dropout1d: Expected 2D or 3D input, but received a %dD input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs)."
              .formatted(dimensions));
    }
    return dropChannels(input, p, training, inplace, dimensions == 2);
  }

  /// Drops whole channels of images, as {@link Dropout2d} does.
  ///
  /// @param input a tensor $(N, C, H, W)$; of three dimensions it is taken as $(N, C, L)$
  /// @param p the probability that a channel is dropped
  /// @param training whether to drop at all
  /// @param inplace whether the input is overwritten
  /// @return a tensor of the input's shape
  /// @throws ValueException if the probability is not between 0 and 1
  public static Tensor dropout2d(Tensor input, double p, boolean training, boolean inplace) {
    DropoutNd.check(p);
    long dimensions = input.dim();
    if (dimensions == 3) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout"
              + " behavior is desired - input is interpreted as shape (N, C, L), where C is the"
              + " channel dim. This behavior will change in a future release to interpret the input"
              + " as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D"
              + " channel-wise dropout behavior, please switch to using dropout1d instead.");
    } else if (dimensions != 4) {
      warnOfDimensions("dropout2d", dimensions, 2);
    }
    return dropChannels(input, p, training, inplace, false);
  }

  /// Drops whole channels of volumes, as {@link Dropout3d} does.
  ///
  /// @param input a tensor $(N, C, D, H, W)$ or $(C, D, H, W)$
  /// @param p the probability that a channel is dropped
  /// @param training whether to drop at all
  /// @param inplace whether the input is overwritten
  /// @return a tensor of the input's shape
  /// @throws ValueException if the probability is not between 0 and 1
  public static Tensor dropout3d(Tensor input, double p, boolean training, boolean inplace) {
    DropoutNd.check(p);
    long dimensions = input.dim();
    if (dimensions != 4 && dimensions != 5) warnOfDimensions("dropout3d", dimensions, 3);
    return dropChannels(input, p, training, inplace, dimensions != 5);
  }

  private static void warnOfDimensions(String name, long dimensions, int spatial) {
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "%s: Received a %d-D input to %s, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that %s exists to provide channel-wise dropout on inputs with %d spatial dimensions, a channel dimension, and an optional batch dimension (i.e. %dD or %dD inputs)."
            .formatted(name, dimensions, name, name, spatial, spatial + 1, spatial + 2));
  }

  private static Tensor dropChannels(
      Tensor input, double p, boolean training, boolean inplace, boolean single) {
    if (inplace) {
      if (!single) return Torch.featureDropout_(input, p, training);
      return Torch.featureDropout_(input.unsqueeze_(0), p, training).squeeze_(0);
    }
    if (!single) return Torch.featureDropout(input, p, training);
    return Torch.featureDropout(input.unsqueeze(0), p, training).squeeze(0);
  }

  /// Sums, averages or maximises the vectors of bags of indices, with all settings of {@link
  /// EmbeddingBag}.
  ///
  /// @param input row indices: $(B, n)$ for bags of one size, or $(total)$ with offsets
  /// @param weight the table $(rows, H)$
  /// @param offsets where each bag begins in a one-dimensional input; null for a two-dimensional
  ///   one
  /// @param maxNorm what the rows that are read are scaled down to, in the table itself; null for
  ///   no limit
  /// @param normType the p of the p-norm that is meant by that
  /// @param scaleGradByFreq whether a row's gradient is divided by how often it is read
  /// @param mode what becomes of the vectors of a bag
  /// @param sparse whether the gradient of the table is a sparse tensor
  /// @param perSampleWeights factors of the input's shape, for sums; null for 1
  /// @param includeLastOffset whether the offsets end with the length of the input
  /// @param paddingIdx the row that does not count, negative ones count from the end; null for none
  /// @return a vector for each bag $(B, H)$
  /// @throws ValueException if shapes or settings do not fit together
  /// @throws NotImplementedException if there are factors and the mode is not the sum
  public static Tensor embeddingBag(
      Tensor input,
      Tensor weight,
      @Nullable Tensor offsets,
      @Nullable Double maxNorm,
      double normType,
      boolean scaleGradByFreq,
      EmbeddingBag.Mode mode,
      boolean sparse,
      @Nullable Tensor perSampleWeights,
      boolean includeLastOffset,
      @Nullable Long paddingIdx) {
    long[] shape = input.shape();
    if (perSampleWeights != null && !Arrays.equals(shape, perSampleWeights.shape())) {
      throw new ValueException(
          "embedding_bag: If per_sample_weights (%s) is not None, then it must have the same shape as the input (%s)"
              .formatted(PythonText.size(perSampleWeights.shape()), PythonText.size(shape)));
    }
    Tensor table = Substitution.value(weight);
    if (table.dim() != 2) {
      throw new ValueException(
          "weight has to be a 2D Tensor, but got Tensor of dimension " + table.dim());
    }
    Tensor indices = input;
    Tensor starts;
    Tensor factors = perSampleWeights;
    boolean last = includeLastOffset;
    if (shape.length == 2) {
      if (offsets != null) {
        throw new ValueException(
            "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of"
                + " fixed length sequences. However, found offsets of type <class 'torch.Tensor'>");
      }
      starts = Torch.arange(0, input.numel(), shape[1], input.dtype().on(input.device()));
      last = false;
      indices = input.reshape(-1);
      if (perSampleWeights != null) factors = perSampleWeights.reshape(-1);
    } else if (shape.length != 1) {
      throw new ValueException(
          "input has to be 1D or 2D Tensor, but got Tensor of dimension " + shape.length);
    } else {
      if (offsets == null) throw new ValueException("offsets has to be a 1D Tensor but got None");
      if (offsets.dim() != 1) throw new ValueException("offsets has to be a 1D Tensor");
      starts = offsets;
    }
    if (mode == EmbeddingBag.Mode.MAX && scaleGradByFreq) {
      throw new ValueException("max mode does not support scaling the gradient by the frequency");
    }
    if (mode == EmbeddingBag.Mode.MAX && sparse) {
      throw new ValueException("max mode does not support sparse weights");
    }
    if (maxNorm != null) {
      Tensor read = indices.contiguous();
      Torch.noGrad(() -> Torch.embeddingRenorm_(table.detach(), read, maxNorm, normType));
    }
    if (perSampleWeights != null && mode != EmbeddingBag.Mode.SUM) {
      throw new NotImplementedException(
          "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='%s'). Please open a feature request on GitHub."
              .formatted(mode.word()));
    }
    return Torch.embeddingBag(
            table, indices, starts, scaleGradByFreq, mode.code(), sparse, factors, last, paddingIdx)
        .output();
  }
}
