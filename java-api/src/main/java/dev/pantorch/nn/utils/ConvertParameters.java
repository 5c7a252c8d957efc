package dev.pantorch.nn.utils;

import dev.pantorch.Device;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ops.Internal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All parameters of a model as one vector, and back: for algorithms that know vectors only.
///
/// ```java
/// Tensor vector = parametersToVector(model.parameters());
/// vectorToParameters(vector.mul(0.5), model.parameters());
/// ```
public final class ConvertParameters {
  private ConvertParameters() {}

  /// Writes parameters one after the other.
  ///
  /// @param parameters tensors of one device
  /// @return a new tensor of one dimension, through which gradients flow
  /// @throws TypeException if they are on several devices
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parameters_to_vector.html">
  ///   torch.nn.utils.parameters_to_vector</a>
  public static Tensor parametersToVector(List<Tensor> parameters) {
    requireOneDevice(parameters);
    List<Tensor> flat = new ArrayList<>(parameters.size());
    for (Tensor parameter : parameters) flat.add(parameter.view(-1));
    return Torch.cat(flat);
  }

  /// Makes parameters parts of a vector, with which they share memory from then on, as in Python.
  ///
  /// @param vector as many elements as all parameters have, in their order
  /// @param parameters the parameters
  /// @throws TypeException if they are on several devices
  /// @throws ShapeException if the vector is too short; nothing has changed
  /// @see <a
  ///   href="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.vector_to_parameters.html">
  ///   torch.nn.utils.vector_to_parameters</a>
  public static void vectorToParameters(Tensor vector, List<Tensor> parameters) {
    requireOneDevice(parameters);
    long wanted = parameters.stream().mapToLong(Tensor::numel).sum();
    if (vector.dim() != 1 || vector.numel() < wanted) {
      throw new ShapeException(
          "the parameters have %d elements; expected a vector of as many, got %d in %d dimensions"
              .formatted(wanted, vector.numel(), vector.dim()));
    }
    long start = 0;
    for (Tensor parameter : parameters) {
      long count = parameter.numel();
      Tensor part = vector.detach().narrow(0, start, count).view(parameter.shape());
      Internal.setData(parameter, part);
      start += count;
    }
  }

  private static void requireOneDevice(List<Tensor> parameters) {
    @Nullable Device first = null;
    for (Tensor parameter : parameters) {
      Device device = parameter.device();
      if (first != null && !first.equals(device)) {
        throw new TypeException(
            "Found two parameters on different devices, this is currently not supported.");
      }
      first = device;
    }
  }
}
