package dev.pantorch.data;

/// Some samples of a dataset.
///
/// ```java
/// Subset<Tensor> some = new Subset<>(data, 0, 5, 7);
/// Tensor last = some.get(2); // data.get(7)
/// ```
///
/// [torch.utils.data.Subset](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.Subset)
///
/// @param <T> the type of a sample
public final class Subset<T> implements Dataset<T> {
  private final Dataset<T> dataset;
  private final int[] indices;

  /// A view of the samples at some indices.
  ///
  /// @param dataset the whole
  /// @param indices which samples, in the order wanted
  /// @throws dev.pantorch.IndexException if there is no such sample
  public Subset(Dataset<T> dataset, int... indices) {
    this.dataset = dataset;
    this.indices = indices.clone();
    for (int index : indices) Indices.check(index, dataset.size());
  }

  /// The whole dataset.
  ///
  /// @return what the constructor was given
  public Dataset<T> dataset() {
    return dataset;
  }

  /// Which samples of the whole these are.
  ///
  /// @return a copy
  public int[] indices() {
    return indices.clone();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public T get(int index) {
    return dataset.get(indices[Indices.check(index, indices.length)]);
  }

  /// Indices into the whole of these samples.
  int[] resolve(int... chosen) {
    int[] resolved = new int[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      resolved[i] = indices[Indices.check(chosen[i], indices.length)];
    }
    return resolved;
  }
}
