package dev.pantorch.onnx;

import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Convolutions, and windows of images as columns, which are convolutions with ones.
final class ConvolutionLowerings {
  private ConvolutionLowerings() {}

  static void register(Map<String, Lowering> to) {
    // (x, weight, bias, stride, padding, dilation, transposed, outputPadding, groups, ...)
    to.put(
        "aten::_convolution",
        call -> convolve(call, call.bool(6) ? call.integers(7) : null, call.integer(8)));
    // (x, weight, bias, stride, padding, dilation, groups), the padding a word
    to.put("aten::_convolution_mode", call -> convolve(call, null, call.integer(6)));
    to.put("aten::im2col", ConvolutionLowerings::windows);
    to.put("aten::col2im", ConvolutionLowerings::fold);
  }

  private static List<Long> bothEnds(List<Long> padding) {
    List<Long> both = new ArrayList<>(padding);
    both.addAll(padding);
    return both;
  }

  private static void convolve(OperatorCall call, @Nullable List<Long> outputPadding, long groups) {
    OnnxValue weight = call.tensor(1);
    int dims = weight.rank() - 2;
    OnnxValue x = PoolingLowerings.batched(call, dims);
    Map<String, Object> attributes = new HashMap<>();
    List<Long> dilation = PoolingLowerings.repeated(call.integers(5), dims);
    attributes.put("strides", PoolingLowerings.repeated(call.integers(3), dims));
    attributes.put("pads", pads(call, weight, dims, dilation));
    attributes.put("dilations", dilation);
    attributes.put("group", groups);
    if (outputPadding != null) {
      attributes.put("output_padding", PoolingLowerings.repeated(outputPadding, dims));
    }
    String operator = outputPadding == null ? "Conv" : "ConvTranspose";
    OnnxValue result =
        call.isNone(2)
            ? call.op(operator, attributes, x, weight)
            : call.op(operator, attributes, x, weight, call.tensor(2));
    call.result(PoolingLowerings.unbatched(call, result));
  }

  /// Numbers, or `valid` for none, or `same` for as many as the output needs to be as large.
  private static List<Long> pads(
      OperatorCall call, OnnxValue weight, int dims, List<Long> dilation) {
    if (!(call.argument(4) instanceof String mode)) {
      return bothEnds(PoolingLowerings.repeated(call.integers(4), dims));
    }
    if (mode.equals("valid")) return Collections.nCopies(2 * dims, 0L);
    Long[] pads = new Long[2 * dims];
    for (int i = 0; i < dims; i++) {
      long all = dilation.get(i) * (call.fixedSize(1, weight.rank() - dims + i) - 1);
      pads[i] = all / 2;
      pads[dims + i] = all - all / 2;
    }
    return List.of(pads);
  }

  /// A weight that takes each element of a window for itself, for each channel (channels · window,
  /// 1, height, width).
  private static OnnxValue ones(OperatorCall call, OnnxValue x, long channels, List<Long> kernel) {
    long window = kernel.get(0) * kernel.get(1);
    var weight =
        Torch.eye(window)
            .view(window, 1, kernel.get(0), kernel.get(1))
            .repeat(channels, 1, 1, 1)
            .to(x.dtype());
    return call.constant("windows", weight);
  }

  /// `(x, kernel, dilation, padding, stride)`.
  private static void windows(OperatorCall call) {
    OnnxValue x = PoolingLowerings.batched(call, 2);
    List<Long> kernel = PoolingLowerings.repeated(call.integers(1), 2);
    long channels = call.fixedSize(0, call.tensor(0).rank() - 3);
    Map<String, Object> attributes =
        Map.of(
            "dilations", PoolingLowerings.repeated(call.integers(2), 2),
            "pads", bothEnds(PoolingLowerings.repeated(call.integers(3), 2)),
            "strides", PoolingLowerings.repeated(call.integers(4), 2),
            "group", channels);
    OnnxValue spread = call.op("Conv", attributes, x, ones(call, x, channels, kernel));
    OnnxValue columns = call.reshape(spread, 0, channels * kernel.get(0) * kernel.get(1), -1);
    call.result(PoolingLowerings.unbatched(call, columns));
  }

  /// `(columns, outputSize, kernel, dilation, padding, stride)`.
  private static void fold(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    if (x.rank() == 2) x = call.unsqueeze(x, 0);
    List<Long> size = PoolingLowerings.repeated(call.integers(1), 2);
    List<Long> kernel = PoolingLowerings.repeated(call.integers(2), 2);
    List<Long> dilation = PoolingLowerings.repeated(call.integers(3), 2);
    List<Long> padding = PoolingLowerings.repeated(call.integers(4), 2);
    List<Long> stride = PoolingLowerings.repeated(call.integers(5), 2);
    long rows = call.fixedSize(0, call.tensor(0).rank() - 2);
    long channels = rows / (kernel.get(0) * kernel.get(1));
    List<Long> counts = new ArrayList<>();
    List<Long> rests = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      long free = size.get(i) + 2 * padding.get(i) - dilation.get(i) * (kernel.get(i) - 1) - 1;
      counts.add(free / stride.get(i) + 1);
      rests.add(free % stride.get(i));
    }
    OnnxValue image = call.reshape(x, 0, rows, counts.get(0), counts.get(1));
    Map<String, Object> attributes =
        Map.of(
            "dilations", dilation,
            "pads", bothEnds(padding),
            "strides", stride,
            "output_padding", rests,
            "group", channels);
    OnnxValue folded =
        call.op("ConvTranspose", attributes, image, ones(call, image, channels, kernel));
    call.result(PoolingLowerings.unbatched(call, folded));
  }
}
