package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Pooling.
final class PoolingLowerings {
  private PoolingLowerings() {}

  static void register(Map<String, Lowering> to) {
    for (int n = 1; n <= 3; n++) {
      int dims = n;
      // (x, kernel, stride, padding, dilation, ceilMode)
      to.put("aten::max_pool" + n + "d", call -> maxPool(call, dims, false));
      to.put("aten::max_pool" + n + "d_with_indices", call -> maxPool(call, dims, true));
      // (x, kernel, stride, padding, ceilMode, countIncludePad, divisorOverride)
      to.put("aten::avg_pool" + n + "d", call -> averagePool(call, dims));
      to.put("aten::adaptive_avg_pool" + n + "d", call -> adaptiveAverage(call, dims));
      to.put("aten::adaptive_max_pool" + n + "d", call -> adaptiveMax(call, dims));
      if (n > 1) to.put("aten::max_unpool" + n + "d", call -> unpool(call, dims));
    }
  }

  /// What a kernel slides over.
  ///
  /// @param x with a batch dimension
  /// @param first the first dimension that is slid over, in the argument
  /// @param ends how much padding is added at the ends so that the last windows of `ceil_mode` are
  ///   whole
  private record Window(
      OnnxValue x,
      int first,
      List<Long> kernel,
      List<Long> stride,
      List<Long> padding,
      List<Long> ends) {
    Map<String, Object> attributes() {
      List<Long> pads = new ArrayList<>(padding);
      for (int i = 0; i < padding.size(); i++) pads.add(padding.get(i) + ends.get(i));
      return new HashMap<>(Map.of("kernel_shape", kernel, "strides", stride, "pads", pads));
    }
  }

  static OnnxValue batched(OperatorCall call, int dims) {
    OnnxValue x = call.tensor(0);
    return x.rank() == dims + 2 ? x : call.unsqueeze(x, 0);
  }

  static OnnxValue unbatched(OperatorCall call, OnnxValue result) {
    return result.rank() == call.rank() ? result : call.squeeze(result, 0);
  }

  static List<Long> repeated(List<Long> values, int dims) {
    return values.size() == dims ? values : Collections.nCopies(dims, values.getFirst());
  }

