package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;

/// A matrix cannot be decomposed or inverted (`torch.linalg.LinAlgError` in Python).
public class LinAlgException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public LinAlgException(String message) {
    super(message);
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public LinAlgException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }
}
