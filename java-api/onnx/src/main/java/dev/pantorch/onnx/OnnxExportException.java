package dev.pantorch.onnx;

/// Something in a model cannot be said in ONNX. The message names the operator, the module and the
/// line that called it.
public final class OnnxExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OnnxExportException(String message) {
    super(message);
  }
}
