package dev.pantorch.optim;

import dev.pantorch.Tensor;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Adam with decoupled weight decay (Loshchilov and Hutter 2017): weights shrink by $\gamma \lambda
/// \theta$ each step, and the running means see the gradient alone. Otherwise as {@link Adam}.
///
/// ```java
/// AdamW optimizer = new AdamW(model.parameters(), o -> o.lr(1e-3).weightDecay(0.05));
/// ```
///
/// [torch.optim.AdamW](https://docs.pytorch.org/docs/2.13/generated/torch.optim.AdamW.html)
public final class AdamW extends Adam {
  /// An optimizer with a learning rate and a weight decay of 0.01.
  ///
  /// @param parameters the tensors to be optimised
  /// @param lr the learning rate
  public AdamW(List<Tensor> parameters, double lr) {
    this(parameters, o -> o.lr(lr));
  }

  /// An optimizer with options.
  ///
  /// @param parameters the tensors to be optimised
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public AdamW(List<Tensor> parameters, Consumer<Group> settings) {
    super(parameters, defaults(), settings);
  }

  /// An optimizer of parameters with names.
  ///
  /// @param named the tensors to be optimised by name
  /// @param settings sets the options
  /// @throws dev.pantorch.ValueException if there are no parameters, one is no leaf or is given
  ///   twice, or an option is out of range
  public AdamW(SequencedMap<String, Tensor> named, Consumer<Group> settings) {
    super(named, defaults(), settings);
  }

  private static Group defaults() {
    return new Group().weightDecay(0.01).decoupledWeightDecay(true);
  }

  @Override
  public AdamW addParamGroup(List<Tensor> parameters, Consumer<? super Group> settings) {
    super.addParamGroup(parameters, settings);
    return this;
  }

  @Override
  public AdamW addParamGroup(SequencedMap<String, Tensor> named, Consumer<? super Group> settings) {
    super.addParamGroup(named, settings);
    return this;
  }
}
