package dev.pantorch.nn;

/// Puts zeros around a volume.
///
/// ```java
/// Tensor y = new ZeroPad3d(1).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$, larger by the padding on
/// both sides.
///
/// [torch.nn.ZeroPad3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ZeroPad3d.html)
public final class ZeroPad3d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public ZeroPad3d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top, bottom, front and back grow, in this order;
  ///   negative ones crop
  public ZeroPad3d(long[] padding) {
    super(3, padding, "constant", 0.0);
  }
}
