package dev.pantorch;

import dev.pantorch.internal.Log;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Compares gradients with finite differences, for {@link Autograd#gradcheck}.
final class Gradcheck {

  private final Function<List<Tensor>, List<Tensor>> function;
  private final List<Tensor> inputs;
  private final GradcheckOptions options;

  Gradcheck(
      Function<List<Tensor>, List<Tensor>> function,
      List<Tensor> inputs,
      GradcheckOptions options) {
    this.function = function;
    this.inputs = inputs;
    this.options = options;
  }

  /// A check of the gradients of a function as functions of its inputs and of their weights.
  static Gradcheck ofGradients(
      Function<List<Tensor>, List<Tensor>> function,
      List<Tensor> inputs,
      GradcheckOptions options) {
    List<Tensor> all = new ArrayList<>(inputs);
    for (Tensor output : Torch.noGrad(() -> function.apply(inputs))) {
      all.add(Torch.randn(output.dtype(), output.shape()).requiresGrad_(true));
    }
    return new Gradcheck(
        given -> {
          List<Tensor> own = given.subList(0, inputs.size());
          List<Tensor> differentiated = own.stream().filter(Tensor::requiresGrad).toList();
          List<@Nullable Tensor> gradients =
              Torch.enableGrad(() ->
                  Autograd.grad(
                      function.apply(own),
                      differentiated,
                      given.subList(inputs.size(), given.size()),
                      true,
                      true,
                      true));
          return gradients.stream().filter(Objects::nonNull).toList();
        },
        all,
        options);
  }

  boolean run() {
    checkInputs();
    try {
      TensorScope.scope(() -> compare());
      return true;
    } catch (GradcheckException e) {
      if (options.raiseException) throw e;
      return false;
    }
  }

  private void checkInputs() {
    boolean any = false;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor input = inputs.get(i);
      if (!input.requiresGrad()) continue;
      any = true;
      if (input.dtype() != DType.FLOAT64) {
        Log.LOGGER.log(
            System.Logger.Level.WARNING,
            "Input #%d requires gradient and is not a double precision floating point or complex. This check will likely fail if all the inputs are not of double precision floating point or complex. "
                .formatted(i));
      }
      long[] strides = input.strides();
      for (int d = 0; d < strides.length; d++) {
        if (strides[d] == 0 && input.size(d) > 1) {
          throw new TorchException(
              "The %dth input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck."
                  .formatted(i));
        }
      }
    }
    if (!any) {
      throw new ValueException(
          "gradcheck expects at least one input tensor to require gradient, but none of them have"
              + " requires_grad=True.");
    }
  }

  private void compare() {
    List<Tensor> outputs = recorded();
    for (int o = 0; o < outputs.size(); o++) {
      for (int i = 0; i < inputs.size(); i++) {
        if (!inputs.get(i).requiresGrad() || !outputs.get(o).dtype().isFloatingPoint()) continue;
        int output = o;
        int input = i;
        TensorScope.scope(() -> compare(outputs.get(output), output, inputs.get(input), input));
      }
    }
  }

  private List<Tensor> recorded() {
    return Torch.enableGrad(() -> function.apply(inputs));
  }

  private void compare(Tensor sample, int o, Tensor input, int i) {
    Tensor numerical = numerical(input, o, sample);
    // Moving the input has made earlier graphs invalid.
    Tensor output = recorded().get(o);
    Tensor analytical = analytical(output, input);
    if (!Torch.allclose(analytical, numerical, options.rtol, options.atol, false)) {
      throw new GradcheckException(
          "Jacobian mismatch for output %d with respect to input %d,\nnumerical:%s\nanalytical:%s\n"
              .formatted(o, i, numerical, analytical));
    }
    Tensor again = analytical(output, input);
    if (analytical.sub(again).abs().gt(options.nondetTol).any().itemBoolean()) {
      throw new GradcheckException(
          "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.The tolerance for nondeterminism was %s."
              .formatted(options.nondetTol));
    }
  }

  /// A row for each element of the input, a column for each of the output.
  private Tensor numerical(Tensor input, int o, Tensor output) {
    return Torch.noGrad(() -> {
      Tensor values = input.detach();
      Tensor original = Torch.clone(values);
      List<Tensor> rows = new ArrayList<>();
      for (long e = 0; e < input.numel(); e++) {
        Tensor step = Torch.zerosLike(original).view(-1);
        step.narrow(0, e, 1).fill_(options.eps);
        Tensor v = step.view(original.shape());
        try {
          values.copy_(original.sub(v));
          Tensor low = Torch.clone(function.apply(inputs).get(o));
          values.copy_(original.add(v));
          Tensor high = function.apply(inputs).get(o);
          rows.add(high.sub(low).div(2 * options.eps).reshape(-1));
        } finally {
          values.copy_(original);
        }
      }
      return rows.isEmpty() ? Torch.zeros(output.dtype(), 0, output.numel()) : Torch.stack(rows, 0);
    });
  }

  private static Tensor analytical(Tensor output, Tensor input) {
    List<Tensor> columns = new ArrayList<>();
    for (long e = 0; e < output.numel(); e++) {
      Tensor gradient = output.requiresGrad() ? gradient(output, input, e) : null;
      columns.add(
          gradient == null ? Torch.zerosLike(input.detach()).reshape(-1) : gradient.reshape(-1));
    }
    return columns.isEmpty()
        ? Torch.zeros(input.dtype(), input.numel(), 0)
        : Torch.stack(columns, 1);
  }

  private static @Nullable Tensor gradient(Tensor output, Tensor input, long element) {
    Tensor one = Torch.zerosLike(output.detach()).contiguous().view(-1);
    one.narrow(0, element, 1).fill_(1);
    return Autograd.grad(
            List.of(output), List.of(input), List.of(one.view(output.shape())), true, false, true)
        .getFirst();
  }
}
