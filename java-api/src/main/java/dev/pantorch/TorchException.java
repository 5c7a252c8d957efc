package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;
import org.jspecify.annotations.Nullable;

/// libtorch refused a call, or Pantorch did before libtorch could get it wrong. The message names
/// the operator, says what libtorch says, and lists the tensors that were given.
///
/// Use after close is no TorchException but an {@link IllegalStateException}: it is a mistake of
/// the program, not of its data.
public class TorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient @Nullable NativeBacktrace backtrace;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public TorchException(String message) {
    super(message);
    this.backtrace = null;
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public TorchException(String message, NativeBacktrace backtrace) {
    super(message);
    this.backtrace = backtrace;
  }

  /// The message with libtorch's C++ stack trace; the message alone where there is none.
  /// Symbolising takes milliseconds, so it happens on this call.
  ///
  /// @return the text
  public String nativeStackTrace() {
    return backtrace == null ? String.valueOf(getMessage()) : backtrace.text();
  }
}
