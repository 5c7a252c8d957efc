package dev.pantorch.train;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Everything that steps change, to be put back when they were only tried: bit by bit.
final class Snapshot<B> implements AutoCloseable {
  private final Stepper<?, B> stepper;
  private final Iterable<B> loader;
  private final TensorScope scope = TensorScope.open();
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Tensor> values = new ArrayList<>();
  private final IdentityHashMap<Module, Boolean> modes = new IdentityHashMap<>();
  private final Map<String, Object> optimizer;
  private final Map<String, Object> random;
  private final Map<String, Object> batches;

  /// Copies everything, into a scope that {@link #close} ends.
  Snapshot(Stepper<?, B> stepper, Iterable<B> loader) {
    this.stepper = stepper;
    this.loader = loader;
    Module model = stepper.model;
    tensors.addAll(model.parameters());
    tensors.addAll(model.buffers());
    for (Tensor tensor : tensors) values.add(tensor.detach().clone(null));
    for (Module module : model.modules()) modes.put(module, module.isTraining());
    optimizer =
        TensorTrees.map(stepper.optimizer.stateDict(), tensor -> tensor.detach().clone(null));
    random = stepper.random.save();
    batches = Batches.state(loader);
  }

  /// Puts everything back. Gradients are removed.
  @Override
  public void close() {
    try (scope;
        var mode = Torch.noGrad()) {
      stepper.model.zeroGrad();
      for (int i = 0; i < tensors.size(); i++) tensors.get(i).copy_(values.get(i));
      // Parents before children, since a mode reaches all below.
      for (Module module : stepper.model.modules()) {
        module.train(Boolean.TRUE.equals(modes.get(module)));
      }
      stepper.optimizer.loadStateDict(optimizer);
      Batches.load(loader, batches);
      stepper.random.load(random);
    }
  }
}
