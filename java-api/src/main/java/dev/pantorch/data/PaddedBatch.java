package dev.pantorch.data;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.List;

/// Sequences of different lengths in one tensor.
///
/// ```java
/// PaddedBatch batch = PaddedBatch.of(List.of(Torch.randn(7, 5), Torch.randn(4, 5)), 0);
/// Tensor padded = batch.data(); // (2, 7, 5)
/// Tensor mask = batch.mask(); // (2, 7), false at the last three of the second
/// ```
///
/// **Shape.** Data $(N, L, *)$ with $L$ the longest length; lengths $(N)$ of int64 on the CPU.
///
/// @param data the sequences, padded at their ends
/// @param lengths how long each one is
public record PaddedBatch(Tensor data, Tensor lengths) {
  /// Pads sequences at their ends to the longest of them.
  ///
  /// @param sequences $(L_i, *)$ each, at least one
  /// @param paddingValue what is filled in
  /// @return data $(N, L, *)$ and lengths
  /// @throws ShapeException if the sequences differ in more than their length
  public static PaddedBatch of(List<Tensor> sequences, double paddingValue) {
    if (sequences.isEmpty()) throw new ValueException("there is no sequence to pad");
    Tensor first = sequences.getFirst();
    long[] lengths = new long[sequences.size()];
    long longest = 0;
    for (int i = 0; i < lengths.length; i++) {
      long[] shape = sequences.get(i).shape();
      long[] wanted = first.shape();
      if (shape.length == 0 || shape.length != wanted.length) {
        throw new ShapeException(
            "sequences should have the same dimensions, at least one, but sequence %d has shape %s and sequence 0 %s"
                .formatted(i, Arrays.toString(shape), Arrays.toString(wanted)));
      }
      lengths[i] = shape[0];
      wanted[0] = shape[0];
      if (!Arrays.equals(shape, wanted)) {
        throw new ShapeException(
            "sequences should differ in their first dimension only, but sequence %d has shape %s and sequence 0 %s"
                .formatted(i, Arrays.toString(shape), Arrays.toString(first.shape())));
      }
      longest = Math.max(longest, shape[0]);
    }
    long[] size = new long[first.dim() + 1];
    size[0] = lengths.length;
    size[1] = longest;
    System.arraycopy(first.shape(), 1, size, 2, first.dim() - 1);
    Tensor data = Torch.full(size, paddingValue, first.dtype().on(first.device()));
    for (int i = 0; i < lengths.length; i++) {
      try (Tensor row = data.select(0, i);
          Tensor place = row.narrow(0, 0, lengths[i])) {
        place.copy_(sequences.get(i));
      }
    }
    return new PaddedBatch(data, Torch.tensor(lengths));
  }

  /// Where the data is no padding.
  ///
  /// @return $(N, L)$ of bool, on the data's device
  public Tensor mask() {
    try (Tensor places = Torch.arange(data.size(1));
        Tensor ends = lengths.unsqueeze(1);
        Tensor mask = places.lt(ends)) {
      return mask.to(data.device(), false);
    }
  }
}
