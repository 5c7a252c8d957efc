package dev.pantorch.nn;

import dev.pantorch.internal.PythonText;

/// Puts a value around an image.
///
/// ```java
/// Tensor y = new ConstantPad2d(1, 3.5).forward(Torch.randn(20, 16, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, H_{in}, W_{in})$ or $(C, H_{in}, W_{in})$; output $(N, C, H_{out},
/// W_{out})$ or $(C, H_{out}, W_{out})$, larger by the padding on both sides.
///
/// [torch.nn.ConstantPad2d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ConstantPad2d.html)
public final class ConstantPad2d extends PadNd {
  private final Number value;

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  /// @param value what is put there
  public ConstantPad2d(long padding, Number value) {
    this(new long[] {padding}, value);
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top and bottom grow, in this order; negative ones crop
  /// @param value what is put there
  public ConstantPad2d(long[] padding, Number value) {
    super(2, padding, "constant", value.doubleValue());
    this.value = value;
  }

  @Override
  protected String extraRepr() {
    return "padding=%s, value=%s".formatted(PythonText.tuple(padding), PythonText.scalar(value));
  }
}
