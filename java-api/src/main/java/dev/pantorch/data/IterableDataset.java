package dev.pantorch.data;

/// Samples that come one after another: a stream, a file too large for memory.
///
/// ```java
/// IterableDataset<Tensor> noise =
///     () -> Stream.generate(() -> Torch.randn(5)).limit(1_000).iterator();
/// var loader = new DataLoader<>(noise, o -> o.batchSize(32)); // (32, 5)
/// ```
///
/// Each call of {@link #iterator} begins anew. A loader reads the iterator from one thread at a
/// time, whatever its number of workers, and so gets each sample once; tensors that an iterator
/// holds from one sample to the next must be kept ({@link dev.pantorch.Tensor#keep()}).
///
/// [torch.utils.data.IterableDataset](https://docs.pytorch.org/docs/2.13/data.html#torch.utils.data.IterableDataset)
///
/// @param <T> the type of a sample
public interface IterableDataset<T> extends Iterable<T> {}
