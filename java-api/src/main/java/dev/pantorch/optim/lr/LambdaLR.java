package dev.pantorch.optim.lr;

import dev.pantorch.optim.Optimizer;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// Sets the learning rate to the initial one times a function of the epoch.
///
/// ```java
/// LambdaLR scheduler = new LambdaLR(optimizer, epoch -> Math.min(1, (epoch + 1) / 10.0)); // warms up
/// ```
///
/// The functions are not part of {@link #stateDict}: give the same ones to the constructor again.
///
/// [torch.optim.lr_scheduler.LambdaLR](https://docs.pytorch.org/docs/2.13/generated/torch.optim.lr_scheduler.LambdaLR.html)
public final class LambdaLR extends FunctionLR {
  /// One function for all groups.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambda the factor on the initial rate by epoch, from 0
  public LambdaLR(Optimizer<?> optimizer, IntToDoubleFunction lrLambda) {
    this(optimizer, lrLambda, -1);
  }

  /// One function for all groups, beginning the schedule or going on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambda the factor on the initial rate by epoch, from 0
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if it goes on and the optimizer's groups have no
  ///   `initial_lr`
  public LambdaLR(Optimizer<?> optimizer, IntToDoubleFunction lrLambda, int lastEpoch) {
    this(optimizer, forAll(optimizer, lrLambda), lastEpoch);
  }

  /// A function for each group.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambdas for each group, the factor on the initial rate by epoch, from 0
  /// @throws dev.pantorch.ValueException if there is not one function a group
  public LambdaLR(Optimizer<?> optimizer, List<IntToDoubleFunction> lrLambdas) {
    this(optimizer, lrLambdas, -1);
  }

  /// A function for each group, beginning the schedule or going on with one.
  ///
  /// @param optimizer whose rates are set
  /// @param lrLambdas for each group, the factor on the initial rate by epoch, from 0
  /// @param lastEpoch the epoch after which the schedule goes on; -1 to begin it
  /// @throws dev.pantorch.ValueException if there is not one function a group, or it goes on and
  ///   the optimizer's groups have no `initial_lr`
  public LambdaLR(Optimizer<?> optimizer, List<IntToDoubleFunction> lrLambdas, int lastEpoch) {
    super(optimizer, lrLambdas, lastEpoch);
  }

  @Override
  protected List<Double> getLr() {
    List<Double> base = baseLrs();
    return IntStream.range(0, groups()).mapToObj(i -> base.get(i) * factor(i)).toList();
  }
}
