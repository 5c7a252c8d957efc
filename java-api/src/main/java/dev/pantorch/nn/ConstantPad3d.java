package dev.pantorch.nn;

import dev.pantorch.internal.PythonText;

/// Puts a value around a volume.
///
/// ```java
/// Tensor y = new ConstantPad3d(1, 3.5).forward(Torch.randn(20, 16, 10, 50, 100));
/// ```
///
/// **Shape.** Input $(N, C, D_{in}, H_{in}, W_{in})$ or $(C, D_{in}, H_{in}, W_{in})$; output $(N,
/// C, D_{out}, H_{out}, W_{out})$ or $(C, D_{out}, H_{out}, W_{out})$, larger by the padding on
/// both sides.
///
/// [torch.nn.ConstantPad3d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ConstantPad3d.html)
public final class ConstantPad3d extends PadNd {
  private final Number value;

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  /// @param value what is put there
  public ConstantPad3d(long padding, Number value) {
    this(new long[] {padding}, value);
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left, right, top, bottom, front and back grow, in this order;
  ///   negative ones crop
  /// @param value what is put there
  public ConstantPad3d(long[] padding, Number value) {
    super(3, padding, "constant", value.doubleValue());
    this.value = value;
  }

  @Override
  protected String extraRepr() {
    return "padding=%s, value=%s".formatted(PythonText.tuple(padding), PythonText.scalar(value));
  }
}
