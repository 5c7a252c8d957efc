package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;

/// Parameters in a list, under the names `0`, `1`, ...
///
/// ```java
/// class Scales extends Layer {
///   final ParameterList scales =
///       register("scales", new ParameterList(Torch.ones(64), Torch.ones(64)));
///
///   @Override
///   public Tensor forward(Tensor input) {
///     Tensor value = input;
///     for (Tensor scale : scales) value = value.mul(scale).tanh();
///     return value;
///   }
/// }
/// ```
///
/// **Shape.** None: it has no forward.
///
/// **Ownership.** As with {@link Module#registerParameter}: a tensor is kept and gradients are
/// recorded for it from then on.
///
/// [torch.nn.ParameterList](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ParameterList.html)
public final class ParameterList extends Module implements Iterable<Tensor> {
  /// A list of parameters.
  ///
  /// @param parameters leaves of floating or complex dtype, in their order
  /// @throws IllegalArgumentException if one is the result of a recorded operator
  public ParameterList(Tensor... parameters) {
    extend(Arrays.asList(parameters));
  }

  /// A list of parameters.
  ///
  /// @param parameters leaves of floating or complex dtype, in their order
  /// @throws IllegalArgumentException if one is the result of a recorded operator
  public ParameterList(Iterable<Tensor> parameters) {
    extend(parameters);
  }

  /// Adds a parameter at the end.
  ///
  /// @param parameter a leaf of floating or complex dtype
  /// @return this list
  /// @throws IllegalArgumentException if it is the result of a recorded operator
  public ParameterList append(Tensor parameter) {
    registerParameter(Integer.toString(size()), parameter);
    return this;
  }

  /// Adds parameters at the end.
  ///
  /// @param parameters leaves of floating or complex dtype, in their order
  /// @return this list
  /// @throws IllegalArgumentException if one is the result of a recorded operator
  public ParameterList extend(Iterable<Tensor> parameters) {
    List<Tensor> added = new ArrayList<>(); // a list may be extended by itself
    parameters.forEach(added::add);
    added.forEach(this::append);
    return this;
  }

  /// A parameter by its position.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the parameter
  /// @throws IndexOutOfBoundsException if there is none
  public Tensor get(int index) {
    return asList().get(Positions.check(index, size()));
  }

  /// Replaces a parameter.
  ///
  /// @param index the position; negative ones count from the end
  /// @param parameter a leaf of floating or complex dtype, which stands there from now on
  /// @return what stood there
  /// @throws IndexOutOfBoundsException if there is none
  /// @throws IllegalArgumentException if it is the result of a recorded operator
  public Tensor set(int index, Tensor parameter) {
    Tensor old = get(index);
    String name = Integer.toString(Positions.check(index, size()));
    parametersByName().put(name, asParameter(name, parameter, true));
    return old;
  }

  /// The number of parameters.
  ///
  /// @return the number
  public int size() {
    return parametersByName().size();
  }

  /// The parameters in their order: for streams and slices.
  ///
  /// @return a new read-only list
  public List<Tensor> asList() {
    return List.copyOf(parametersByName().values());
  }

  /// Goes through the parameters as they are now.
  ///
  /// @return a read-only iterator
  @Override
  public Iterator<Tensor> iterator() {
    return asList().iterator();
  }

  @Override
  protected String extraRepr() {
    return ParameterText.lines(parametersByName(), t -> t.dtype().toString());
  }
}
