package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import dev.pantorch.optim.ParamGroup;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The momentum that schedules move against the learning rate: an option of that name, or the first
/// of two betas.
final class Momentum {
  private Momentum() {}

  /// Whether it is the first beta.
  static boolean isBeta1(Optimizer<?> optimizer) {
    ParamGroup<?> group = optimizer.paramGroups().getFirst();
    if (group.get("momentum") == null && group.get("betas") == null) {
      throw new ValueException(
          "optimizer must support momentum or beta1 with `cycle_momentum` option enabled");
    }
    return group.get("betas") != null;
  }

  static void set(ParamGroup<?> group, boolean isBeta1, double momentum) {
    if (!isBeta1) {
      group.set("momentum", momentum);
      return;
    }
    List<@Nullable Object> betas =
        new ArrayList<>(group.get("betas") instanceof List<?> l ? l : List.of());
    betas.set(0, momentum);
    group.set("betas", List.copyOf(betas));
  }

  /// Sets where the momentum begins and notes its ends, as Python does, in the groups.
  static void begin(
      Optimizer<?> optimizer, boolean isBeta1, List<Double> base, List<Double> greatest) {
    int index = 0;
    for (ParamGroup<?> group : optimizer.paramGroups()) {
      set(group, isBeta1, greatest.get(index));
      group.set("max_momentum", greatest.get(index));
      group.set("base_momentum", base.get(index++));
    }
  }
}
