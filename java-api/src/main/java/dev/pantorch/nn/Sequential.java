package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SequencedMap;

/// Chains layers: each gets what the one before returns.
///
/// ```java
/// Sequential classifier =
///     new Sequential(new Linear(64, 32), new ReLU(), new Dropout(0.2), new Linear(32, 1));
/// Tensor logits = classifier.forward(features);
/// ```
///
/// The layers are children by their position, `0`, `1`, ..., or by names of one's own.
///
/// **Shape.** That of the first layer's input and the last one's output.
///
/// [torch.nn.Sequential](https://docs.pytorch.org/docs/2.13/generated/torch.nn.Sequential.html)
public final class Sequential extends Layer implements Iterable<Layer> {
  /// Chains layers under the names `0`, `1`, ...
  ///
  /// @param layers the layers in the order of computation
  public Sequential(Layer... layers) {
    for (Layer layer : layers) append(layer);
  }

  /// Chains layers under names.
  ///
  /// @param layers the layers by name, in the order of computation
  public Sequential(SequencedMap<String, ? extends Layer> layers) {
    layers.forEach(this::register);
  }

  /// Adds a layer at the end, under its position as name.
  ///
  /// @param layer the layer
  /// @return this chain
  public Sequential append(Layer layer) {
    register(Integer.toString(size()), layer);
    return this;
  }

  /// Adds layers at the end, under their positions as names.
  ///
  /// @param layers the layers in the order of computation; another chain, for example
  /// @return this chain
  public Sequential extend(Iterable<? extends Layer> layers) {
    List<Layer> added = new ArrayList<>(); // a chain may be extended by itself
    layers.forEach(added::add);
    added.forEach(this::append);
    return this;
  }

  /// Adds a layer before another one. All names become positions.
  ///
  /// @param index the position; negative ones count from the end
  /// @param layer the layer
  /// @return this chain
  /// @throws IndexOutOfBoundsException if there is no such position
  public Sequential insert(int index, Layer layer) {
    Positions.insert(childrenByName(), index, checked("layer", layer));
    return this;
  }

  /// A layer by its position.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the layer
  /// @throws IndexOutOfBoundsException if there is none
  public Layer get(int index) {
    return asList().get(Positions.check(index, size()));
  }

  /// Replaces a layer, under its name.
  ///
  /// @param index the position; negative ones count from the end
  /// @param layer what stands there from now on
  /// @return what stood there
  /// @throws IndexOutOfBoundsException if there is none
  public Layer set(int index, Layer layer) {
    Layer old = get(index);
    List<String> names = List.copyOf(childrenByName().keySet());
    childrenByName().put(names.get(Positions.check(index, size())), checked("layer", layer));
    return old;
  }

  @Override
  void replaceChild(String name, Module module) {
    if (!(module instanceof Layer)) {
      throw new TypeException("a Sequential takes layers, not a " + module.simpleName());
    }
    replaceExisting(name, module);
  }

  /// Removes a layer. All names become positions.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the layer
  /// @throws IndexOutOfBoundsException if there is none
  public Layer remove(int index) {
    Layer old = get(index);
    Positions.remove(childrenByName(), index);
    return old;
  }

  /// The number of layers.
  ///
  /// @return the number
  public int size() {
    return childrenByName().size();
  }

  /// The layers in their order: for streams and slices.
  ///
  /// @return a new read-only list
  public List<Layer> asList() {
    return children().stream().map(Layer.class::cast).toList();
  }

  /// Goes through the layers as they are now.
  ///
  /// @return a read-only iterator
  @Override
  public Iterator<Layer> iterator() {
    return asList().iterator();
  }

  /// Computes one layer after the other.
  ///
  /// @param input the first layer's input
  /// @return the last layer's output; the input itself without layers
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          Tensor value = x;
          for (Module layer : childrenByName().values()) value = ((Layer) layer).forward(value);
          return value;
        });
  }
}
