package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Multiplies the learning rate by a function of the epoch, every epoch but the first.
///
/// ```java
/// MultiplicativeLR scheduler = new MultiplicativeLR(optimizer, epoch -> epoch < 20 ? 0.95 : 1);
/// ```
///
/// The functions are not part of {@link #stateDict}: give the same ones to the constructor again.
///
/// [torch.optim.lr_scheduler.MultiplicativeLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.MultiplicativeLR.html)
public final class MultiplicativeLR extends FunctionLR {
  /// One function for all groups.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambda the factor on the present rate by epoch, from 1
  public MultiplicativeLR(Optimizer<?> optimizer, IntToDoubleFunction lrLambda) {
    this(optimizer, lrLambda, -1);
  }

  /// One function for all groups, beginning the schedule or going on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambda the factor on the present rate by epoch, from 1
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if it goes on and the optimizer's groups have no
  ///   `initial_lr`
  public MultiplicativeLR(Optimizer<?> optimizer, IntToDoubleFunction lrLambda, int lastEpoch) {
    this(optimizer, forAll(optimizer, lrLambda), lastEpoch);
  }

  /// A function for each group.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambdas for each group, the factor on the present rate by epoch, from 1
  /// @throws dev.pantorch.ValueException if there is not one function a group
  public MultiplicativeLR(Optimizer<?> optimizer, List<IntToDoubleFunction> lrLambdas) {
    this(optimizer, lrLambdas, -1);
  }

  /// A function for each group, beginning the schedule or going on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambdas for each group, the factor on the present rate by epoch, from 1
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if there is not one function a group, or it goes on and
  ///   the optimizer's groups have no `initial_lr`
  public MultiplicativeLR(
      Optimizer<?> optimizer, List<IntToDoubleFunction> lrLambdas, int lastEpoch) {
    super(optimizer, lrLambdas, lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    List<Double> present = currentLr();
    if (isInitial()) return present;
    return IntStream.range(0, groups()).mapToObj(i -> present.get(i) * factor(i)).toList();
  }
}
