package dev.pantorch.jit;

import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.NativeObject;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A value of libtorch's that Java has no form for: an object of a TorchScript or a C++ class, such
/// as the packed weights that quantized operators take.
///
/// ```java
/// Object packed = Torch.op("quantized::linear_prepack").call(weight, bias).getFirst();
/// Tensor y = Torch.op("quantized::linear_dynamic").callTensor(x, packed, true);
/// ```
///
/// It lives as long as it is reachable, and may be shared between threads.
@SuppressWarnings("exports") // the superclass is internal on purpose
public final class ScriptObject extends NativeObject {
  /// Wraps a native handle.
  ///
  /// @param handle a new handle; the type is internal so that only this module can call this
  @SuppressWarnings("exports")
  public ScriptObject(NativeHandle handle) {
    super(handle);
  }

  /// The name of its class.
  ///
  /// @return `__torch__.torch.classes.quantized.LinearPackedParamsBase` for instance
  public String typeName() {
    return JitCalls.typeName(this);
  }

  /// Calls a method of an object of a TorchScript class.
  ///
  /// @param name the method
  /// @param arguments its arguments without the object itself
  /// @return what it returns, as {@link ScriptModule#call} does
  /// @throws dev.pantorch.TorchException if there is no such method, the arguments do not fit or it
  ///   fails
  public @Nullable Object callMethod(String name, @Nullable Object... arguments) {
    return JitCalls.call(this, name, Arrays.asList(arguments), Map.of());
  }

  @Override
  public String toString() {
    return "<" + typeName() + ">";
  }
}
