package dev.pantorch.jit;

import dev.pantorch.TorchException;

/// A trace was not what a further run of the same function has called: see {@link
/// TraceOptions#checkTrace}.
public final class TracingCheckException extends TorchException {
  private static final long serialVersionUID = 1L;

  TracingCheckException(String message) {
    super(message);
  }
}
