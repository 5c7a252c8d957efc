package dev.pantorch.optim;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Parameters that an optimizer treats alike, with their options. Each optimizer has a subclass
/// with a setter and a getter for each of its options; the options themselves are kept under
/// Python's names, which is also how {@link Optimizer#stateDict} lists them.
///
/// ```java
/// SGD optimizer = new SGD(lstm.parameters(), o -> o.lr(0.01).momentum(0.9));
/// optimizer.addParamGroup(fc.parameters(), o -> o.lr(0.1));
/// optimizer.paramGroups().get(1).lr(0.05);
/// ```
///
/// An option that has not been set has Python's default, an integer where Python has one.
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

  /// The names of the parameters, as {@link Optimizer#addParamGroup(SequencedMap,
  /// java.util.function.Consumer)} takes them.
  ///
  /// @return the names in the order of the parameters, empty if they have none
  public final List<String> paramNames() {
    return options.get("param_names") instanceof List<?> names
        ? names.stream().map(String.class::cast).toList()
        : List.of();
  }

  /// The learning rate.
  ///
  /// @return the rate
  public final double lr() {
    return rate().value();
  }

  /// Sets the learning rate. Where the rate is a tensor, it takes the value.
  ///
  /// @param lr the rate, not negative
  /// @return this group
  @SuppressWarnings("unchecked") // each subclass passes itself
  public final S lr(double lr) {
    if (!(options.get("lr") instanceof Tensor tensor)) return set("lr", lr);
    Torch.noGrad(() -> tensor.fill_(lr));
    return (S) this;
  }

  /// Makes a tensor the learning rate, to be read at each step: several groups and optimizers may
  /// share one. Products with it are rounded to its dtype, as in Python.
  ///
  /// @param lr the rate, one element, not negative
  /// @return this group
  /// @throws ValueException if it has not one element
  public final S lr(Tensor lr) {
    if (lr.numel() != 1) throw new ValueException("Tensor lr must be 1-element");
    return set("lr", lr.keep());
  }

  final Scalar rate() {
    return options.get("lr") instanceof Tensor tensor ? Scalar.of(tensor) : Scalar.of(number("lr"));
  }

  /// 1 - lr * decay, by which decoupled weight decay multiplies.
  final double remaining(double decay) {
    return Scalar.of(1).minus(rate().times(decay)).value();
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
  /// @param value a number, a boolean, a text, a list of these, or null for None
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

  /// An option that is a whole number.
  ///
  /// @param name Python's name
  /// @return the value
  protected final int integer(String name) {
    return (int) number(name);
  }

  /// One number of an option that is several.
  ///
  /// @param name Python's name
  /// @param index which, from 0
  /// @return the value
  protected final double number(String name, int index) {
    if (options.get(name) instanceof List<?> numbers
        && index < numbers.size()
        && numbers.get(index) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IllegalStateException(
        "option '%s' of the parameter group is %s; expected a list with a number at index %d"
            .formatted(name, options.get(name), index));
  }

  final void params(List<Tensor> parameters, List<String> names) {
    params = List.copyOf(parameters);
    if (!names.isEmpty()) options.putFirst("param_names", names);
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
