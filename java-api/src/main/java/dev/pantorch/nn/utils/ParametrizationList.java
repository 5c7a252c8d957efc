package dev.pantorch.nn.utils;

import dev.pantorch.DType;
import dev.pantorch.NotImplementedException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.Substitution;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import dev.pantorch.ops.Internal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The parametrizations of one tensor, one after the other, and the tensors that the first of them
/// computes from: `original`, or `original0`, `original1` and so on.
final class ParametrizationList extends Module {
  private final Tensor field;
  private final List<Module> chain = new ArrayList<>();
  private final List<Tensor> originals = new ArrayList<>();
  private final boolean isJoint;

  /// Parametrizes a tensor.
  ///
  /// @param field the tensor, which stands for the computed one afterwards
  ParametrizationList(Tensor field, boolean isParameter, Module first, boolean unsafe) {
    this.field = field;
    isJoint = first instanceof JointParametrization;
    boolean requiresGrad = field.requiresGrad();
    try (var scope = TensorScope.open()) {
      List<Tensor> parts = Torch.noGrad(() -> inverse(first, field, true));
      if (!isJoint) requireLikeOriginal(parts.getFirst());
      if (!unsafe) {
        Tensor value = apply(first, parts);
        checkUnchanged(field, value, "unparametrized ", "parametrized ", "`unsafe` flag");
      }
      Tensor own = Substitution.begin(field, () -> Parametrize.cachedValue(this));
      if (isJoint) {
        for (int i = 0; i < parts.size(); i++) {
          Tensor part = parts.get(i).equals(field) ? own : parts.get(i);
          add("original" + i, part.detach(), isParameter, requiresGrad);
        }
      } else {
        // The tensor of before, so that its gradient and what refers to it natively stay.
        if (!parts.getFirst().equals(field)) Internal.setData(own, parts.getFirst().detach());
        add("original", own, isParameter, requiresGrad);
      }
    }
    append(first);
  }

  private void requireLikeOriginal(Tensor part) {
    if (part.dtype() != field.dtype()) {
      throw new ValueException(
          "When `right_inverse` outputs one tensor, it may not change the dtype.\noriginal.dtype: %s\nright_inverse(original).dtype: %s"
              .formatted(field.dtype(), part.dtype()));
    }
    if (!part.device().equals(field.device())) {
      throw new ValueException(
          "When `right_inverse` outputs one tensor, it may not change the device.\noriginal.device: %s\nright_inverse(original).device: %s"
              .formatted(field.device(), part.device()));
    }
  }

  private void add(String name, Tensor original, boolean isParameter, boolean requiresGrad) {
    originals.add(
        isParameter
            ? registerParameter(name, original, requiresGrad)
            : registerBuffer(name, original));
  }

  void append(Module next) {
    chain.add(register(Integer.toString(chain.size()), next));
  }

  /// Checks that a further parametrization takes and gives tensors like this one.
  void check(String name, Module next) {
    try (var scope = TensorScope.open()) {
      Tensor value = Parametrize.cachedValue(this);
      Tensor result = apply(next, List.of(value));
      String path = "module." + name;
      checkUnchanged(
          value, result, path + ".", "parametrization(" + path + ").", "the `unsafe` flag");
      if (!(next instanceof RightInverse inverse)) return;
      Tensor back;
      try {
        back = inverse.rightInverse(result);
      } catch (NotImplementedException e) {
        return;
      }
      checkLike(value, back, name);
    }
  }

  private static void checkUnchanged(
      Tensor before, Tensor after, String beforePrefix, String afterPrefix, String flag) {
    String message =
        "Registering a parametrization may not change the %1$s of the tensor, unless %2$s is"
            + " enabled.\n"
            + "%3$s%1$s: %4$s\n"
            + "%5$s%1$s: %6$s";
    if (after.dtype() != before.dtype()) {
      throw new ValueException(
          message.formatted(
              "dtype", flag, beforePrefix, before.dtype(), afterPrefix, after.dtype()));
    }
    if (!Arrays.equals(after.shape(), before.shape())) {
      throw new ValueException(
          message.formatted(
              "shape",
              flag,
              beforePrefix,
              PythonText.size(before.shape()),
              afterPrefix,
              PythonText.size(after.shape())));
    }
  }

