package dev.pantorch.nn;

/// Puts zeros around a sequence.
///
/// ```java
/// Tensor y = new ZeroPad1d(1).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$,
/// larger by the padding on both sides.
///
/// [torch.nn.ZeroPad1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ZeroPad1d.html)
public final class ZeroPad1d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public ZeroPad1d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left and right grow, in this order; negative ones crop
  public ZeroPad1d(long[] padding) {
    super(1, padding, "constant", 0.0);
  }
}
