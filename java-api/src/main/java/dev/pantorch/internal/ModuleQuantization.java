package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.Module;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What other packages do with the quantized layers of `dev.pantorch.nn`.
public final class ModuleQuantization {
  private static @Nullable Access access;

  private ModuleQuantization() {}

  /// Reaches what modules keep to their package.
  public interface Access {
    @Nullable Consumer<DType> quantizer(Module module);

    Packed packed(Module module);
  }

  /// What a quantized module computes with.
  ///
  /// @param objects packed weights by the names of attributes
  /// @param holds whether a buffer is in one of them, and is not read itself
  public record Packed(SequencedMap<String, ScriptObject> objects, Predicate<String> holds) {}

  /// Says how. Called once, before there is a module.
  public static void install(Access newAccess) {
    access = newAccess;
  }

  /// Quantizes a module's own weights, unless they are.
  ///
  /// @return null where the module is of no kind that can be quantized
  public static @Nullable Consumer<DType> of(Module module) {
    return Objects.requireNonNull(access).quantizer(module);
  }

  /// What a module has packed; nothing unless it is quantized.
  public static Packed packed(Module module) {
    return Objects.requireNonNull(access).packed(module);
  }
}
