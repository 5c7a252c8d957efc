package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.ModuleQuantization;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What other packages may do with the layers of this one.
final class QuantizationAccess extends ModuleQuantization {
  @Override
  public @Nullable Consumer<DType> dynamic(Module module, DType dtype) {
    if (!module.isQuantizable(dtype)) return null;
    return wanted -> {
      if (module.isQuantized()) return;
      module.checkUnparametrized();
      module.quantize(wanted);
    };
  }

  @Override
  public Packed packed(Module module) {
    return new Packed(module.packed(), module::isPacked);
  }

  @Override
  public boolean isQuantized(Module module) {
    return module.isQuantized();
  }

  @Override
  public @Nullable LayerForm form(Module module) {
    return module.form();
  }

  @Override
  public void setForm(Module module, @Nullable LayerForm form) {
    module.setForm(form);
  }

  @Override
  public void fold(Layer layer, BatchNorm norm) {
    Fusing.fold(layer, norm);
  }

  @Override
  public void fuse(List<? extends Module> layers) {
    Fusing.fuse(layers);
  }

  @Override
  public void weightOnly(Module module, int bits, long groupSize) {
    if (!(module instanceof Linear linear) || !module.isQuantizable(DType.QINT8)) return;
    if (module.isQuantized()) return;
    module.checkUnparametrized();
    module.setForm(new WeightOnlyForm(linear, bits, groupSize));
  }

  @Override
  public boolean isStatic(Module module) {
    return !module.isQuantized()
        && !(module.form() instanceof FusedForm.Identity)
        && module.staticKernel(false) != null;
  }

  @Override
  public boolean isScaled(Module module) {
    StaticKernel kernel = module.staticKernel(false);
    return kernel != null && kernel.isScaled();
  }

  @Override
  public @Nullable Tensor staticWeight(Module module) {
    return switch (module) {
      case Linear linear -> linear.weight();
      case ConvNd convolution -> convolution.weight();
      case PReLU activation -> activation.weight();
      default -> null;
    };
  }

  @Override
  public void convert(Module module, Static parts) {
    module.checkUnparametrized();
    Tensor weight = parts.weight();
    if (weight != null) module.makeBuffer("weight", weight);
    Tensor bias = weight == null ? null : module.parametersByName().get("bias");
    if (bias != null) module.makeBuffer("bias", bias.detach());
    boolean relu = module.form() instanceof FusedForm;
    StaticKernel kernel = module.staticKernel(relu);
    if (kernel == null) throw new IllegalStateException(module.simpleName());
    if (kernel.isScaled()) {
      module.makeBuffer("scale", parts.scale());
      module.makeBuffer("zero_point", parts.zeroPoint());
    }
    module.setForm(new StaticForm(module, kernel));
  }
}
