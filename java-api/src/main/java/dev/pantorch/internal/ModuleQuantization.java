package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.BatchNorm;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What `dev.pantorch.quantization` and tracing do with the layers of `dev.pantorch.nn`, which keep
/// it to their package.
public abstract class ModuleQuantization {
  private static @Nullable ModuleQuantization access;

  protected ModuleQuantization() {}

  /// What a quantized module computes with.
  ///
  /// @param objects packed weights by the names of attributes
  /// @param holds whether a buffer is in one of them, and is not read itself
  public record Packed(SequencedMap<String, ScriptObject> objects, Predicate<String> holds) {}

  /// What a statically quantized layer is made of besides its settings.
  ///
  /// @param weight its quantized weight, null for a layer without
  /// @param scale the scale of its outputs
  /// @param zeroPoint their zero point
  public record Static(@Nullable Tensor weight, Tensor scale, Tensor zeroPoint) {}

  /// Says how. Called once, before there is a module.
  public static void install(ModuleQuantization newAccess) {
    access = newAccess;
  }

  public static ModuleQuantization get() {
    return Objects.requireNonNull(access);
  }

  /// Quantizes a module's own weights to a dtype, unless they are.
  ///
  /// @return null where the module cannot be quantized to it
  public abstract @Nullable Consumer<DType> dynamic(Module module, DType dtype);

  /// What a module has packed; nothing unless it is quantized.
  public abstract Packed packed(Module module);

  public abstract boolean isQuantized(Module module);

  /// How a module computes; null for the way of its class.
  public abstract @Nullable LayerForm form(Module module);

  public abstract void setForm(Module module, @Nullable LayerForm form);

  /// Takes a norm into the weights of a layer.
  public abstract void fold(Layer layer, BatchNorm norm);

  /// Makes the first of several layers compute what all of them did.
  public abstract void fuse(List<? extends Module> layers);

  /// Makes the weight of a linear layer one of 8 or 4 bits, and leaves other modules alone.
  public abstract void weightOnly(Module module, int bits, long groupSize);

  /// Whether there is a statically quantized module of its class.
  public abstract boolean isStatic(Module module);

  /// Whether that has a scale of its own, and not its input's.
  public abstract boolean isScaled(Module module);

  /// The weight that a statically quantized module has as bytes, or null.
  public abstract @Nullable Tensor staticWeight(Module module);

  /// Makes a layer take and return quantized tensors.
  public abstract void convert(Module module, Static parts);
}
