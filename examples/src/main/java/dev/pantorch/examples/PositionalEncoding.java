package dev.pantorch.examples;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Layer;
import java.util.List;

/// Adds to each step a vector that says where it stands, since attention does not see the order:
/// sines and cosines of the position at falling frequencies (Vaswani and others 2017).
public final class PositionalEncoding extends Layer {
  private final Tensor encoding;

  /// An encoding; nothing in it is learned.
  ///
  /// @param dModel the features of a step, an even number
  /// @param maxLength the steps of the longest sequence
  public PositionalEncoding(long dModel, long maxLength) {
    Tensor position = Torch.arange(maxLength).unsqueeze(1);
    Tensor frequencies = Torch.arange(0, dModel, 2).mul(-Math.log(10000.0) / dModel).exp();
    Tensor angles = position.mul(frequencies);
    Tensor pairs = Torch.stack(List.of(angles.sin(), angles.cos()), 2);
    encoding = registerBuffer("encoding", pairs.flatten(1), false);
  }

  /// Adds the encoding.
  ///
  /// @param input (batch, steps, features)
  /// @return the same shape
  @Override
  public Tensor forward(Tensor input) {
    return hooked(input, x -> x.add(encoding.narrow(0, 0, x.size(1))));
  }
}
