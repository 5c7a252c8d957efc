package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.ops.AminmaxResult;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The rows of an embedding as bytes or half bytes, each row with a scale and a zero point of its
/// own.
///
/// Bytes are a quantized tensor, which is packed as in Python. Half bytes are the rows as libtorch
/// packs them, in plain bytes: its tensors of that dtype can be neither copied nor saved.
final class QuantizedRows {
  private static final Operator QUANTIZE = Torch.op("aten::quantize_per_channel");
  private static final Operator PREPACK = Torch.op("quantized::embedding_bag_prepack");
  private static final Operator BYTES = Torch.op("quantized::embedding_byte");
  private static final Operator BAG_BYTES = Torch.op("quantized::embedding_bag_byte");
  private static final Operator BAG_HALVES =
      Torch.op("quantized::embedding_bag_4bit_rowwise_offsets");

  private final @Nullable ScriptObject packed;
  private final Tensor rows;

  /// Packs what {@link #quantize} has made.
  QuantizedRows(Tensor rows) {
    this.rows = rows;
    packed = rows.isQuantized() ? QuantizedKernels.object(PREPACK.call(rows)) : null;
  }

  /// What Python's observer for embeddings makes of a weight.
  static Tensor quantize(String name, Tensor weight, DType dtype) {
    boolean halves = dtype == DType.QUINT4X2;
    if (halves && weight.size(1) % 2 != 0) {
      throw new ValueException(
          "rows of %d elements cannot be quantized to %s, two elements a byte"
              .formatted(weight.size(1), dtype));
    }
    AminmaxResult range = Torch.aminmax(weight, 1);
    Tensor scale = range.max().sub(range.min()).div(halves ? 15 : 255);
    if (!scale.isfinite().all().itemBoolean()) {
      throw new ValueException("'%s' has NaN or infinite elements".formatted(name));
    }
    scale = scale.where(scale.gt(Math.ulp(1f)), Torch.onesLike(scale));
    Tensor zeroPoint = range.min().mul(-1).div(scale);
    Tensor quantized = QUANTIZE.callTensor(weight, scale, zeroPoint, 0, dtype);
    if (!halves) return quantized;
    Tensor bytes = quantized.intRepr().reshape(weight.size(0), weight.size(1) / 2);
    Tensor offset = zeroPoint.mul(scale).mul(-1);
    Tensor scales = Torch.stack(List.of(scale, offset), 1).to(DType.FLOAT16);
    return Torch.cat(List.of(bytes, scales.view(DType.UINT8)), 1);
  }

  @Nullable ScriptObject packed() {
    return packed;
  }

  String text(long numEmbeddings, long embeddingDim) {
    return "num_embeddings=%d, embedding_dim=%d, dtype=%s, qscheme=torch.per_channel_affine_float_qparams"
        .formatted(numEmbeddings, embeddingDim, packed == null ? DType.QUINT4X2 : DType.QUINT8);
  }

  /// The rows of indices of any shape.
  Tensor embedding(Tensor indices) {
    // Python's module leaves it to its users to make them contiguous, which the kernel insists on.
    if (packed != null) return BYTES.callTensor(packed, indices.contiguous());
    Tensor flat = indices.reshape(-1);
    Tensor each = Torch.arange(flat.size(0), indices.dtype());
    long[] shape = Arrays.copyOf(indices.shape(), indices.dim() + 1);
    Tensor found = bag(flat, each, null, false);
    shape[shape.length - 1] = found.size(1);
    return found.reshape(shape);
  }

  /// What the kernels take for granted: they would read beyond their memory.
  private static void check(
      long count, @Nullable Tensor offsets, @Nullable Tensor weights, boolean lastOffset) {
    if (weights != null && weights.numel() != count) {
      throw new ShapeException(
          "expected as many per_sample_weights as there are indices, %d, got %d"
              .formatted(count, weights.numel()));
    }
    if (offsets == null || offsets.dim() != 1) return;
    long[] starts = offsets.to(DType.INT64).toLongArray();
    if (lastOffset && starts.length == 0) {
      throw new ShapeException("include_last_offset: number of offset should be at least 1");
    }
    long before = 0;
    for (int i = 0; i < starts.length; i++) {
      if (i == 0 && starts[0] != 0) {
        throw new ValueException(
            "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from"
                + " position 0. However, got "
                + starts[0]);
      }
      if (starts[i] < before || starts[i] > count) {
        throw new ValueException(
            "offsets must not decrease nor be greater than input's length, %d; offsets[%d] is %d"
                .formatted(count, i, starts[i]));
      }
      before = starts[i];
    }
    if (lastOffset && before != count) {
      throw new ValueException(
          "the last offset is the number of indices with include_last_offset, %d, got %d"
              .formatted(count, before));
    }
  }

  /// Sums of rows.
  Tensor bag(
      Tensor indices, @Nullable Tensor offsets, @Nullable Tensor weights, boolean lastOffset) {
    check(indices.numel(), offsets, weights, lastOffset);
    Object table = packed == null ? rows : packed;
    return (packed == null ? BAG_HALVES : BAG_BYTES)
        .callTensor(table, indices, offsets, false, 0, false, weights, null, lastOffset);
  }
}
