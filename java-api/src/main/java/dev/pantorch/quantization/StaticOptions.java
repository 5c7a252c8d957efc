package dev.pantorch.quantization;

import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What {@link Quantization#prepare_} observes, and how.
///
/// ```java
/// Quantization.prepare_(model, o -> o.fuse("conv", "bn", "relu").qconfig("head", null));
/// ```
public final class StaticOptions {
  final List<String[]> fused = new ArrayList<>();
  final Map<String, @Nullable QConfig> names = new LinkedHashMap<>();
  final Map<Class<?>, @Nullable QConfig> types = new HashMap<>();
  @Nullable QConfig qconfig;
  private boolean isSet;

  StaticOptions() {}

  /// Layers that become one, as {@link Quantization#fuseModules_} makes them. May be called several
  /// times.
  ///
  /// @param names two or three paths, in the order in which the layers compute
  /// @return these options
  public StaticOptions fuse(String... names) {
    fused.add(names.clone());
    return this;
  }

  /// How all layers are quantized for which nothing else is said.
  ///
  /// @param qconfig {@link QConfig#getDefault} of the engine unless set; null for no layers
  /// @return these options
  public StaticOptions qconfig(@Nullable QConfig qconfig) {
    this.qconfig = qconfig;
    isSet = true;
    return this;
  }

  /// How a module and all in it are quantized.
  ///
  /// @param name its path: `features.conv`
  /// @param qconfig null to leave them as floats
  /// @return these options
  public StaticOptions qconfig(String name, @Nullable QConfig qconfig) {
    names.put(name, qconfig);
    return this;
  }

  /// How the modules of a class, subclasses not meant, and all in them are quantized.
  ///
  /// @param type the class
  /// @param qconfig null to leave them as floats
  /// @return these options
  public StaticOptions qconfig(Class<? extends Module> type, @Nullable QConfig qconfig) {
    types.put(type, qconfig);
    return this;
  }

  @Nullable QConfig general() {
    return isSet ? qconfig : QConfig.getDefault(Quantization.engine());
  }
}
