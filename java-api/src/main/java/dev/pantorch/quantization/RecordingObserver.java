package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;

/// Keeps copies of all that it sees, to look into a model.
///
/// ```java
/// var observer = new RecordingObserver();
/// observer.forward(x);
/// Tensor seen = observer.tensorVal().getFirst();
/// ```
///
/// [torch.ao.quantization.observer.RecordingObserver](https://docs.pytorch.org/docs/2.13/generated/torch.ao.quantization.observer.RecordingObserver.html)
public final class RecordingObserver extends ObserverBase {
  private final List<Tensor> tensorVal = new ArrayList<>();

  /// One that has seen nothing.
  public RecordingObserver() {
    super(DType.QUINT8);
  }

  /// What it has seen.
  ///
  /// @return copies, which the observer owns
  public List<Tensor> tensorVal() {
    return List.copyOf(tensorVal);
  }

  @Override
  void observe(Tensor input) {
    tensorVal.add(Torch.clone(input).keep());
  }

  @Override
  public QParams calculateQParams() {
    throw new UnsupportedOperationException(
        "calculate_qparams should not be called for RecordingObserver");
  }
}
