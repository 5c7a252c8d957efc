package dev.pantorch.internal;

/// Marks the constructor of Tensor that takes a native handle: nobody outside this module can name
/// this type, hence nobody can wrap a number that is not a handle.
public enum NewTensor {
  HANDLE
}
