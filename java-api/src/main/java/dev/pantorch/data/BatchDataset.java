package dev.pantorch.data;

/// A dataset that makes a batch faster at once than sample by sample: `__getitems__` of Python's
/// datasets. A {@link DataLoader} with the default collation asks it for whole batches.
///
/// ```java
/// class Rows implements BatchDataset<Tensor> {
///   @Override
///   public int size() {
///     return (int) series.size(0);
///   }
///
///   @Override
///   public Tensor get(int index) {
///     return series.select(0, index);
///   }
///
///   @Override
///   public Tensor getBatch(int... indices) {
///     return series.indexSelect(0, Torch.tensor(indices));
///   }
/// }
/// ```
///
/// @param <T> the type of a sample, and of a batch
public interface BatchDataset<T> extends Dataset<T> {
  /// What {@link Collate#byDefault} makes of the samples at these indices, bit for bit.
  ///
  /// @param indices of the samples, in the batch's order
  /// @return the batch
  /// @throws dev.pantorch.IndexException if there is no such sample
  T getBatch(int... indices);
}
