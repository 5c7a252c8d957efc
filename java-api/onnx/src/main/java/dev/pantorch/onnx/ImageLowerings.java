package dev.pantorch.onnx;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Operators on images: sizes, padding, channels, places.
final class ImageLowerings {
  private static final int WRAP_SINCE = 19;
  private static final int GRID_NAMES_SINCE = 20;
  private static final double CUBIC = -0.75;

  private ImageLowerings() {}

  static void register(Map<String, Lowering> to) {
    for (int n = 1; n <= 3; n++) {
      int dims = n;
      to.put("aten::upsample_nearest" + n + "d", call -> resize(call, "nearest", dims));
      to.put("aten::_upsample_nearest_exact" + n + "d", call -> resize(call, "exact", dims));
      to.put("aten::reflection_pad" + n + "d", call -> pad(call, "reflect", null));
      to.put("aten::replication_pad" + n + "d", call -> pad(call, "edge", null));
    }
    to.put("aten::upsample_linear1d", call -> resize(call, "linear", 1));
    to.put("aten::upsample_bilinear2d", call -> resize(call, "linear", 2));
    to.put("aten::upsample_trilinear3d", call -> resize(call, "linear", 3));
    to.put("aten::upsample_bicubic2d", call -> resize(call, "cubic", 2));
    to.put("aten::_upsample_bilinear2d_aa", call -> smooth(call, "_upsample_bilinear2d_aa"));
    to.put("aten::_upsample_bicubic2d_aa", call -> smooth(call, "_upsample_bicubic2d_aa"));
    // (x, padding, mode, value)
    to.put("aten::pad", ImageLowerings::pad);
    to.put("aten::constant_pad_nd", call -> pad(call, "constant", call.argument(2)));
    to.put("aten::_pad_circular", call -> pad(call, "wrap", null));
    to.put("aten::pixel_shuffle", ImageLowerings::shufflePixels);
    to.put("aten::pixel_unshuffle", ImageLowerings::unshufflePixels);
    for (String name : List.of("channel_shuffle", "native_channel_shuffle")) {
      to.put("aten::" + name, ImageLowerings::shuffleChannels);
    }
    for (String name : List.of("grid_sampler", "grid_sampler_2d")) {
      to.put("aten::" + name, ImageLowerings::sample);
    }
    to.put("aten::affine_grid_generator", ImageLowerings::affineGrid);
  }

  /// `(x, outputSize, alignCorners?, scales...)`; the scales are numbers or a list.
  private static void resize(OperatorCall call, String mode, int dims) {
    OnnxValue x = call.tensor(0);
    boolean hasCorners = mode.equals("linear") || mode.equals("cubic");
    boolean areAligned = hasCorners && call.bool(2);
    List<Double> scales = scales(call, hasCorners ? 3 : 2, dims);
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("mode", mode.equals("exact") ? "nearest" : mode);
    attributes.put(
        "coordinate_transformation_mode",
        areAligned ? "align_corners" : mode.equals("nearest") ? "asymmetric" : "half_pixel");
    switch (mode) {
      case "nearest" -> attributes.put("nearest_mode", "floor");
      case "exact" -> attributes.put("nearest_mode", "round_prefer_ceil");
      case "cubic" -> attributes.put("cubic_coeff_a", CUBIC);
      default -> {}
    }
    List<@Nullable OnnxValue> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.add(null);
    if (scales != null && !areAligned) {
      List<Double> all = new ArrayList<>(Collections.nCopies(x.rank() - dims, 1.0));
      all.addAll(scales);
      double[] values = all.stream().mapToDouble(Double::doubleValue).toArray();
      inputs.add(call.constant("scales", Torch.tensor(values).to(DType.FLOAT32)));
    } else {
      OnnxValue wanted =
          call.isNone(1) ? scaledSizes(call, Objects.requireNonNull(scales), dims) : call.sizes(1);
      inputs.add(null);
      inputs.add(call.concat(0, List.of(call.shape(x, 0, x.rank() - dims), wanted)));
    }
    call.result(call.emit("Resize", x.dtype(), x.rank(), attributes, inputs));
  }

