package dev.pantorch.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Convolutions and pooling.
final class ConvolutionLowerings {
  private ConvolutionLowerings() {}

  static void register(Map<String, Lowering> to) {
    // (x, weight, bias, stride, padding, dilation, transposed, outputPadding, groups, ...)
    to.put("aten::_convolution", call -> convolve(call, call.bool(6), 7, 8));
    for (int n = 1; n <= 3; n++) {
      // (x, weight, bias, stride, padding, dilation, groups)
      to.put("aten::conv" + n + "d", call -> convolve(call, false, -1, 6));
      int dims = n;
      // (x, kernel, stride, padding, dilation, ceilMode)
      to.put("aten::max_pool" + n + "d", call -> pool(call, "MaxPool", dims, 5));
      // (x, kernel, stride, padding, ceilMode, countIncludePad, divisorOverride)
      to.put("aten::avg_pool" + n + "d", call -> pool(call, "AveragePool", dims, 4));
      to.put(
          "aten::adaptive_avg_pool" + n + "d",
          call -> {
            OnnxValue x = batched(call, dims);
            if (!call.integers(1).stream().allMatch(size -> size == 1)) {
              throw call.refuse("output sizes other than 1");
            }
            call.result(call.emit("GlobalAveragePool", call.dtype(), call.rank(), x));
          });
    }
  }

  private static OnnxValue batched(OperatorCall call, int dims) {
    OnnxValue x = call.tensor(0);
    if (x.rank() != dims + 2) throw call.refuse("an input without a batch dimension");
    return x;
  }

  private static List<Long> repeated(List<Long> values, int dims) {
    return values.size() == dims ? values : java.util.Collections.nCopies(dims, values.getFirst());
  }

  private static List<Long> bothEnds(List<Long> padding) {
    List<Long> both = new ArrayList<>(padding);
    both.addAll(padding);
    return both;
  }

  private static void convolve(
      OperatorCall call, boolean transposed, int outputPadding, int groups) {
    OnnxValue weight = call.tensor(1);
    int dims = weight.rank() - 2;
    OnnxValue x = batched(call, dims);
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("strides", repeated(call.integers(3), dims));
    attributes.put("pads", bothEnds(repeated(call.integers(4), dims)));
    attributes.put("dilations", repeated(call.integers(5), dims));
    attributes.put("group", call.integer(groups));
    if (transposed) {
      attributes.put("output_padding", repeated(call.integers(outputPadding), dims));
    }
    call.result(
        call.emit(
            transposed ? "ConvTranspose" : "Conv",
            call.dtype(),
            call.rank(),
            attributes,
            call.isNone(2) ? List.of(x, weight) : List.of(x, weight, call.tensor(2))));
  }

  private static void pool(OperatorCall call, String operator, int dims, int ceilMode) {
    OnnxValue x = batched(call, dims);
    if (call.bool(ceilMode)) throw call.refuse("ceil_mode");
    List<Long> kernel = repeated(call.integers(1), dims);
    List<Long> stride = call.integers(2);
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("kernel_shape", kernel);
    attributes.put("strides", stride.isEmpty() ? kernel : repeated(stride, dims));
    attributes.put("pads", bothEnds(repeated(call.integers(3), dims)));
    if (operator.equals("MaxPool")) {
      attributes.put("dilations", repeated(call.integers(4), dims));
    } else {
      attributes.put("count_include_pad", call.bool(5));
      if (!call.isNone(6)) throw call.refuse("divisor_override");
    }
    call.result(call.emit(operator, call.dtype(), call.rank(), attributes, List.of(x)));
  }
}
