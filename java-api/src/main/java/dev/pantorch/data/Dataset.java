package dev.pantorch.data;

import java.util.List;
import java.util.function.Function;

/// Samples that are found by their index.
///
/// ```java
/// Dataset<Example> data = new TensorDataset(x, y).map(row -> new Example(row.get(0), row.get(1)));
/// ```
///
/// A loader with workers calls {@link #get} from several threads at once, so it must be safe for
/// that, and the tensors that a dataset holds must belong to no confined scope ({@link
/// dev.pantorch.Tensor#keep()}).
///
/// [torch.utils.data.Dataset](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.Dataset)
///
/// @param <T> the type of a sample
public interface Dataset<T> {
  /// How many samples there are.
  ///
  /// @return the number
  int size();

  /// One sample.
  ///
  /// @param index from 0 to {@link #size} - 1
  /// @return the sample
  /// @throws dev.pantorch.IndexException if there is no such sample
  T get(int index);

  /// The dataset of a list's elements.
  ///
  /// @param samples the samples; not copied
  /// @param <T> the type of a sample
  /// @return the dataset
  static <T> Dataset<T> of(List<T> samples) {
    return new ListDataset<>(samples);
  }

  /// This dataset with a function applied to each sample when it is asked for.
  ///
  /// @param function makes the new sample
  /// @param <R> the type of the new samples
  /// @return a dataset of the same size
  default <R> Dataset<R> map(Function<? super T, ? extends R> function) {
    return new MappedDataset<>(this, function);
  }

  /// Some samples of this dataset.
  ///
  /// @param indices which, in the order wanted
  /// @return a view of this dataset
  /// @throws dev.pantorch.IndexException if there is no such sample
  default Subset<T> subset(int... indices) {
    return new Subset<>(this, indices);
  }

  /// This dataset followed by another.
  ///
  /// @param other the samples after this dataset's
  /// @return a view of both
  default ConcatDataset<T> concat(Dataset<? extends T> other) {
    return new ConcatDataset<>(List.of(this, other));
  }
}
