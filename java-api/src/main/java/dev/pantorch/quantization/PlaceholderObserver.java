package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.internal.PythonText;

/// Stands where nothing is observed, and says which dtype is meant: the activations of layers whose
/// weights alone are quantized.
///
/// ```java
/// var observer = new PlaceholderObserver(DType.FLOAT32);
/// ```
///
/// [torch.ao.quantization.observer.PlaceholderObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.PlaceholderObserver.html)
public final class PlaceholderObserver extends ObserverBase {
  /// One of floats.
  public PlaceholderObserver() {
    this(DType.FLOAT32);
  }

  /// One of a given dtype.
  ///
  /// @param dtype the dtype
  public PlaceholderObserver(DType dtype) {
    super(dtype);
  }

  @Override
  void observe(Tensor input) {}

  @Override
  public QParams calculateQParams() {
    throw new UnsupportedOperationException(
        "calculate_qparams should not be called for PlaceholderObserver");
  }

  @Override
  protected String extraRepr() {
    return "dtype=%s, is_dynamic=%s".formatted(dtype(), PythonText.bool(false));
  }
}
