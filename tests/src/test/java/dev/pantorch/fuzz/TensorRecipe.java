package dev.pantorch.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What an argument tensor is made of, so that `tests/python/replay_fuzz.py` can make the same.
///
/// @param values the elements, repeated from the start until the shape is full
@SuppressWarnings("ArrayRecordComponent") // never compared
record TensorRecipe(DType dtype, long[] shape, double[] values, Form form, boolean requiresGrad) {
  /// Elements that are really there; a shape with more is one of few, expanded.
  static final long MAX_ELEMENTS = 5000;

  private static final Map<String, Operator> OPERATORS = new ConcurrentHashMap<>();

  /// How the elements lie, or what else is special.
  enum Form {
    CONTIGUOUS,
    TRANSPOSED,
    EXPANDED,
    STEPPED,
    OFFSET,
    OVERLAPPING,
    CHANNELS_LAST,
    CONJUGATE,
    NEGATIVE,
    SPARSE_COO,
    SPARSE_CSR,
    SPARSE_CSC,
    SPARSE_BSR,
    MKLDNN,
    META,
    INFERENCE,
    ZERO,
    NESTED,
    PER_CHANNEL,
    /// The tensor before it in the call, once more.
    SAME,
    /// A view of the tensor before it in the call.
    VIEW,
    UNDEFINED,
    /// Closed before the call; Python has no such thing.
    CLOSED
  }

  /// Makes the tensor.
  ///
  /// @param previous the tensor before it in the call
  /// @param undefined an undefined tensor
  Tensor build(@Nullable Tensor previous, Tensor undefined) {
    Tensor made;
    try {
      made = formed(previous, undefined);
    } catch (TorchException e) {
      // A form that this dtype or shape does not have.
      made = elements(shape) > MAX_ELEMENTS ? undefined : plain(shape);
    }
    boolean own = made != previous && made.isDefined();
    if (own && requiresGrad && (dtype.isFloatingPoint() || dtype.isComplex())) {
      try {
        made.requiresGrad_(true);
      } catch (TorchException e) {
        return made;
      }
    }
    if (form == Form.CLOSED) made.close();
    return made;
  }

  private Tensor formed(@Nullable Tensor previous, Tensor undefined) {
    int dims = shape.length;
    if (elements(shape) > MAX_ELEMENTS) {
      long[] ones = new long[dims];
      Arrays.fill(ones, 1);
      Tensor one = plain(ones);
      return (form == Form.META ? one.to(Device.of("meta")) : one).expand(shape);
    }
    return switch (form) {
      case CONTIGUOUS, CLOSED -> plain(shape);
      case TRANSPOSED -> {
        if (dims < 2) yield plain(shape);
        long[] swapped = shape.clone();
        swapped[dims - 1] = shape[dims - 2];
        swapped[dims - 2] = shape[dims - 1];
        yield plain(swapped).transpose(-1, -2);
      }
      case EXPANDED -> {
        long[] one = shape.clone();
        if (dims > 0) one[(int) (shape[0] % dims)] = 1;
        yield plain(one).expand(shape);
      }
      case STEPPED -> {
        if (dims == 0) yield plain(shape);
        long[] wide = shape.clone();
        wide[dims - 1] *= 2;
        yield plain(wide).slice(dims - 1, 0L, null, 2);
      }
      case OFFSET ->
          plain(new long[] {elements(shape) + 3}).narrow(0, 3, elements(shape)).view(shape);
      case OVERLAPPING -> {
        long[] ones = new long[dims];
        Arrays.fill(ones, 1);
        yield plain(new long[] {Arrays.stream(shape).sum() + 1}).asStrided(shape, ones);
      }
      case CHANNELS_LAST ->
          switch (dims) {
            case 4 -> plain(shape).contiguous(MemoryFormat.CHANNELS_LAST);
            case 5 -> plain(shape).contiguous(MemoryFormat.CHANNELS_LAST_3D);
            default -> plain(shape);
          };
      case CONJUGATE -> op("aten::_conj", plain(shape));
      case NEGATIVE -> op("aten::_neg_view", plain(shape));
      case SPARSE_COO -> op("aten::to_sparse", plain(shape));
      case SPARSE_CSR -> op("aten::to_sparse_csr", plain(shape));
      case SPARSE_CSC -> op("aten::to_sparse_csc", plain(shape));
      case SPARSE_BSR -> op("aten::to_sparse_bsr", plain(shape), new long[] {1, 1});
      case MKLDNN -> op("aten::to_mkldnn", plain(shape));
      case META -> plain(shape).to(Device.of("meta"));
      case INFERENCE -> {
        try (var mode = Torch.inferenceMode()) {
          yield plain(shape);
        }
      }
      case ZERO -> op("aten::_efficientzerotensor", shape, dtype);
      case NESTED -> {
        Tensor part = plain(shape);
        yield op("aten::_nested_tensor_from_tensor_list", List.of(part, part));
      }
      case PER_CHANNEL ->
          dtype.isQuantized() && dims > 0
              ? op(
                  "aten::quantize_per_channel",
                  floats(shape),
                  Torch.full(new long[] {shape[0]}, 0.1),
                  Torch.zeros(DType.INT64, shape[0]),
                  0,
                  dtype)
              : plain(shape);
      case SAME -> previous != null ? previous : plain(shape);
      case VIEW ->
          previous != null && previous.isDefined() && previous.dim() > 0
              ? previous.slice(0, previous.size(0) / 2, null, 1)
              : plain(shape);
      case UNDEFINED -> undefined;
    };
  }

