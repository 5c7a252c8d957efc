package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.ref.Cleaner;

/// Keeps a native error so that its C++ stack trace, which takes milliseconds to symbolise, is made
/// only when someone asks. Errors are rare, so a Cleaner is cheap enough here.
public final class NativeBacktrace {
  private static final Cleaner CLEANER = Cleaner.create();

  private final long error;

  NativeBacktrace(long error) {
    this.error = error;
    CLEANER.register(this, () -> pantorch_h.pt_error_free(error));
  }

  /// The message with libtorch's C++ stack trace.
  public synchronized String text() {
    return pantorch_h.pt_error_backtrace(error).getString(0);
  }
}
