package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.TensorDescription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Parameters of one device and dtype with their gradients, as the operators on lists take them.
record Gradients(
    Device device, DType dtype, Layout layout, List<Tensor> params, List<Tensor> grads) {

  private record Key(Device device, DType dtype, Layout layout) {}

  boolean isSparse() {
    return layout != Layout.STRIDED;
  }

  /// The parameters of a group that have a gradient.
  static List<Gradients> of(ParamGroup<?> group) {
    Map<Key, Gradients> found = new LinkedHashMap<>();
    for (Tensor parameter : group.params()) {
      Tensor grad = parameter.grad();
      if (grad == null) continue;
      TensorDescription d = TensorCalls.describe(grad);
      Gradients same =
          found.computeIfAbsent(
              new Key(d.device(), d.dtype(), d.layout()),
              key ->
                  new Gradients(
                      key.device, key.dtype, key.layout, new ArrayList<>(), new ArrayList<>()));
      same.params.add(parameter);
      same.grads.add(grad);
    }
    return List.copyOf(found.values());
  }

  /// Each parameter by itself, for those who would rather wait than pay for temporaries as large as
  /// all parameters together.
  List<Gradients> single() {
    List<Gradients> single = new ArrayList<>(params.size());
    for (int i = 0; i < params.size(); i++) {
      single.add(
          new Gradients(device, dtype, layout, List.of(params.get(i)), List.of(grads.get(i))));
    }
    return single;
  }
}
