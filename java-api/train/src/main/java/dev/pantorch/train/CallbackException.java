package dev.pantorch.train;

import dev.pantorch.TorchException;

/// A callback failed: the cause says how.
public final class CallbackException extends TorchException {
  private static final long serialVersionUID = 1L;

  CallbackException(Callback callback, String event, Throwable cause) {
    super("%s failed in %s: %s".formatted(callback.getClass().getName(), event, cause));
    initCause(cause);
  }
}
