package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.nn.Module;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How `dev.pantorch.quantization` quantizes the layers of `dev.pantorch.nn`.
public final class ModuleQuantization {
  private static @Nullable Function<Module, @Nullable Consumer<DType>> quantizers;

  private ModuleQuantization() {}

  /// Says how. Called once, before there is a module.
  public static void install(Function<Module, @Nullable Consumer<DType>> newQuantizers) {
    quantizers = newQuantizers;
  }

  /// Quantizes a module's own weights, unless they are.
  ///
  /// @return null where the module is of no kind that can be quantized
  public static @Nullable Consumer<DType> of(Module module) {
    return Objects.requireNonNull(quantizers).apply(module);
  }
}
