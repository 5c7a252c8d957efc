package dev.pantorch.onnx;

/// Something in a model cannot be said in ONNX; the message names the operator, the module and the
/// line that called it. Or what was said is found to be wrong.
public final class OnnxExportException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  OnnxExportException(String message) {
    super(message);
  }

  OnnxExportException(String message, Throwable cause) {
    super(message, cause);
  }
}
