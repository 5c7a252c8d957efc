package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;

/// Orders channels anew, so that each group gets some of every group (Zhang and others 2018): $(g,
/// C / g)$ becomes $(C / g, g)$.
///
/// ```java
/// Tensor y = new ChannelShuffle(2).forward(Torch.randn(1, 4, 100, 100));
/// ```
///
/// **Shape.** Input $(N, C, *)$ with $C$ divisible by the groups; output the same.
///
/// [torch.nn.ChannelShuffle](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ChannelShuffle.html)
public final class ChannelShuffle extends Layer {
  private final long groups;

  /// Makes the layer.
  ///
  /// @param groups the number $g$ of groups
  public ChannelShuffle(long groups) {
    this.groups = groups;
  }

  /// Shuffles the channels.
  ///
  /// @param input a tensor of the shape above
  /// @return the rearranged elements
  /// @throws dev.pantorch.TorchException if the sizes are not divisible
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> Torch.channelShuffle(x, groups));
  }

  @Override
  protected String extraRepr() {
    return "groups=" + groups;
  }
}
