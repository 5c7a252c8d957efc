package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.nn.Embedding;
import dev.pantorch.nn.Module;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What {@link Quantization#quantizeDynamic} quantizes, and to what.
///
/// ```java
/// Quantization.quantizeDynamic_(model, o -> o.types(LSTM.class).names("fc").dtype(DType.QINT8));
/// ```
public final class DynamicOptions {
  static final List<DType> DTYPES =
      List.of(DType.QINT8, DType.FLOAT16, DType.QUINT8, DType.QUINT4X2);

  final Set<Class<? extends Module>> types = new HashSet<>();
  final Set<String> names = new LinkedHashSet<>();
  DType dtype = DType.QINT8;

  DynamicOptions() {}

  /// Modules of these classes, themselves and what is in them. Without types and names, all layers
  /// that can be quantized are.
  ///
  /// @param types classes of layers or of modules with such layers, subclasses not meant
  /// @return these options
  @SafeVarargs
  public final DynamicOptions types(Class<? extends Module>... types) {
    for (Class<? extends Module> type : types) this.types.add(type);
    return this;
  }

  /// Modules of these names, themselves and what is in them.
  ///
  /// @param names paths as {@link Module#namedModules} has them: `encoder.lstm`
  /// @return these options
  public DynamicOptions names(String... names) {
    this.names.addAll(List.of(names));
    return this;
  }

  /// As in Python, half bytes are for bags unless an `Embedding` is asked for.
  boolean isDefault(Module module, boolean direct) {
    return direct || dtype != DType.QUINT4X2 || !(module instanceof Embedding);
  }

  /// What weights become. Of linear and recurrent layers `QINT8`, bytes with one scale for each
  /// matrix, or `FLOAT16`; of `Embedding` and `EmbeddingBag` `QUINT8` or `QUINT4X2`, bytes or half
  /// bytes with a scale for each row. A model with both is quantized twice.
  ///
  /// @param dtype `QINT8` unless set
  /// @return these options
  public DynamicOptions dtype(DType dtype) {
    this.dtype = dtype;
    return this;
  }
}
