package dev.pantorch.data;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import java.util.List;

/// The rows of tensors: sample `i` is the list of each tensor's row `i`, views that share memory.
///
/// ```java
/// var data = new TensorDataset(x, y); // get(3) is List.of(x.get(3), y.get(3))
/// ```
///
/// **Shape.** Tensors $(N, *)$ with the same $N$; a sample has tensors $(*)$.
///
/// [torch.utils.data.TensorDataset](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.TensorDataset)
public final class TensorDataset implements BatchDataset<List<Tensor>> {
  private final List<Tensor> tensors;
  private final int size;

  /// A dataset of the tensors' rows.
  ///
  /// @param tensors with the same size in their first dimension
  /// @throws ShapeException if the sizes differ, or there is none
  public TensorDataset(Tensor... tensors) {
    if (tensors.length == 0) throw new ValueException("TensorDataset needs at least one tensor");
    this.tensors = List.of(tensors);
    for (Tensor tensor : tensors) {
      if (tensor.dim() == 0 || tensor.size(0) != tensors[0].size(0)) {
        throw new ShapeException("Size mismatch between tensors");
      }
    }
    size = Math.toIntExact(tensors[0].size(0));
  }

  /// The whole tensors.
  ///
  /// @return what the constructor was given
  public List<Tensor> tensors() {
    return tensors;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<Tensor> get(int index) {
    Indices.check(index, size);
    return tensors.stream().map(tensor -> tensor.select(0, index)).toList();
  }

  @Override
  public List<Tensor> getBatch(int... indices) {
    return Rows.gather(tensors, indices, size);
  }
}
