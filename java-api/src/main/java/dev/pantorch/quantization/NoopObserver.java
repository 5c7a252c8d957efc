package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;

/// Observes nothing.
///
/// ```java
/// var observer = new NoopObserver(DType.FLOAT16);
/// ```
///
/// [torch.ao.quantization.observer.NoopObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.NoopObserver.html)
public final class NoopObserver extends ObserverBase {
  /// One of halves.
  public NoopObserver() {
    this(DType.FLOAT16);
  }

  /// One of a given dtype.
  ///
  /// @param dtype the dtype
  public NoopObserver(DType dtype) {
    super(dtype);
  }

  @Override
  void observe(Tensor input) {}

  @Override
  public QParams calculateQParams() {
    throw new UnsupportedOperationException(
        "calculate_qparams should not be called for NoopObserver");
  }
}
