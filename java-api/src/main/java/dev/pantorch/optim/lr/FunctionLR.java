package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// What schedules by functions of the epoch share.
abstract sealed class FunctionLR extends LRScheduler permits LambdaLR, MultiplicativeLR {
  private final List<IntToDoubleFunction> functions;

  FunctionLR(Optimizer<?> optimizer, List<IntToDoubleFunction> functions, int lastEpoch) {
    int groups = optimizer.paramGroups().size();
    if (functions.size() != groups) {
      throw new ValueException(
          "Expected %d lr_lambdas, but got %d".formatted(groups, functions.size()));
    }
    this.functions = List.copyOf(functions);
    super(optimizer, lastEpoch);
  }

  static List<IntToDoubleFunction> forAll(Optimizer<?> optimizer, IntToDoubleFunction function) {
    return Collections.nCopies(optimizer.paramGroups().size(), function);
  }

  final double factor(int group) {
    return functions.get(group).applyAsDouble(lastEpoch());
  }

  final int groups() {
    return functions.size();
  }

  @Override
  protected void saveTo(Map<String, @Nullable Object> state) {}

  @Override
  public Map<String, @Nullable Object> stateDict() {
    Map<String, @Nullable Object> state = super.stateDict();
    // Python has None for functions, too.
    state.put("lr_lambdas", Collections.nCopies(functions.size(), null));
    return state;
  }

  @Override
  protected void loadFrom(Map<String, ? extends @Nullable Object> state) {
    if (state.get("lr_lambdas") instanceof List<?> saved
        && saved.stream().allMatch(each -> each == null)) {
      return;
    }
    throw new ValueException(
        "scheduler state has %s as 'lr_lambdas'; expected a list of nulls, as functions are not saved: give them to the constructor, and put null for each"
            .formatted(state.get("lr_lambdas")));
  }
}
