package dev.pantorch.optim.lr;

import dev.pantorch.ValueException;
import dev.pantorch.optim.Optimizer;
import java.util.Collections;
import java.util.List;

/// A setting for all groups of an optimizer, or one for each.
///
/// @param name Python's name
/// @param values one value, or several
/// @param isList whether there is one for each
record PerGroup(String name, List<Double> values, boolean isList) {
  static PerGroup of(String name, double value) {
    return new PerGroup(name, List.of(value), false);
  }

  static PerGroup of(String name, List<Double> values) {
    return new PerGroup(name, List.copyOf(values), true);
  }

  List<Double> of(Optimizer<?> optimizer) {
    int groups = optimizer.paramGroups().size();
    if (!isList) return Collections.nCopies(groups, values.getFirst());
    if (values.size() == groups) return values;
    throw new ValueException(
        "%1$s must have the same length as optimizer.param_groups. %1$s has %2$d values, param_groups has %3$d."
            .formatted(name, values.size(), groups));
  }
}
