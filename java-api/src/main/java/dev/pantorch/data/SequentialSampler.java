package dev.pantorch.data;

import java.util.Iterator;
import java.util.stream.IntStream;

/// Every sample, in the dataset's order.
///
/// ```java
/// for (int index : new SequentialSampler(data)) model.forward(data.get(index)); // 0, 1, 2, ...
/// ```
///
/// [torch.utils.data.SequentialSampler](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.SequentialSampler)
public final class SequentialSampler implements Sampler<Integer> {
  private final Dataset<?> dataset;

  /// An order of the dataset's samples.
  ///
  /// @param dataset what is sampled
  public SequentialSampler(Dataset<?> dataset) {
    this.dataset = dataset;
  }

  @Override
  public int size() {
    return dataset.size();
  }

  @Override
  public Iterator<Integer> iterator() {
    return IntStream.range(0, size()).iterator();
  }
}