  private static void checkLike(Tensor value, Tensor back, String name) {
    String message =
        "The tensor returned by parametrization.right_inverse must have the same %1$s as"
            + " module.%2$s, unless the `unsafe` flag is enabled.\n"
            + "module.%2$s.%1$s: %3$s\n"
            + "returned %1$s: %4$s";
    if (back.dtype() != value.dtype()) {
      throw new ValueException(message.formatted("dtype", name, value.dtype(), back.dtype()));
    }
    if (!Arrays.equals(back.shape(), value.shape())) {
      throw new ValueException(
          message.formatted(
              "shape", name, PythonText.size(value.shape()), PythonText.size(back.shape())));
    }
  }

  private static List<Tensor> inverse(Module link, Tensor value, boolean optional) {
    if (link instanceof JointParametrization joint) return joint.rightInverse(value);
    if (!(link instanceof RightInverse inverse)) {
      if (optional) return List.of(value);
      throw new TorchException(
          "parametrization %s does not implement right_inverse."
              .formatted(link.getClass().getSimpleName()));
    }
    try {
      return List.of(inverse.rightInverse(value));
    } catch (NotImplementedException e) {
      if (optional) return List.of(value);
      throw e;
    }
  }

  private static Tensor apply(Module link, List<Tensor> inputs) {
    if (link instanceof JointParametrization joint) return joint.forward(inputs);
    return ((Layer) link).forward(inputs.getFirst());
  }

  /// Computes the tensor.
  Tensor compute() {
    return TensorScope.scope(() -> {
      Tensor value = apply(chain.getFirst(), originals);
      for (Module next : chain.subList(1, chain.size())) value = apply(next, List.of(value));
      return value;
    });
  }

  /// Sets the originals so that a given tensor is computed.
  void assign(Tensor value) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      Tensor current = value;
      for (Module link : chain.subList(1, chain.size()).reversed()) {
        current = inverse(link, current, false).getFirst();
      }
      List<Tensor> parts = inverse(chain.getFirst(), current, false);
      if (parts.size() != originals.size()) {
        throw new ValueException(
            "'right_inverse' must return a sequence of tensors of length %d. Got a sequence of length %d."
                .formatted(originals.size(), parts.size()));
      }
      for (int i = 0; i < parts.size(); i++) requireDType(i, parts.get(i).dtype());
      for (int i = 0; i < parts.size(); i++) {
        Internal.setData(originals.get(i), parts.get(i).detach());
      }
    }
  }

  private void requireDType(int i, DType dtype) {
    DType expected = originals.get(i).dtype();
    if (dtype == expected) return;
    throw new ValueException(
        isJoint
            ? "Tensor %1$d returned by `right_inverse` has dtype %2$s while `original%1$d` has dtype %3$s"
                .formatted(i, dtype, expected)
            : "The tensor returned by `right_inverse` has dtype %s while `original` has dtype %s"
                .formatted(dtype, expected));
  }

  Tensor field() {
    return field;
  }

  /// Makes the field an ordinary tensor again.
  ///
  /// @return whether it is a parameter, where several originals do not say it
  boolean remove(boolean leaveParametrized, boolean wasParameter) {
    if (!leaveParametrized && isJoint) {
      throw new ValueException(
          "Cannot leave unparametrized (`leave_parametrized=False`) a tensor that is parametrized"
              + " in terms of a sequence of tensors.");
    }
    try (var scope = TensorScope.open()) {
      Tensor original = originals.getFirst();
      if (isJoint) {
        Tensor value = Parametrize.cachedValue(this);
        boolean requiresGrad = value.requiresGrad();
        Substitution.end(field, value.detach());
        field.requiresGrad_(requiresGrad);
        return requiresGrad;
      }
      if (leaveParametrized) {
        Internal.setData(original, Torch.noGrad(() -> Parametrize.cachedValue(this)));
      }
      Substitution.end(field, original);
      return wasParameter;
    }
  }
}
