package dev.pantorch.optim;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// Parameters that a step takes at once, of one device and dtype, with their gradients and their
/// state in lists of the same order. Complex tensors are seen as pairs of reals.
final class Batch {
  private final Optimizer<?> optimizer;
  private final List<Tensor> members;
  private final Device device;
  private final boolean complex;
  private final List<Tensor> params;
  private List<Tensor> grads;
  private boolean ownsGrads;

  private Batch(
      Optimizer<?> optimizer,
      Device device,
      boolean complex,
      List<Tensor> members,
      List<Tensor> grads,
      boolean ownsGrads) {
    this.optimizer = optimizer;
    this.device = device;
    this.complex = complex;
    this.members = members;
    this.params = real(members, complex);
    this.grads = grads;
    this.ownsGrads = ownsGrads;
  }

  /// A group in the parts that `foreach` asks for, with gradients turned around to maximize.
  ///
  /// @param refusal what to say to a sparse gradient
  static List<Batch> of(Optimizer<?> optimizer, ForeachGroup<?> group, String refusal) {
    List<Batch> batches = new ArrayList<>();
    for (Gradients part : parts(group, refusal)) batches.add(of(optimizer, group, part));
    return batches;
  }

  static Batch of(Optimizer<?> optimizer, ParamGroup<?> group, Gradients part) {
    if (!group.flag("maximize")) return plain(optimizer, part);
    return of(optimizer, part, Foreach.neg(part.grads()), true);
  }

  /// A part with its gradients as they are.
  static Batch plain(Optimizer<?> optimizer, Gradients part) {
    return of(optimizer, part, part.grads(), false);
  }

  private static Batch of(
      Optimizer<?> optimizer, Gradients part, List<Tensor> grads, boolean ownsGrads) {
    boolean complex = part.dtype().isComplex();
    return new Batch(
        optimizer, part.device(), complex, part.params(), real(grads, complex), ownsGrads);
  }

  static List<Gradients> parts(ParamGroup<?> group, String refusal) {
    List<Gradients> parts = new ArrayList<>();
    for (Gradients all : Gradients.of(group)) {
      if (all.isSparse()) throw new TorchException(refusal);
      if (Boolean.FALSE.equals(group.get("foreach")) && !group.flag("fused")) {
        parts.addAll(all.single());
      } else {
        parts.add(all);
      }
    }
    return parts;
  }

  List<Tensor> params() {
    return params;
  }

  List<Tensor> grads() {
    return grads;
  }

  Device device() {
    return device;
  }

  int size() {
    return members.size();
  }

  private static List<Tensor> real(List<Tensor> tensors, boolean complex) {
    return complex ? tensors.stream().map(Torch::viewAsReal).toList() : tensors;
  }

  /// Adds weights to their gradients.
  void decay(double factor) {
    if (factor == 0) return;
    if (ownsGrads) Foreach.add_(grads, params, factor);
    else grads = Foreach.add(grads, params, factor);
    ownsGrads = true;
  }

  /// State of the parameters' shape, zeros at first.
  List<Tensor> state(String name) {
    return state(name, Torch::zerosLike);
  }

  /// State of the parameters' shape.
  ///
  /// @param first makes the state of a parameter that has none
  List<Tensor> state(String name, UnaryOperator<Tensor> first) {
    return real(stored(name, first), complex);
  }

  /// State that is one number for each parameter, on the CPU: reading it from an accelerator would
  /// make the CPU wait.
  List<Tensor> numbers(String name, double first) {
    return stored(name, p -> Torch.full(new long[0], first, Options.scalarDtype()));
  }

  /// The same beside the parameters, for operators that take it as a tensor.
  List<Tensor> numbersOnDevice(String name, double first) {
    return stored(name, p -> Torch.full(new long[0], first, Options.scalarDtype().on(p.device())));
  }

  private List<Tensor> stored(String name, UnaryOperator<Tensor> first) {
    List<Tensor> list = new ArrayList<>(members.size());
    for (Tensor parameter : members) {
      Object value =
          optimizer.state(parameter).computeIfAbsent(name, n -> first.apply(parameter).keep());
      list.add((Tensor) value);
    }
    return list;
  }

  /// Counts the step.
  List<Tensor> steps() {
    List<Tensor> steps = numbers("step", 0);
    Foreach.add_(steps, 1);
    return steps;
  }

  /// Counts the step where a fused kernel reads it.
  List<Tensor> stepsOnDevice() {
    List<Tensor> steps = stepStateOnDevice();
    Foreach.add_(steps, 1);
    return steps;
  }

  List<Tensor> stepStateOnDevice() {
    return stored("step", p -> Torch.zeros(DType.FLOAT32.on(p.device())));
  }

  /// Counts the step.
  ///
  /// @return the parameters' numbers of steps, this one included
  double[] count() {
    return steps().stream().mapToDouble(Tensor::item).toArray();
  }

  /// Parts whose members have equal keys: all of it, unless parameters began at different steps.
  ///
  /// @param keys one for each member
  <K> Map<K, Batch> alike(List<K> keys) {
    Map<K, List<Integer>> indices = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      indices.computeIfAbsent(keys.get(i), key -> new ArrayList<>()).add(i);
    }
    Map<K, Batch> parts = new LinkedHashMap<>();
    indices.forEach((key, at) ->
        parts.put(
            key,
            at.size() == size()
                ? this
                : new Batch(
                    optimizer,
                    device,
                    complex,
                    at.stream().map(members::get).toList(),
                    at.stream().map(grads::get).toList(),
                    ownsGrads)));
    return parts;
  }
}
