package dev.pantorch;

import dev.pantorch.internal.NativeBacktrace;

/// Tensors are on different devices, or a device reported an error.
public class DeviceException extends TorchException {
  private static final long serialVersionUID = 1L;

  /// Made by Pantorch itself, before any native call.
  ///
  /// @param message what was given, what was expected, what to do
  public DeviceException(String message) {
    super(message);
  }

  /// Made from a native error.
  ///
  /// @param message what libtorch says, and of what call
  /// @param backtrace the native stack trace
  @SuppressWarnings("exports") // the type is internal on purpose: only the error gate has one
  public DeviceException(String message, NativeBacktrace backtrace) {
    super(message, backtrace);
  }
}