  /// `(x, outputSize, alignCorners, scales)`. ONNX Runtime weights neighbours otherwise, so that
  /// the weights are PyTorch's own: what it makes of rows that are 1 at one place. They are the
  /// same for each row and for each column.
  private static void smooth(OperatorCall call, String name) {
    OnnxValue x = call.tensor(0);
    List<Double> scales = scales(call, 3, 2);
    for (int i = 0; i < 2; i++) {
      int dim = x.rank() - 1 - i;
      long size = call.fixedSize(0, dim);
      long wanted =
          call.isNone(1)
              ? (long) (size * Objects.requireNonNull(scales).get(1 - i))
              : call.integers(1).get(1 - i);
      Double scale = scales == null ? null : scales.get(1 - i);
      Tensor places = Torch.eye(size).view(1, 1, size, size);
      Object weights =
          Torch.op("aten::" + name)
              .call(places, List.of(size, wanted), call.bool(2), null, scale)
              .getFirst();
      OnnxValue matrix =
          call.constant(
              "weights",
              ((Tensor) Objects.requireNonNull(weights)).view(size, wanted).to(x.dtype()));
      OnnxValue turned = i == 0 ? x : call.swap(x, x.rank() - 2, x.rank() - 1);
      OnnxValue resized = call.op("MatMul", turned, matrix);
      x = i == 0 ? resized : call.swap(resized, x.rank() - 2, x.rank() - 1);
    }
    call.result(x);
  }

  private static @Nullable List<Double> scales(OperatorCall call, int at, int dims) {
    if (call.argument(at) instanceof List<?> list) {
      return list.stream().map(each -> ((Number) each).doubleValue()).toList();
    }
    List<Double> scales = new ArrayList<>();
    for (int i = 0; i < dims; i++) {
      if (call.isNone(at + i)) return null;
      scales.add(call.real(at + i));
    }
    return scales;
  }

  private static OnnxValue scaledSizes(OperatorCall call, List<Double> scales, int dims) {
    OnnxValue x = call.tensor(0);
    List<OnnxValue> sizes = new ArrayList<>();
    for (int i = 0; i < dims; i++) {
      OnnxValue size = call.cast(call.sizeOf(0, x.rank() - dims + i), DType.FLOAT64);
      OnnxValue scaled = call.op("Mul", size, call.scalar(DType.FLOAT64, scales.get(i)));
      sizes.add(call.cast(call.op("Floor", scaled), DType.INT64));
    }
    return call.concat(0, sizes);
  }

  private static void pad(OperatorCall call) {
    String mode =
        switch (String.valueOf(call.argument(2))) {
          case "reflect" -> "reflect";
          case "replicate" -> "edge";
          case "circular" -> "wrap";
          default -> "constant";
        };
    pad(call, mode, call.argument(3));
  }

  /// The padding is given in pairs, the last dimension's first.
  private static void pad(OperatorCall call, String mode, @Nullable Object value) {
    OnnxValue x = call.tensor(0);
    List<?> given = call.list(1);
    int dims = given.size() / 2;
    if (mode.equals("wrap") && call.opset() < WRAP_SINCE) {
      call.result(wrap(call, x, call.integers(1)));
      return;
    }
    Object[] pads = new Object[2 * x.rank()];
    java.util.Arrays.fill(pads, 0L);
    for (int i = 0; i < dims; i++) {
      pads[x.rank() - 1 - i] = given.get(2 * i);
      pads[2 * x.rank() - 1 - i] = given.get(2 * i + 1);
    }
    List<OnnxValue> inputs = new ArrayList<>(List.of(x, call.sizes(List.of(pads))));
    if (mode.equals("constant") && value != null) inputs.add(call.scalar(x.dtype(), value));
    call.result(call.emit("Pad", x.dtype(), x.rank(), Map.of("mode", mode), inputs));
  }

