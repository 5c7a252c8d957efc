package dev.pantorch.nn.utils.rnn;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import org.jspecify.annotations.Nullable;

/// Sequences of different lengths without their padding, step after step, the longest sequence
/// first in each step. Recurrent layers read it and compute nothing for padding.
///
/// ```java
/// PackedSequence packed = Rnn.packSequence(List.of(Torch.randn(7, 5), Torch.randn(4, 5)));
/// LSTM.PackedOutput result = lstm.forward(packed);
/// Tensor outputs = result.output().data(); // (11, 64)
/// ```
///
/// With the sequences `abc` and `x`, `data` is `axbc` and `batchSizes` is `[2, 1, 1]`. Made by
/// {@link Rnn#packPaddedSequence} and {@link Rnn#packSequence}, not by hand.
///
/// [torch.nn.utils.rnn.PackedSequence](https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.rnn.PackedSequence.html)
///
/// @param data the elements, $(\sum L_i, *)$
/// @param batchSizes how many sequences reach each step, int64 on the CPU
/// @param sortedIndices which sequence of the batch comes first, second and so on; null if they
///   were sorted by length already
/// @param unsortedIndices the inverse permutation; computed if it is null and sorted indices are
///   not
public record PackedSequence(
    Tensor data,
    Tensor batchSizes,
    @Nullable Tensor sortedIndices,
    @Nullable Tensor unsortedIndices) {
  /// Checks where the batch sizes are, and inverts the permutation.
  ///
  /// @throws ValueException if the batch sizes are not on the CPU
  public PackedSequence {
    if (batchSizes.device().type() != DeviceType.CPU) {
      throw new ValueException(
          "batch_sizes should always be on CPU. Instances of PackedSequence should never be created"
              + " manually. They should be instantiated by functions like pack_sequence and"
              + " pack_padded_sequences in nn.utils.rnn."
              + " https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence");
    }
    if (unsortedIndices == null && sortedIndices != null) {
      unsortedIndices = inverted(sortedIndices);
    }
  }

  /// Sequences that are sorted by length.
  ///
  /// @param data the elements, $(\sum L_i, *)$
  /// @param batchSizes how many sequences reach each step, int64 on the CPU
  public PackedSequence(Tensor data, Tensor batchSizes) {
    this(data, batchSizes, null, null);
  }

  private static Tensor inverted(Tensor permutation) {
    Tensor inverse = Torch.emptyLike(permutation);
    try (Tensor places = Torch.arange(permutation.numel(), DType.INT64.on(permutation.device()))) {
      return inverse.scatter_(0, permutation, places);
    }
  }

  /// Converts the data as {@link Tensor#to}; the permutations follow it to a device, the batch
  /// sizes stay on the CPU.
  ///
  /// @param options a dtype, a device or both
  /// @return this, if nothing changes, or a new packed sequence
  public PackedSequence to(TensorOptions options) {
    Tensor converted = data.to(options);
    if (converted.dtype() == data.dtype() && converted.device().equals(data.device())) {
      if (converted != data) converted.close();
      return this;
    }
    return new PackedSequence(
        converted,
        batchSizes,
        follow(converted, sortedIndices),
        follow(converted, unsortedIndices));
  }

  private static @Nullable Tensor follow(Tensor data, @Nullable Tensor indices) {
    return indices == null ? null : indices.to(data.device());
  }
}
