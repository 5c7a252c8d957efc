package dev.pantorch.nn;

import dev.pantorch.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
public final class Sequential extends Layer {
  private final List<Layer> layers = new ArrayList<>();

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
    for (Map.Entry<String, ? extends Layer> entry : layers.entrySet()) {
      this.layers.add(register(entry.getKey(), entry.getValue()));
    }
  }

  /// Adds a layer at the end, under its position as name.
  ///
  /// @param layer the layer
  /// @return this chain
  public Sequential append(Layer layer) {
    layers.add(register(Integer.toString(layers.size()), layer));
    return this;
  }

  /// A layer by its position.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the layer
  /// @throws IndexOutOfBoundsException if there is none
  public Layer get(int index) {
    return layers.get(index < 0 ? index + layers.size() : index);
  }

  /// The number of layers.
  ///
  /// @return the number
  public int size() {
    return layers.size();
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
          for (Layer layer : layers) value = layer.forward(value);
          return value;
        });
  }
}
