package dev.pantorch.quantization;

import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.ModuleMembers;
import dev.pantorch.internal.ModuleQuantization;
import dev.pantorch.nn.Module;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Sums, products and concatenations of several tensors in a model that is to be quantized: their
/// results have a scale of their own, which has to be observed and kept. Each place in `forward`
/// that computes one has an object of its own.
///
/// ```java
/// class Residual extends Layer {
///   final Linear fc = register("fc", new Linear(8, 8));
///   final FloatFunctional add = register("add", new FloatFunctional());
///
///   public Tensor forward(Tensor x) {
///     return add.add(fc.forward(x), x);
///   }
/// }
/// ```
///
/// [torch.ao.nn.quantized.FloatFunctional](https://docs.pytorch.org/docs/2.13/generated/torch.ao.nn.quantized.FloatFunctional.html)
public final class FloatFunctional extends Module {
  private static final Operator ADD_SCALAR = Torch.op("quantized::add_scalar");
  private static final Operator MUL_SCALAR = Torch.op("quantized::mul_scalar");

  /// One that computes with floats.
  public FloatFunctional() {}

  /// $x + y$.
  ///
  /// @param x the first summand
  /// @param y the second, of a shape that can be broadcast with it
  /// @return the sum
  public Tensor add(Tensor x, Tensor y) {
    return of("add", List.of(x, y), () -> x.add(y));
  }

  /// $\max(x + y, 0)$.
  ///
  /// @param x the first summand
  /// @param y the second, of a shape that can be broadcast with it
  /// @return the sum, and zero where it is negative
  public Tensor addRelu(Tensor x, Tensor y) {
    return of("add_relu", List.of(x, y), () -> x.add(y).relu());
  }

  /// $x \cdot y$ by elements.
  ///
  /// @param x the first factor
  /// @param y the second, of a shape that can be broadcast with it
  /// @return the product
  public Tensor mul(Tensor x, Tensor y) {
    return of("mul", List.of(x, y), () -> x.mul(y));
  }

  /// The matrix product $x y$.
  ///
  /// @param x $(*, n, k)$
  /// @param y $(*, k, m)$
  /// @return $(*, n, m)$
  public Tensor matmul(Tensor x, Tensor y) {
    return of("matmul", List.of(x, y), () -> x.matmul(y));
  }

  /// Tensors one after the other in a dimension.
  ///
  /// @param tensors tensors that have the same sizes but for that dimension
  /// @param dim the dimension
  /// @return their concatenation
  public Tensor cat(List<Tensor> tensors, long dim) {
    return of("cat", List.of(tensors, dim), () -> Torch.cat(tensors, dim));
  }

  /// $x + y$ with a number, whose result needs no scale of its own.
  ///
  /// @param x any tensor
  /// @param y the number
  /// @return the sum
  public Tensor addScalar(Tensor x, double y) {
    return quantized() == null ? x.add(y) : ADD_SCALAR.callTensor(x, y);
  }

  /// $x \cdot y$ with a number, whose result needs no scale of its own.
  ///
  /// @param x any tensor
  /// @param y the number
  /// @return the product
  public Tensor mulScalar(Tensor x, double y) {
    return quantized() == null ? x.mul(y) : MUL_SCALAR.callTensor(x, y);
  }

  private Tensor of(String operator, List<?> inputs, Supplier<Tensor> floats) {
    Functional form = quantized();
    // Through the hooks and the observer.
    return hooked(form == null ? floats.get() : form.call(operator, inputs), x -> x);
  }

  private @Nullable Functional quantized() {
    return ModuleQuantization.get().form(this) instanceof Functional form ? form : null;
  }

  void convert(ObserverBase.QParams parameters) {
    var buffers = ModuleMembers.of(this).buffers();
    buffers.put("scale", Torch.clone(parameters.scale().squeeze()).keep());
    buffers.put("zero_point", Torch.clone(parameters.zeroPoint().squeeze().to(DType.INT64)).keep());
    ModuleQuantization.get().setForm(this, new Functional());
  }

  private final class Functional extends ScaledForm {
    Functional() {
      super(FloatFunctional.this);
    }

    Tensor call(String operator, List<?> inputs) {
      List<@Nullable Object> arguments = new ArrayList<>(inputs);
      arguments.add(scale());
      arguments.add(zeroPoint());
      return Torch.op("quantized::" + operator).callTensor(arguments.toArray());
    }

    @Override
    public Object compute(Object input, UnaryOperator<Object> own) {
      return input;
    }

    @Override
    public String typeName(String own) {
      return "QFunctional";
    }
  }
}
