package dev.pantorch.data;

import dev.pantorch.TorchException;

/// A worker of a {@link DataLoader} failed: the cause says how.
public final class DataLoaderException extends TorchException {
  private static final long serialVersionUID = 1L;

  private final long batchIndex;

  DataLoaderException(String message, long batchIndex, Throwable cause) {
    super(message);
    this.batchIndex = batchIndex;
    initCause(cause);
  }

  /// Which batch was being made.
  ///
  /// @return its place in the iteration, from 0
  public long batchIndex() {
    return batchIndex;
  }
}
