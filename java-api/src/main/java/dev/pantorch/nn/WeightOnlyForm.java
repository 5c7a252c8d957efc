package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.LayerForm;
import dev.pantorch.internal.PythonText;
import dev.pantorch.ops.AminmaxResult;
import dev.pantorch.ops.Internal;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A linear layer with a weight of 8 or 4 bits, whose activations stay floats.
final class WeightOnlyForm extends LayerForm {
  private final Linear layer;
  private final int bits;
  private final long groupSize;
  private final boolean relu;

  /// The weight as the operator for 4 bits wants it, which differs between processors.
  private @Nullable Tensor packed;

  WeightOnlyForm(Linear layer, int bits, long groupSize) {
    this.layer = layer;
    this.bits = bits;
    this.groupSize = groupSize;
    relu = layer.form() instanceof FusedForm;
    Tensor weight = layer.weight().detach();
    check(weight);
    if (bits == 8) quantizeRows(weight);
    else quantizeGroups(weight);
    Tensor bias = layer.bias();
    if (bias != null) layer.makeBuffer("bias", bias.detach());
    repack();
  }

  private void check(Tensor weight) {
    if (!weight.isfinite().all().itemBoolean()) {
      throw new ValueException("'weight' has NaN or infinite elements");
    }
    boolean fits = weight.size(0) % 16 == 0 && weight.size(1) % groupSize == 0;
    if (bits == 4 && !fits) {
      throw new ValueException(
          "a weight of 4 bits has a multiple of 16 rows and of group_size=%d columns, got %s"
              .formatted(groupSize, PythonText.size(weight.shape())));
    }
  }

  /// By rows, symmetric, from -128 to 127.
  private void quantizeRows(Tensor weight) {
    Tensor floats = weight.to(DType.FLOAT32);
    Tensor scales =
        floats.abs().amax(new long[] {1}).div(255 / 2.0).clamp((double) Math.ulp(1f), null);
    Tensor bytes = floats.div(scales.unsqueeze(-1)).round().clamp(-128, 127);
    layer.makeBuffer("weight", bytes.to(DType.INT8));
    layer.makeBuffer("scales", scales.to(weight.dtype()));
  }

  /// By groups of neighbours in a row, from the least to the greatest. Two elements are in a byte,
  /// the first one in its lower half.
  private void quantizeGroups(Tensor weight) {
    Tensor groups = weight.reshape(-1, groupSize);
    AminmaxResult range = Torch.aminmax(groups, 1, true);
    Tensor scales = range.max().sub(range.min()).clamp(1e-6, null).div(15);
    Tensor zeros = range.min().add(scales.mul(8));
    Tensor numbers = groups.sub(range.min()).div(scales).round().clamp(0, 15).to(DType.UINT8);
    Tensor pairs = numbers.reshape(weight.size(0), -1, 2);
    Tensor high = pairs.select(2, 1).mul(16);
    layer.makeBuffer("weight", pairs.select(2, 0).add(high));
    Tensor both = Torch.cat(List.of(scales, zeros), 1).reshape(weight.size(0), -1, 2);
    layer.makeBuffer("scales_and_zeros", both.transpose(0, 1).contiguous());
  }

  @Override
  public void repack() {
    if (bits == 8) return;
    Tensor bytes = layer.weight().to(DType.INT32);
    Tensor low = bytes.remainder(16);
    Tensor high = bytes.div(16, "floor").to(DType.INT32);
    Tensor numbers = Torch.stack(List.of(low, high), 2).reshape(bytes.size(0), 2 * bytes.size(1));
    packed = Internal.convertWeightToInt4packForCpu(numbers, 1).keep();
  }

  @Override
  public Object compute(Object input, UnaryOperator<Object> own) {
    Tensor x = (Tensor) input;
    long features = x.size(-1);
    Tensor rows = x.reshape(-1, features);
    Tensor table = packed;
    Tensor product =
        table == null
            ? Internal.weightInt8packMm(rows, layer.weight(), layer.getBuffer("scales"))
            : Internal.weightInt4packMmForCpu(
                rows, table, groupSize, layer.getBuffer("scales_and_zeros"));
    Tensor bias = layer.bias();
    if (bias != null) product = product.add(bias);
    if (relu) product = product.relu();
    if (x.dim() == 2) return product;
    long[] shape = x.shape();
    shape[shape.length - 1] = product.size(1);
    return product.reshape(shape);
  }

  @Override
  public String typeName(String own) {
    return "WeightOnlyQuantized" + own + (relu ? "ReLU" : "");
  }

  @Override
  public String extraRepr(String own) {
    return own + (bits == 8 ? ", bits=8" : ", bits=4, group_size=" + groupSize);
  }

  @Override
  public boolean isQuantized() {
    return true;
  }
}
