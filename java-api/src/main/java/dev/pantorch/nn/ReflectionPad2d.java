package dev.pantorch.nn;

/// Puts around an image its mirror image, without repeating the border itself.
///
/// ```java
/// Tensor y = new ReflectionPad2d(1).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$, larger by the padding on both sides.
///
/// [torch.nn.ReflectionPad2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ReflectionPad2d.html)
public final class ReflectionPad2d extends PadNd {

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  public ReflectionPad2d(long padding) {
    this(new long[] {padding});
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top and bottom grow, in this order
  public ReflectionPad2d(long[] padding) {
    super(2, padding, "reflect", null);
  }
}
