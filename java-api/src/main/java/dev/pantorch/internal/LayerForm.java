package dev.pantorch.internal;

import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.Module;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// How a layer computes since it was fused, observed or quantized. Python puts another module in
/// its place, which the fields of a Java class could not follow.
public abstract class LayerForm {
  /// For subclasses.
  protected LayerForm() {}

  /// Computes in the place of the layer's class.
  ///
  /// @param input what forward was given
  /// @param own what the class itself computes
  /// @return what forward returns
  public abstract Object compute(Object input, UnaryOperator<Object> own);

  /// The name of Python's module.
  ///
  /// @param own the name of the class
  public String typeName(String own) {
    return own;
  }

  /// What stands in the parentheses when the layer is printed.
  ///
  /// @param own what the class itself says
  public String extraRepr(String own) {
    return own;
  }

  /// The layer that computes what this one did, if it is the last one that was fused into it.
  public @Nullable Module computedBy() {
    return null;
  }

  public boolean isQuantized() {
    return false;
  }

  /// Packed weights by the names of attributes.
  public SequencedMap<String, ScriptObject> packed() {
    return new LinkedHashMap<>();
  }

  /// Whether a buffer is in one of the packed weights, and is not read itself.
  public boolean holds(String buffer) {
    return false;
  }

  /// Follows parameters and buffers that have other values now.
  public void repack() {}
}
