package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;

/// The operator has no kernel for this device, dtype or layout (`NotImplementedError` in Python).
public class NotImplementedException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public NotImplementedException(String message) {
    super(message);
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public NotImplementedException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }
}
