package dev.pantorch.quantization;

import dev.pantorch.ValueException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What {@link Quantization#quantizeWeights_} does.
///
/// ```java
/// Quantization.quantizeWeights_(model, o -> o.bits(4).groupSize(64).names("fc"));
/// ```
public final class WeightOnlyOptions {
  final Set<String> names = new LinkedHashSet<>();
  int bits = 8;
  long groupSize = 32;

  WeightOnlyOptions() {}

  /// How many bits a weight has: 8, with a scale for each row, or 4, with a scale and a zero for
  /// each group.
  ///
  /// @param bits 8 unless set
  /// @return these options
  public WeightOnlyOptions bits(int bits) {
    this.bits = bits;
    return this;
  }

  /// How many neighbours in a row share a scale and a zero, of weights of 4 bits.
  ///
  /// @param groupSize 32, 64, 128 or 256; 32 unless set
  /// @return these options
  public WeightOnlyOptions groupSize(long groupSize) {
    this.groupSize = groupSize;
    return this;
  }

  /// Modules of these names, themselves and what is in them. Without names, all linear layers are
  /// quantized.
  ///
  /// @param names paths as {@link dev.pantorch.nn.Module#namedModules} has them
  /// @return these options
  public WeightOnlyOptions names(String... names) {
    this.names.addAll(List.of(names));
    return this;
  }

  void check() {
    if (bits != 8 && bits != 4) {
      throw new ValueException("a weight has 8 or 4 bits, got " + bits);
    }
    if (!List.of(32L, 64L, 128L, 256L).contains(groupSize)) {
      throw new ValueException("expect group_size to be 32, 64, 128 or 256, got " + groupSize);
    }
  }
}
