package dev.pantorch.nn;

import dev.pantorch.Tensor;
import dev.pantorch.ValueException;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.PythonText;
import dev.pantorch.jit.ScriptObject;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/// A statically quantized layer, with its scale and its zero point in the buffers of these names.
final class StaticForm extends LayerForm {
  private final Module layer;
  private final StaticKernel kernel;
  private final String name;
  private double scale = 1;
  private long zeroPoint;

  StaticForm(Module layer, StaticKernel kernel) {
    this.layer = layer;
    this.kernel = kernel;
    name = "Quantized" + layer.typeName();
    repack();
  }

  private void readScale() {
    if (!kernel.isScaled()) return;
    scale = layer.getBuffer("scale").item();
    zeroPoint = layer.getBuffer("zero_point").itemLong();
  }

  @Override
  public Object compute(Object input, UnaryOperator<Object> own) {
    if (input instanceof Tensor tensor) return kernel.compute(tensor, scale, zeroPoint);
    throw new ValueException(
        "a quantized %s takes one tensor, got %s".formatted(layer.simpleName(), input));
  }

  @Override
  public String typeName(String own) {
    return name;
  }

  /// `, scale=0.1, zero_point=64` for layers that print it, empty for those that are not quantized.
  static String scaleText(Module layer) {
    return layer.form() instanceof StaticForm form
        ? ", scale=%s, zero_point=%d".formatted(PythonText.number(form.scale), form.zeroPoint)
        : "";
  }

  @Override
  public boolean isQuantized() {
    return true;
  }

  @Override
  public SequencedMap<String, ScriptObject> packed() {
    SequencedMap<String, ScriptObject> own = new LinkedHashMap<>();
    ScriptObject packed = kernel.packed();
    if (packed != null) own.put("_packed_params", packed);
    return own;
  }

  @Override
  public boolean holds(String buffer) {
    boolean scales = buffer.equals("scale") || buffer.equals("zero_point");
    return !scales && kernel.packed() != null;
  }

  @Override
  public void repack() {
    readScale();
    kernel.pack();
  }
}
