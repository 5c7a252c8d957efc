package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Parameters by name.
///
/// ```java
/// class Scaled extends Module {
///   final ParameterDict scales =
///       register("scales", new ParameterDict(Map.of("day", Torch.ones(64))));
///
///   Tensor forward(Tensor input, String when) {
///     return input.mul(scales.get(when));
///   }
/// }
/// ```
///
/// **Shape.** None: it has no forward.
///
/// **Ownership.** As with {@link Module#registerParameter}: a tensor is kept and gradients are
/// recorded for it from then on.
///
/// [torch.nn.ParameterDict](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ParameterDict.html)
public final class ParameterDict extends Module implements Iterable<String> {
  /// Without parameters.
  public ParameterDict() {}

  /// With parameters.
  ///
  /// @param parameters leaves of floating or complex dtype by name, added as by {@link #update}
  /// @throws IllegalArgumentException if a name is empty or has a dot, or a tensor is the result of
  ///   a recorded operator
  public ParameterDict(Map<String, Tensor> parameters) {
    update(parameters);
  }

  /// Adds a parameter at the end, or puts it where one of that name stands.
  ///
  /// @param key the name, without a dot
  /// @param parameter a leaf of floating or complex dtype
  /// @return the parameter
  /// @throws IllegalArgumentException if the name is empty or has a dot, or the tensor is the
  ///   result of a recorded operator
  public Tensor put(String key, Tensor parameter) {
    checkWord("parameter", key);
    parametersByName().put(key, asParameter(key, parameter, true));
    return parameter;
  }

  /// Adds or replaces parameters, as Python does: in the order of the map, or by name if it has
  /// none.
  ///
  /// @param parameters leaves of floating or complex dtype by name
  /// @throws IllegalArgumentException if a name is empty or has a dot, or a tensor is the result of
  ///   a recorded operator
  public void update(Map<String, Tensor> parameters) {
    Map<String, Tensor> ordered =
        parameters instanceof SequencedMap ? parameters : new TreeMap<>(parameters);
    ordered.forEach(this::put);
  }

  /// The parameter of a name, which is added if there is none.
  ///
  /// @param key the name, without a dot
  /// @param otherwise what is added if there is none
  /// @return the parameter
  /// @throws IllegalArgumentException if the name is empty or has a dot, or the tensor is added and
  ///   the result of a recorded operator
  public Tensor setDefault(String key, Tensor otherwise) {
    return containsKey(key) ? get(key) : put(key, otherwise);
  }

  /// A parameter by its name.
  ///
  /// @param key the name
  /// @return the parameter
  /// @throws IllegalArgumentException if there is none
  public Tensor get(String key) {
    return find(parametersByName(), "parameter", key);
  }

  /// Whether there is a parameter of a name.
  ///
  /// @param key the name
  /// @return whether there is
  public boolean containsKey(String key) {
    return parametersByName().containsKey(key);
  }

  /// Removes a parameter.
  ///
  /// @param key the name
  /// @return the parameter
  /// @throws IllegalArgumentException if there is none
  public Tensor remove(String key) {
    Tensor old = get(key);
    parametersByName().remove(key);
    return old;
  }

  /// Removes the parameter that was added last.
  ///
  /// @return its name and the parameter
  /// @throws NoSuchElementException if there is none
  public Map.Entry<String, Tensor> popItem() {
    var last = parametersByName().pollLastEntry();
    if (last == null) throw new NoSuchElementException("dictionary is empty");
    return last;
  }

  /// Removes all parameters.
  public void clear() {
    parametersByName().clear();
  }

  /// The number of parameters.
  ///
  /// @return the number
  public int size() {
    return parametersByName().size();
  }

  /// The parameters by name, in their order.
  ///
  /// @return a read-only view
  public SequencedMap<String, Tensor> asMap() {
    return Collections.unmodifiableSequencedMap(parametersByName());
  }

  /// Goes through the names.
  ///
  /// @return a read-only iterator
  @Override
  public Iterator<String> iterator() {
    return asMap().keySet().iterator();
  }

  @Override
  protected String extraRepr() {
    return ParameterText.lines(parametersByName(), ParameterText::typeName);
  }
}
