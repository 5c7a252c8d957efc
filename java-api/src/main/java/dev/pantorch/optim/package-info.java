/// Optimizers: `torch.optim`.
///
/// ```java
/// Adam optimizer = new Adam(model.parameters(), 1e-3);
/// for (int epoch = 1; epoch <= epochs; epoch++) {
///   try (var scope = TensorScope.open()) {
///     optimizer.zeroGrad();
///     criterion.forward(model.forward(x), y).backward();
///     optimizer.step();
///   }
/// }
/// ```
///
/// Options are set by a lambda, `new SGD(parameters, o -> o.lr(0.1).momentum(0.9))`, and can be
/// read and changed later, a parameter group at a time: {@link
/// dev.pantorch.optim.Optimizer#paramGroups}.
@NullMarked
package dev.pantorch.optim;

import org.jspecify.annotations.NullMarked;
