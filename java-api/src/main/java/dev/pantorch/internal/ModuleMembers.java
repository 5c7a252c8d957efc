package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a module has under its own names, to be changed: for `dev.pantorch.nn.utils`.
public record ModuleMembers(
    SequencedMap<String, Tensor> parameters,
    SequencedMap<String, Tensor> buffers,
    SequencedMap<String, Module> children) {
  private static @Nullable Function<Module, ModuleMembers> reader;

  /// Says how to read them. Called once, before there is a module.
  public static void install(Function<Module, ModuleMembers> newReader) {
    reader = newReader;
  }

  public static ModuleMembers of(Module module) {
    return Objects.requireNonNull(reader).apply(module);
  }

  /// A child that holds parametrizations, as which it is printed.
  public interface Parametrizations {}
}
