package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;

/// Shapes do not fit each other or the operator. libtorch reports these as plain errors; they are
/// told apart by their text.
public class ShapeException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public ShapeException(String message) {
    super(message);
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public ShapeException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }
}
