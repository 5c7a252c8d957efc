package dev.pantorch.data;

import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.util.List;

/// Makes a batch of samples.
///
/// ```java
/// Collate<String, Tensor> lengths =
///     samples -> Torch.tensor(samples.stream().mapToLong(String::length).toArray());
/// var loader = new DataLoader<>(Dataset.of(texts), lengths, o -> o.batchSize(32));
/// ```
///
/// @param <T> the type of a sample
/// @param <B> the type of a batch
@FunctionalInterface
public interface Collate<T, B> {
  /// Makes a batch.
  ///
  /// @param samples at least one
  /// @return the batch
  B collate(List<T> samples);

  /// As {@link #of}, for samples of which a batch has the same type: tensors, records of tensors
  /// such as {@link Example}, lists and maps of these.
  ///
  /// @param <T> the type of a sample and of a batch
  /// @return the collation
  static <T> Collate<T, T> byDefault() {
    return DefaultCollate.typed();
  }

  /// Numbers to a tensor of their kind: integers to int64, double to float64, float to float32,
  /// booleans to bool.
  ///
  /// @param <T> the type of the numbers
  /// @return the collation
  static <T> Collate<T, Tensor> numbers() {
    return samples -> (Tensor) of(samples);
  }

  /// Pads sequences at their ends to the longest of the batch.
  ///
  /// @param paddingValue what is filled in
  /// @return a collation of tensors $(L_i, *)$ to a {@link PaddedBatch}
  static Collate<Tensor, PaddedBatch> padSequence(double paddingValue) {
    return samples -> PaddedBatch.of(samples, paddingValue);
  }

  /// What Python's `default_collate` does: tensors are stacked, numbers become a tensor (integers
  /// of int64, double of float64, float of float32, booleans of bool), strings stay a list, and
  /// records, lists and maps are collated part by part.
  ///
  /// [torch.utils.data.default_collate](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.default_collate)
  ///
  /// @param samples at least one, of one kind
  /// @return the batch
  /// @throws TypeException if samples of this type cannot be collated
  /// @throws ValueException if lists differ in length
  /// @throws dev.pantorch.ShapeException if tensors differ in shape
  static Object of(List<?> samples) {
    return DefaultCollate.collate(samples);
  }
}
