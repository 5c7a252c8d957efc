package dev.pantorch.quantization;

import dev.pantorch.internal.LayerForm;
import dev.pantorch.nn.Module;

/// A quantized form that keeps its scale and its zero point in the module's buffers of these names.
abstract class ScaledForm extends LayerForm {
  private final Module module;
  private double scale;
  private long zeroPoint;

  ScaledForm(Module module) {
    this.module = module;
    read();
  }

  private void read() {
    scale = module.getBuffer("scale").item();
    zeroPoint = module.getBuffer("zero_point").itemLong();
  }

  final double scale() {
    return scale;
  }

  final long zeroPoint() {
    return zeroPoint;
  }

  @Override
  public final boolean isQuantized() {
    return true;
  }

  @Override
  public final void repack() {
    read();
  }
}
