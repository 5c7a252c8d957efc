package dev.pantorch.optim;

import dev.pantorch.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Parameters that an optimizer treats alike, with their options. Each optimizer has a subclass
/// with a setter and a getter for each of its options; the options themselves are kept under
/// Python's names, which is also how {@link Optimizer#stateDict} lists them.
///
/// ```java
/// SGD optimizer = new SGD(body, o -> o.lr(0.01).momentum(0.9)).addParamGroup(head, o -> o.lr(0.1));
/// optimizer.paramGroups().get(1).lr(0.05);
/// ```
///
/// @param <S> the group itself, for chaining
public abstract class ParamGroup<S extends ParamGroup<S>> {
  private final SequencedMap<String, @Nullable Object> options = new LinkedHashMap<>();
  private List<Tensor> params = List.of();

  /// For subclasses, which set all of their options in the constructor.
  protected ParamGroup() {}

  /// A group without parameters, with the options' default values.
  ///
  /// @return a new group
  protected abstract S newGroup();

  /// Checks the options.
  ///
  /// @throws dev.pantorch.ValueException if one is out of range
  protected abstract void validate();

  /// The parameters.
  ///
  /// @return a read-only list
  public final List<Tensor> params() {
    return params;
  }

  /// The learning rate.
  ///
  /// @return the rate
  public final double lr() {
    return number("lr");
  }

  /// Sets the learning rate.
  ///
  /// @param lr the rate, not negative
  /// @return this group
  public final S lr(double lr) {
    return set("lr", lr);
  }

  /// An option by Python's name.
  ///
  /// @param name the name, as `weight_decay`
  /// @return its value, null for None or an option that is not there
  public final @Nullable Object get(String name) {
    return options.get(name);
  }

  /// Sets an option by Python's name, one of the optimizer's or one of one's own.
  ///
  /// @param name the name, as `weight_decay`
  /// @param value a number, a boolean, a list of numbers, or null for None
  /// @return this group
  @SuppressWarnings("unchecked") // each subclass passes itself
  public final S set(String name, @Nullable Object value) {
    options.put(name, value);
    return (S) this;
  }

  /// An option that is a number.
  ///
  /// @param name Python's name
  /// @return the value
  protected final double number(String name) {
    if (options.get(name) instanceof Number number) return number.doubleValue();
    throw new IllegalStateException(
        "option '%s' of the parameter group is %s; expected a number"
            .formatted(name, options.get(name)));
  }

  /// An option that is true or false; None counts as false.
  ///
  /// @param name Python's name
  /// @return the value
  protected final boolean flag(String name) {
    return Boolean.TRUE.equals(options.get(name));
  }

  final void params(List<Tensor> parameters) {
    params = List.copyOf(parameters);
  }

  final SequencedMap<String, @Nullable Object> options() {
    return options;
  }

  /// A group with the same options and no parameters.
  final S copy() {
    S copy = newGroup();
    copy.options().putAll(options);
    return copy;
  }
}
