package dev.pantorch.nn;

import dev.pantorch.internal.PythonText;

/// Puts a value around a sequence.
///
/// ```java
/// Tensor y = new ConstantPad1d(1, 3.5).forward(Torch.randn(20, 16, 50));
/// ```
///
/// **Shape.** Input $(N, C, L_{in})$ or $(C, L_{in})$; output $(N, C, L_{out})$ or $(C, L_{out})$,
/// larger by the padding on both sides.
///
/// [torch.nn.ConstantPad1d](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ConstantPad1d.html)
public final class ConstantPad1d extends PadNd {
  private final Number value;

  /// A layer with the same padding on all sides.
  ///
  /// @param padding by how much each side grows
  /// @param value what is put there
  public ConstantPad1d(long padding, Number value) {
    this(new long[] {padding}, value);
  }

  /// A layer with a padding for each side.
  ///
  /// @param padding by how much left and right grow, in this order; negative ones crop
  /// @param value what is put there
  public ConstantPad1d(long[] padding, Number value) {
    super(1, padding, "constant", value.doubleValue());
    this.value = value;
  }

  @Override
  protected String extraRepr() {
    return "padding=%s, value=%s".formatted(PythonText.tuple(padding), PythonText.scalar(value));
  }
}
