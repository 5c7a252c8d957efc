package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// The functions of {@link Functional} that Python's `torch.nn.functional` has beside tensors' own
/// methods of the same meaning.
abstract class ActivationFunctions extends LayerFunctions {
  ActivationFunctions() {}

  /// The logistic function, as {@link Sigmoid} has it.
  ///
  /// @param input any shape
  /// @return the input's shape
  public static Tensor sigmoid(Tensor input) {
    return input.sigmoid();
  }

  /// The logarithm of the logistic function, as {@link LogSigmoid} has it.
  ///
  /// @param input any shape
  /// @return the input's shape
  public static Tensor logsigmoid(Tensor input) {
    return NnFunctions.logSigmoid(input);
  }

  /// The hyperbolic tangent, as {@link Tanh} has it.
  ///
  /// @param input any shape
  /// @return the input's shape
  public static Tensor tanh(Tensor input) {
    return input.tanh();
  }

  /// $x - \tanh x$, as {@link Tanhshrink} has it.
  ///
  /// @param input any shape
  /// @return the input's shape
  public static Tensor tanhshrink(Tensor input) {
    return input.sub(input.tanh());
  }

  /// $x / (1 + |x|)$, as {@link Softsign} has it.
  ///
  /// @param input any shape
  /// @return the input's shape
  public static Tensor softsign(Tensor input) {
    return input.div(input.abs().add(1));
  }

  /// The softmax of the negated input, as {@link Softmin} has it.
  ///
  /// @param input any shape
  /// @param dim the dimension that sums to 1
  /// @return the input's shape
  /// @throws dev.pantorch.IndexException if there is no such dimension
  public static Tensor softmin(Tensor input, long dim) {
    return input.neg().softmax(dim);
  }

  /// Draws from the Gumbel-softmax distribution (Jang and others 2016), which approaches one-hot
  /// draws with the probabilities $softmax(logits)$ as the temperature falls.
  ///
  /// @param logits unnormalised log-probabilities of any shape
  /// @param tau the temperature, above 0
  /// @param hard whether the values are one-hot, with the gradients of the soft ones
  /// @param dim the dimension that sums to 1
  /// @return the logits' shape
  /// @throws dev.pantorch.IndexException if there is no such dimension
  public static Tensor gumbelSoftmax(Tensor logits, double tau, boolean hard, long dim) {
    Tensor gumbels = Torch.emptyLike(logits).exponential_().log().neg();
    Tensor soft = logits.add(gumbels).div(tau).softmax(dim);
    if (!hard) return soft;
    Tensor index = soft.max(dim, true).indices();
    Tensor oneHot = Torch.zerosLike(logits).scatter_(dim, index, 1.0);
    return oneHot.sub(soft.detach()).add(soft);
  }

  /// Orders channels anew, as {@link ChannelShuffle} does.
  ///
  /// @param input a tensor $(N, C, *)$
  /// @param groups a divisor of $C$
  /// @return a tensor of the input's shape
  /// @throws dev.pantorch.TorchException if the groups do not divide the channels
  public static Tensor channelShuffle(Tensor input, long groups) {
    return Torch.channelShuffle(input, groups);
  }

  /// A convolution over sequences that stand as (time, batch, channels).
  ///
  /// @param input a tensor $(T, N, C_{in})$
  /// @param weight kernels $(kernelSize, C_{in}, C_{out})$
  /// @param bias summands $(C_{out})$
  /// @param pad by how much the time is padded with zeros on both sides
  /// @return a tensor $(T_{out}, N, C_{out})$
  /// @throws dev.pantorch.TorchException if the shapes do not fit
  public static Tensor convTbc(Tensor input, Tensor weight, Tensor bias, long pad) {
    return Torch.convTbc(input, weight, bias, pad);
  }

  /// The maxima of windows of a sequence and where they stood.
  ///
  /// @param input a tensor $(N, C, L)$ or $(C, L)$
  /// @param kernelSize the size of the window
  /// @param stride by how much it moves
  /// @param padding by how much the input is padded with minus infinity
  /// @param dilation how far the elements of a window are apart
  /// @param ceilMode whether windows that end beyond the input count
  /// @return the maxima and their indices
  /// @throws dev.pantorch.TorchException if the dimensions do not fit
  public static Pooled maxPool1dWithIndices(
      Tensor input, long kernelSize, long stride, long padding, long dilation, boolean ceilMode) {
    var found = Torch.maxPool1dWithIndices(input, kernelSize, stride, padding, dilation, ceilMode);
    return new Pooled(found.output(), found.indices());
  }
}