  private static OnnxValue wrap(OperatorCall call, OnnxValue x, List<Long> pads) {
    OnnxValue result = x;
    for (int i = 0; i < pads.size() / 2; i++) {
      int dim = x.rank() - 1 - i;
      List<OnnxValue> parts = new ArrayList<>(List.of(result));
      if (pads.get(2 * i) > 0) {
        parts.addFirst(call.slice(result, -pads.get(2 * i), Long.MAX_VALUE, dim));
      }
      if (pads.get(2 * i + 1) > 0) parts.add(call.slice(result, 0, pads.get(2 * i + 1), dim));
      if (pads.get(2 * i) < 0 || pads.get(2 * i + 1) < 0) throw call.refuse("negative padding");
      result = call.concat(dim, parts);
    }
    return result;
  }

  private static OnnxValue asImages(OperatorCall call, OnnxValue x) {
    if (x.rank() == 4) return x;
    if (x.rank() == 3) return call.unsqueeze(x, 0);
    throw call.refuse("an input of %d dimensions".formatted(x.rank()));
  }

  private static OnnxValue fromImages(OperatorCall call, OnnxValue image) {
    return call.rank() == 4 ? image : call.squeeze(image, 0);
  }

  private static void shufflePixels(OperatorCall call) {
    Map<String, Object> attributes = Map.of("blocksize", call.integer(1), "mode", "CRD");
    OnnxValue x = asImages(call, call.tensor(0));
    call.result(fromImages(call, call.op("DepthToSpace", attributes, x)));
  }

  /// ONNX has the places in a block before the channels.
  private static void unshufflePixels(OperatorCall call) {
    OnnxValue x = asImages(call, call.tensor(0));
    long block = call.integer(1);
    long channels = call.fixedSize(0, call.tensor(0).rank() - 3);
    OnnxValue deep = call.op("SpaceToDepth", Map.of("blocksize", block), x);
    long[] order =
        Torch.arange(channels * block * block)
            .view(block * block, channels)
            .t()
            .reshape(-1)
            .toLongArray();
    call.result(fromImages(call, call.gather(deep, call.ints(order), 1)));
  }

  private static void shuffleChannels(OperatorCall call) {
    long groups = call.integer(1);
    long channels = call.fixedSize(0, 1);
    long[] order =
        LongStream.range(0, channels)
            .map(i -> i % groups * (channels / groups) + i / groups)
            .toArray();
    call.result(call.gather(call.tensor(0), call.ints(order), 1));
  }

  /// `(x, grid, interpolation, padding, alignCorners)`.
  private static void sample(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    boolean hasNewNames = call.opset() >= GRID_NAMES_SINCE;
    if (x.rank() != 4 && !hasNewNames) {
      throw call.refuse("volumes, which opset %d has".formatted(GRID_NAMES_SINCE));
    }
    List<String> modes =
        hasNewNames
            ? List.of("linear", "nearest", "cubic")
            : List.of("bilinear", "nearest", "bicubic");
    Map<String, Object> attributes =
        Map.of(
            "mode", modes.get((int) call.integer(2)),
            "padding_mode", List.of("zeros", "border", "reflection").get((int) call.integer(3)),
            "align_corners", call.bool(4));
    call.result(call.op("GridSample", attributes, x, call.tensor(1)));
  }

  /// `(theta, size, alignCorners)`: a linear function of places that depend on the size alone.
  private static void affineGrid(OperatorCall call) {
    OnnxValue theta = call.tensor(0);
    List<?> size = call.list(1);
    int dims = size.size() - 2;
    long[] one = new long[dims + 2];
    one[0] = 1;
    one[1] = 1;
    for (int i = 2; i < one.length; i++) {
      if (!(size.get(i) instanceof Long known)) throw call.refuse("sizes that are dynamic");
      one[i] = known;
    }
    Tensor places =
        Torch.affineGridGenerator(Torch.eye(dims, dims + 1).unsqueeze(0), one, call.bool(2));
    Tensor flat = places.reshape(1, -1, dims);
    Tensor extended = Torch.cat(List.of(flat, Torch.ones(1, flat.size(1), 1)), 2).to(theta.dtype());
    OnnxValue moved = call.op("MatMul", call.constant("places", extended), call.swap(theta, 1, 2));
    long[] shape = new long[dims + 2];
    shape[0] = -1;
    for (int i = 0; i < dims; i++) shape[1 + i] = one[2 + i];
    shape[dims + 1] = dims;
    call.result(call.reshape(moved, shape));
  }
}
