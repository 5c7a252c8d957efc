package dev.pantorch.data;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.List;

/// Gathers rows of tensors into batches.
final class Rows {
  private Rows() {}

  static List<Tensor> gather(List<Tensor> tensors, int[] indices, int size) {
    long[] rows = new long[indices.length];
    boolean contiguous = true;
    for (int i = 0; i < indices.length; i++) {
      rows[i] = Indices.check(indices[i], size);
      contiguous &= rows[i] == rows[0] + i;
    }
    var batch = new ArrayList<Tensor>(tensors.size());
    if (contiguous && rows.length > 0) {
      // A copy, as stacking makes: what is done to a batch in place must not reach the data.
      for (Tensor tensor : tensors) {
        try (Tensor view = tensor.narrow(0, rows[0], rows.length)) {
          batch.add(view.clone(null));
        }
      }
      return batch;
    }
    try (Tensor index = Torch.tensor(rows)) {
      for (Tensor tensor : tensors) {
        batch.add(tensor.indexSelect(0, index));
      }
    }
    return batch;
  }
}
