package dev.pantorch.data;

import dev.pantorch.ValueException;
import java.util.Arrays;
import java.util.List;

/// Datasets one after another.
///
/// ```java
/// Dataset<Tensor> all = new ConcatDataset<>(List.of(data, Dataset.of(List.of(x, y))));
/// ```
///
/// [torch.utils.data.ConcatDataset](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.ConcatDataset)
///
/// @param <T> the type of a sample
public final class ConcatDataset<T> implements Dataset<T> {
  private final List<? extends Dataset<? extends T>> datasets;
  private final int[] ends;

  /// A view of the datasets as one.
  ///
  /// @param datasets at least one
  /// @throws ValueException if there is none
  public ConcatDataset(List<? extends Dataset<? extends T>> datasets) {
    if (datasets.isEmpty()) throw new ValueException("datasets should not be an empty iterable");
    this.datasets = List.copyOf(datasets);
    ends = new int[datasets.size()];
    int end = 0;
    for (int i = 0; i < ends.length; i++) {
      end = Math.addExact(end, datasets.get(i).size());
      ends[i] = end;
    }
  }

  @Override
  public int size() {
    return ends[ends.length - 1];
  }

  @Override
  public T get(int index) {
    Indices.check(index, size());
    int found = Arrays.binarySearch(ends, index + 1);
    int part = found >= 0 ? found : -found - 1;
    // Empty datasets end where the one before them does.
    while (part > 0 && ends[part - 1] > index) part--;
    return datasets.get(part).get(index - (part == 0 ? 0 : ends[part - 1]));
  }
}
