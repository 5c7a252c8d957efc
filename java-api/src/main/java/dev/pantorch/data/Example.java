package dev.pantorch.data;

import dev.pantorch.Tensor;

/// What a model is given and what it should answer; also a batch of these.
///
/// ```java
/// Example example = new Example(Torch.randn(10, 5), Torch.tensor(1f)); // 10 steps, and the answer
/// var loader = new DataLoader<>(Dataset.of(List.of(example)), o -> o.batchSize(32));
/// ```
///
/// @param input the model's input
/// @param target the answer
public record Example(Tensor input, Tensor target) {}