  private static Tensor op(String name, @Nullable Object... arguments) {
    return OPERATORS.computeIfAbsent(name, Torch::op).callTensor(arguments);
  }

  /// How many elements a shape has, or the largest number.
  static long elements(long[] shape) {
    long count = 1;
    for (long size : shape) {
      if (size == 0) return 0;
      count = count > Long.MAX_VALUE / size ? Long.MAX_VALUE : count * size;
    }
    return count;
  }

  private Tensor doubles(long[] shape) {
    double[] data = new double[Math.toIntExact(elements(shape))];
    for (int i = 0; i < data.length; i++) data[i] = values[i % values.length];
    return Torch.tensor(DType.FLOAT64, data, shape);
  }

  private Tensor floats(long[] shape) {
    return doubles(shape).to(DType.FLOAT32);
  }

  private Tensor plain(long[] shape) {
    return switch (dtype) {
      case QINT8, QUINT8, QINT32 ->
          op("aten::quantize_per_tensor", floats(shape), 0.1, dtype == DType.QINT8 ? 0 : 1, dtype);
      case BITS8, BITS1X8, BITS2X4, BITS4X2, FLOAT4_E2M1FN_X2, QUINT4X2, QUINT2X4 ->
          op("aten::view.dtype", doubles(shape).to(DType.UINT8), dtype);
      case BITS16 -> op("aten::view.dtype", doubles(shape).to(DType.INT16), dtype);
      default -> doubles(shape).to(dtype);
    };
  }

  /// The recipe as `replay_fuzz.py` reads it.
  ObjectNode json() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("dtype", dtype.name().toLowerCase(Locale.ROOT));
    ArrayNode sizes = node.putArray("shape");
    for (long size : shape) sizes.add(size);
    ArrayNode numbers = node.putArray("values");
    for (double value : values) numbers.add(number(value));
    node.put("form", form.name().toLowerCase(Locale.ROOT));
    if (requiresGrad) node.put("requiresGrad", true);
    return node;
  }

  /// JSON has no words for NaN and infinities.
  static JsonNode number(double value) {
    JsonNodeFactory factory = JsonNodeFactory.instance;
    if (Double.isNaN(value)) return factory.textNode("nan");
    if (Double.isInfinite(value)) return factory.textNode(value > 0 ? "inf" : "-inf");
    return factory.numberNode(value);
  }
}
