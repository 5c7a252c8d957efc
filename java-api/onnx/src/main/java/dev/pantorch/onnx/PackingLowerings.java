package dev.pantorch.onnx;

import dev.pantorch.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Packed sequences. Beside the packed elements, which are picked from the padded ones, values keep
/// the padded ones and the lengths, as ONNX's recurrent layers read them. What nothing needs of
/// both is left out in the end.
final class PackingLowerings {
  private PackingLowerings() {}

  /// How sequences are packed.
  ///
  /// @param lengths the steps of each sequence (batch)
  /// @param mask where there are steps (time, batch)
  /// @param places of the steps among all of (time · batch), first steps first (step)
  record Packing(OnnxValue lengths, OnnxValue mask, OnnxValue places) {}

  /// The padded form of packed elements.
  ///
  /// @param padded (time, batch, ...)
  /// @param isZeroAtPadding whether there are zeros behind the ends
  record Padded(OnnxValue padded, Packing packing, boolean isZeroAtPadding) {}

  static void register(Map<String, Lowering> to) {
    to.put("aten::_pack_padded_sequence", PackingLowerings::pack);
    to.put("aten::_pad_packed_sequence", PackingLowerings::pad);
  }

  private static Packing packing(OperatorCall call, OnnxValue lengths, OnnxValue time) {
    OnnxValue mask = call.test("Less", call.unsqueeze(call.range(time), 1), lengths);
    OnnxValue found = call.emit("NonZero", DType.INT64, 2, call.reshape(mask, -1));
    return new Packing(lengths, mask, call.squeeze(found, 0));
  }

  /// How many sequences have each step says how long each sequence is.
  static Packing packing(OperatorCall call, OnnxValue batchSizes) {
    Packing known = batchSizes.packing;
    if (known != null) return known;
    OnnxValue batch = call.slice(batchSizes, 0, 1, 0);
    OnnxValue longer = call.test("Greater", call.unsqueeze(batchSizes, 1), call.range(batch));
    OnnxValue lengths = call.reduce("ReduceSum", call.cast(longer, DType.INT64), 0, false);
    return packing(call, lengths, call.shape(batchSizes));
  }

  /// `(x, lengths, batchFirst)`.
  private static void pack(OperatorCall call) {
    OnnxValue x = call.tensor(0);
    boolean batchFirst = call.bool(2);
    OnnxValue padded = batchFirst ? call.swap(x, 0, 1) : x;
    Packing packing = packing(call, call.tensor(1), call.sizeOf(0, batchFirst ? 1 : 0));
    List<OnnxValue> rest = new ArrayList<>();
    for (int dim = 2; dim < x.rank(); dim++) rest.add(call.sizeOf(0, dim));
    OnnxValue data = packed(call, padded, rest, packing, false);
    OnnxValue count = call.cast(packing.mask, DType.INT64);
    OnnxValue batchSizes =
        call.slice(
            call.reduce("ReduceSum", count, 1, false), call.ints(0), longest(call, packing), 0, 1);
    batchSizes.packing = packing;
    call.result(data, batchSizes);
  }

  private static OnnxValue longest(OperatorCall call, Packing packing) {
    return call.reduce("ReduceMax", packing.lengths, 0, true);
  }

  /// Packs padded elements.
  ///
  /// @param rest the sizes of the dimensions behind time and batch, each of shape (1)
  static OnnxValue packed(
      OperatorCall call,
      OnnxValue padded,
      List<OnnxValue> rest,
      Packing packing,
      boolean isZeroAtPadding) {
    List<OnnxValue> sizes = new ArrayList<>(List.of(call.ints(-1)));
    sizes.addAll(rest);
    OnnxValue flat = call.reshape(padded, call.concat(0, sizes), padded.rank() - 1);
    OnnxValue data = call.gather(flat, packing.places, 0);
    data.padded = new Padded(padded, packing, isZeroAtPadding);
    return data;
  }

  /// The padded form of what is packed; what a layer in between made of it is put there anew.
  static Padded padded(OperatorCall call, OnnxValue data, OnnxValue batchSizes) {
    Packing packing = packing(call, batchSizes);
    Padded known = data.padded;
    if (known != null && known.packing.equals(packing)) return known;
    OnnxValue rest = data.rank() > 1 ? call.shape(data, 1, data.rank()) : null;
    OnnxValue flatSize = call.shape(call.reshape(packing.mask, -1));
    OnnxValue sizes = rest == null ? flatSize : call.concat(0, List.of(flatSize, rest));
    OnnxValue empty = call.expand(call.number(data, 0), sizes, data.rank());
    OnnxValue put =
        call.emit(
            "ScatterND", data.dtype(), data.rank(), empty, call.unsqueeze(packing.places, 1), data);
    OnnxValue outer = call.shape(packing.mask);
    OnnxValue all = rest == null ? outer : call.concat(0, List.of(outer, rest));
    return new Padded(call.reshape(put, all, data.rank() + 1), packing, true);
  }

  /// `(data, batchSizes, batchFirst, paddingValue, totalLength)`.
  private static void pad(OperatorCall call) {
    Padded known = padded(call, call.tensor(0), call.tensor(1));
    OnnxValue x = known.padded;
    double value = call.real(3);
    OnnxValue mask = known.packing.mask;
    if (!known.isZeroAtPadding || value != 0) {
      long[] more = IntStream.range(2, x.rank()).asLongStream().toArray();
      OnnxValue wide = more.length == 0 ? mask : call.unsqueeze(mask, more);
      x = call.where(wide, x, call.number(x, value));
    }
    x = call.slice(x, call.ints(0), longest(call, known.packing), 0, 1);
    // Without a total length it is that of the longest sequence.
    boolean isLongest = call.argument(4) instanceof Long total && total <= call.exampleSize(1, 0);
    if (!isLongest) {
      OnnxValue missing = call.op("Sub", call.sizes(4), longest(call, known.packing));
      List<OnnxValue> pads = new ArrayList<>();
      for (int i = 0; i < 2 * x.rank(); i++) pads.add(i == x.rank() ? missing : call.ints(0));
      x = call.emit("Pad", x.dtype(), x.rank(), x, call.concat(0, pads), call.number(x, value));
    }
    call.result(call.bool(2) ? call.swap(x, 0, 1) : x, known.packing.lengths);
  }
}
