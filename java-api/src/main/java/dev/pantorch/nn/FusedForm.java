package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.internal.LayerForm;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A layer that is followed by a rectifier.
final class FusedForm extends LayerForm {
  @Override
  public Object compute(Object input, UnaryOperator<Object> own) {
    return ((Tensor) own.apply(input)).relu();
  }

  /// `ConvReLU2d`, `LinearReLU`, `BNReLU2d`.
  @Override
  public String typeName(String own) {
    if (own.startsWith("Conv")) return own.replace("Conv", "ConvReLU");
    if (own.startsWith("BatchNorm")) return own.replace("BatchNorm", "BNReLU");
    return own + "ReLU";
  }

  /// A layer that was fused into one before it.
  static final class Identity extends LayerForm {
    private final @Nullable Module head;

    /// @param head the layer before, for the last one that was fused into it
    Identity(@Nullable Module head) {
      this.head = head;
    }

    @Override
    public @Nullable Module computedBy() {
      return head;
    }

    @Override
    public Object compute(Object input, UnaryOperator<Object> own) {
      return input;
    }

    @Override
    public String typeName(String own) {
      return "Identity";
    }

    @Override
    public String extraRepr(String own) {
      return "";
    }
  }
}
