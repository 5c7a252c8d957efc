package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;

/// Memory for a tensor could not be had, even after unreachable tensors were freed.
///
/// The message says how much was wanted, how much is live and what the limit is. At level trace of
/// {@link LeakDetection} it also lists the largest live tensors and where they were made; at the
/// other levels it says how to have that.
public class OutOfMemoryException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public OutOfMemoryException(String message) {
    super(message);
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public OutOfMemoryException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }
}
