package dev.pantorch;

/// A gradient is not what finite differences say, Python's
/// `torch.autograd.gradcheck.GradcheckError`.
public class GradcheckException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// With a message.
  ///
  /// @param message says which gradient, with both Jacobians
  public GradcheckException(String message) {
    super(message);
  }
}