  private static Window window(OperatorCall call, int dims, List<Long> dilation, boolean isCeil) {
    OnnxValue x = call.tensor(0);
    int first = x.rank() - dims;
    List<Long> kernel = repeated(call.integers(1), dims);
    List<Long> given = call.isNone(2) ? List.of() : call.integers(2);
    List<Long> stride = given.isEmpty() ? kernel : repeated(given, dims);
    List<Long> padding = repeated(call.integers(3), dims);
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < dims; i++) {
      ends.add(
          isCeil
              ? end(call, first + i, kernel.get(i), stride.get(i), padding.get(i), dilation.get(i))
              : 0);
    }
    return new Window(batched(call, dims), first, kernel, stride, padding, ends);
  }

  /// How far the last window of `ceil_mode` reaches over the padding. It begins before it.
  private static long end(
      OperatorCall call, int dim, long kernel, long stride, long padding, long dilation) {
    if (stride == 1) return 0;
    long size = call.fixedSize(0, dim);
    long whole = size + 2 * padding;
    long span = dilation * (kernel - 1) + 1;
    long count = Math.ceilDiv(whole - span, stride) + 1;
    if ((count - 1) * stride >= size + padding) count--;
    return Math.max(0, (count - 1) * stride + span - whole);
  }

  private static void maxPool(OperatorCall call, int dims, boolean withIndices) {
    List<Long> dilation = repeated(call.integers(4), dims);
    Window window = window(call, dims, dilation, call.bool(5));
    Map<String, Object> attributes = window.attributes();
    attributes.put("dilations", dilation);
    OnnxValue[] both = maxPool(call, window.x, attributes);
    if (withIndices) call.result(unbatched(call, both[0]), unbatched(call, both[1]));
    else call.result(unbatched(call, both[0]));
  }

  /// The values, and where they are in their planes. ONNX counts over the whole tensor.
  private static OnnxValue[] maxPool(
      OperatorCall call, OnnxValue x, Map<String, Object> attributes) {
    List<OnnxValue> outputs =
        List.of(
            GraphBuilder.result(x.dtype(), x.rank()), GraphBuilder.result(DType.INT64, x.rank()));
    call.emit("MaxPool", outputs, attributes, List.of(x));
    OnnxValue plane = call.reduce("ReduceProd", call.shape(x, 2, x.rank()), List.of(), false);
    return new OnnxValue[] {outputs.get(0), call.op("Mod", outputs.get(1), plane)};
  }

  private static void averagePool(OperatorCall call, int dims) {
    Window window = window(call, dims, Collections.nCopies(dims, 1L), call.bool(4));
    boolean countsPadding = call.bool(5);
    boolean hasDivisor = !call.isNone(6);
    Map<String, Object> attributes = window.attributes();
    OnnxValue x = window.x;
    boolean reachesOver = window.ends.stream().anyMatch(end -> end > 0);
    if (reachesOver && (countsPadding || hasDivisor)) {
      // From opset 19 on, ONNX Runtime counts padding otherwise where it differs at both ends.
      x = padded(call, window);
      attributes.remove("pads");
    } else {
      attributes.put("count_include_pad", countsPadding || hasDivisor);
    }
    OnnxValue mean = call.op("AveragePool", attributes, x);
    double all = window.kernel.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    if (hasDivisor) {
      mean = call.op("Mul", mean, call.number(mean, all / call.real(6)));
    } else if (countsPadding && reachesOver) {
      mean = call.op("Mul", mean, call.constant("parts", parts(call, window)));
    }
    call.result(unbatched(call, mean));
  }

  private static OnnxValue padded(OperatorCall call, Window window) {
    int dims = window.padding.size();
    long[] pads = new long[2 * (dims + 2)];
    for (int i = 0; i < dims; i++) {
      pads[2 + i] = window.padding.get(i);
      pads[dims + 4 + i] = window.padding.get(i) + window.ends.get(i);
    }
    return call.op("Pad", window.x, call.ints(pads));
  }

  /// A window that reaches over the padding counts only what is inside: by how much its mean is
  /// larger.
  private static Tensor parts(OperatorCall call, Window window) {
    Tensor parts = Torch.ones(1);
    for (int i = 0; i < window.kernel.size(); i++) {
      long kernel = window.kernel.get(i);
      long stride = window.stride.get(i);
      long inside = call.fixedSize(0, window.first + i) + 2 * window.padding.get(i);
      long count = (inside + window.ends.get(i) - kernel) / stride + 1;
      double[] each =
          LongStream.range(0, count)
              .mapToDouble(at -> (double) kernel / Math.min(kernel, inside - at * stride))
              .toArray();
      parts = parts.unsqueeze(-1).mul(Torch.tensor(each));
    }
    return parts.squeeze(0).to(call.dtype());
  }

  private static void adaptiveAverage(OperatorCall call, int dims) {
    OnnxValue x = batched(call, dims);
    List<Long> sizes = repeated(call.integers(1), dims);
    if (sizes.stream().allMatch(size -> size == 1)) {
      call.result(unbatched(call, call.op("GlobalAveragePool", x)));
      return;
    }
    int first = call.tensor(0).rank() - dims;
    List<Long> kernel = kernel(call, first, sizes);
    if (kernel != null) {
      Map<String, Object> attributes = Map.of("kernel_shape", kernel, "strides", kernel);
      call.result(unbatched(call, call.op("AveragePool", attributes, x)));
      return;
    }
    for (int i = 0; i < dims; i++) {
      OnnxValue shares =
          call.constant("shares", shares(call, call.fixedSize(0, first + i), sizes.get(i)));
      int last = x.rank() - 1;
      x = call.swap(call.op("MatMul", call.swap(x, 2 + i, last), shares), 2 + i, last);
    }
    call.result(unbatched(call, x));
  }

  /// The kernel of a pooling whose windows are side by side, or null where they are not.
  private static @Nullable List<Long> kernel(OperatorCall call, int first, List<Long> sizes) {
    List<Long> kernel = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      long size = call.fixedSize(0, first + i);
      if (size % sizes.get(i) != 0) return null;
      kernel.add(size / sizes.get(i));
    }
    return kernel;
  }

  private static long start(long index, long size, long count) {
    return index * size / count;
  }

  private static long end(long index, long size, long count) {
    return Math.ceilDiv((index + 1) * size, count);
  }

  /// What each element contributes to each mean (element, mean).
  private static Tensor shares(OperatorCall call, long size, long count) {
    double[] shares = new double[(int) (size * count)];
    for (long i = 0; i < count; i++) {
      long from = start(i, size, count);
      long to = end(i, size, count);
      for (long at = from; at < to; at++) shares[(int) (at * count + i)] = 1.0 / (to - from);
    }
    return Torch.tensor(shares, size, count).to(call.dtype());
  }

  private static void adaptiveMax(OperatorCall call, int dims) {
    OnnxValue x = batched(call, dims);
    List<Long> sizes = repeated(call.integers(1), dims);
    int first = call.tensor(0).rank() - dims;
    List<Long> kernel = kernel(call, first, sizes);
    if (kernel != null) {
      Map<String, Object> attributes = Map.of("kernel_shape", kernel, "strides", kernel);
      OnnxValue[] both = maxPool(call, x, attributes);
      call.result(unbatched(call, both[0]), unbatched(call, both[1]));
      return;
    }
    if (call.isUsed(1)) throw call.refuse("positions in windows of different sizes");
    for (int i = 0; i < dims; i++) {
      long size = call.fixedSize(0, first + i);
      List<OnnxValue> parts = new ArrayList<>();
      for (long at = 0; at < sizes.get(i); at++) {
        OnnxValue part =
            call.slice(x, start(at, size, sizes.get(i)), end(at, size, sizes.get(i)), 2 + i);
        parts.add(call.reduce("ReduceMax", part, 2 + i, true));
      }
      x = call.concat(2 + i, parts);
    }
    OnnxValue values = unbatched(call, x);
    call.result(values, values);
  }

  /// `(x, indices, outputSize, ...)`.
  private static void unpool(OperatorCall call, int dims) {
    OnnxValue x = call.tensor(0);
    OnnxValue indices = call.tensor(1);
    List<Long> size = call.integers(2);
    long plane = size.stream().reduce(1L, (a, b) -> a * b);
    int outer = x.rank() - dims;
    OnnxValue front = call.shape(x, 0, outer);
    OnnxValue flatSize = call.concat(0, List.of(front, call.ints(plane)));
    long[] flat = new long[outer + 1];
    Arrays.fill(flat, 0, outer, 0);
    flat[outer] = -1;
    OnnxValue empty = call.expand(call.number(x, 0), flatSize, outer + 1);
    OnnxValue put =
        call.emit(
            "ScatterElements",
            x.dtype(),
            outer + 1,
            Map.of("axis", outer),
            List.of(empty, call.reshape(indices, flat), call.reshape(x, flat)));
    OnnxValue sizes = call.concat(0, List.of(front, call.graph.ints(size)));
    call.result(call.reshape(put, sizes, x.rank()));
  }
}
