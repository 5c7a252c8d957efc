package dev.pantorch.internal;

import dev.pantorch.jit.ScriptObject;

/// What an object of TorchScript is to this library.
public abstract class NativeObject {
  private final NativeHandle handle;

  protected NativeObject(NativeHandle handle) {
    this.handle = handle;
  }

  static long handle(CallFrame frame, ScriptObject object) {
    return ((NativeObject) object).handle.in(frame);
  }
}
