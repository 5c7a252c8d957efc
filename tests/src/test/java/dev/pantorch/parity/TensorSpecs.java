package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.testing.TensorBytes;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Builds the tensors that a fixture describes; `tests/python/README.md` has the format.
public final class TensorSpecs {
  private final MemorySegment pool;

  TensorSpecs(MemorySegment pool) {
    this.pool = pool;
  }

  MemorySegment pool() {
    return pool;
  }

  /// @param variables the tensors built so far, for those that share another's storage
  Tensor build(JsonNode spec, Variables variables) {
    DType dtype = dtype(spec.get("dtype").asText());
    if (spec.has("layout")) {
      return ofLayout(spec, variables);
    }
    long[] size = Fixtures.longs(spec.get("size"));
    if (spec.has("device")) {
      return tensorOp(
          "aten::empty_strided",
          size,
          strides(spec, size),
          dtype,
          Layout.STRIDED,
          device(spec.get("device").asText()),
          null);
    }
    if (spec.has("quantized")) {
      return quantized(spec, size, dtype);
    }
    Tensor tensor = dense(spec, size, dtype, variables);
    if (spec.has("neg")) {
      tensor = tensorOp("aten::_neg_view", tensor);
    }
    return spec.has("conj") ? tensorOp("aten::conj", tensor) : tensor;
  }

  private Tensor dense(JsonNode spec, long[] size, DType dtype, Variables variables) {
    long[] strides = strides(spec, size);
    if (spec.has("sharesStorageWith")) {
      Tensor owner = variables.get(spec.get("sharesStorageWith").asInt());
      return at(dtype, owner, spec.path("offset").asLong(0), size, strides);
    }
    if (spec.has("storage")) {
      long elements = spec.get("storage").asLong();
      Tensor storage = TensorBytes.tensor(bytes(spec, elements, dtype), dtype, elements);
      return at(dtype, storage, spec.get("offset").asLong(), size, strides);
    }
    return TensorBytes.tensor(bytes(spec, count(size), dtype), dtype, size);
  }

  /// A tensor in another's storage that is no view of it: set_ knows nothing of autograd's views.
  private static Tensor at(DType dtype, Tensor owner, long offset, long[] size, long[] strides) {
    Tensor empty = TensorBytes.tensor(MemorySegment.NULL, dtype, 0);
    return tensorOp("aten::set_.source_Tensor_storage_offset", empty, owner, offset, size, strides);
  }

  private Tensor quantized(JsonNode spec, long[] size, DType dtype) {
    DType integers = TensorBytes.integersOf(dtype);
    Tensor values = TensorBytes.tensor(bytes(spec, count(size), dtype), integers, size);
    JsonNode quantized = spec.get("quantized");
    if (quantized.has("scale")) {
      return tensorOp(
          "aten::_make_per_tensor_quantized_tensor",
          values,
          quantized.get("scale").asDouble(),
          quantized.get("zeroPoint").asLong());
    }
    return tensorOp(
        "aten::_make_per_channel_quantized_tensor",
        values,
        build(quantized.get("scales"), new Variables()),
        build(quantized.get("zeroPoints"), new Variables()),
        quantized.get("axis").asLong());
  }

  private Tensor ofLayout(JsonNode spec, Variables variables) {
    String name = spec.get("layout").asText();
    if (name.equals("nested")) {
      List<Tensor> parts =
          Fixtures.elements(spec.get("parts")).stream().map(p -> build(p, variables)).toList();
      return tensorOp("aten::_nested_tensor_from_tensor_list", parts, null, null, null, null);
    }
    Tensor values = build(spec.get("values"), variables);
    if (name.equals("mkldnn")) {
      return tensorOp("aten::to_mkldnn", values);
    }
    long[] size = Fixtures.longs(spec.get("size"));
    if (name.equals("sparse_coo")) {
      return tensorOp(
          "aten::sparse_coo_tensor.indices_size",
          build(spec.get("indices"), variables),
          values,
          size,
          null,
          null,
          null,
          null,
          spec.get("coalesced").asBoolean());
    }
    return tensorOp(
        "aten::sparse_compressed_tensor.comp_plain_value_size",
        build(spec.get("compressed"), variables),
        build(spec.get("plain"), variables),
        values,
        size,
        values.dtype(),
        layout(name),
        null,
        null);
  }

  MemorySegment bytes(JsonNode spec, long elements, DType dtype) {
    return pool.asSlice(spec.get("at").asLong(), elements * dtype.itemSize());
  }

  static long count(long[] size) {
    long count = 1;
    for (long n : size) {
      count *= n;
    }
    return count;
  }

  /// The strides that a description gives, or the contiguous ones.
  static long[] strides(JsonNode spec, long[] size) {
    if (spec.has("stride")) {
      return Fixtures.longs(spec.get("stride"));
    }
    long[] strides = new long[size.length];
    long step = 1;
    for (int i = size.length - 1; i >= 0; i--) {
      strides[i] = step;
      step *= Math.max(size[i], 1);
    }
    return strides;
  }

  public static DType dtype(String name) {
    return DType.valueOf(name.toUpperCase(Locale.ROOT));
  }

  static Layout layout(String name) {
    return switch (name) {
      case "strided" -> Layout.STRIDED;
      case "sparse_coo" -> Layout.SPARSE;
      case "sparse_csr" -> Layout.SPARSE_CSR;
      case "sparse_csc" -> Layout.SPARSE_CSC;
      case "sparse_bsr" -> Layout.SPARSE_BSR;
      case "sparse_bsc" -> Layout.SPARSE_BSC;
      case "mkldnn" -> Layout.MKLDNN;
      default -> throw new IllegalArgumentException("layout " + name);
    };
  }

  static MemoryFormat memoryFormat(String name) {
    return switch (name) {
      case "contiguous_format" -> MemoryFormat.CONTIGUOUS;
      case "preserve_format" -> MemoryFormat.PRESERVE;
      case "channels_last" -> MemoryFormat.CHANNELS_LAST;
      case "channels_last_3d" -> MemoryFormat.CHANNELS_LAST_3D;
      default -> throw new IllegalArgumentException("memory format " + name);
    };
  }

  static Device device(String name) {
    return Device.of(name);
  }

  /// One call by name: fixtures are built by the boxed path, so that the typed one is only what is
  /// under test.
  static Tensor tensorOp(String name, @Nullable Object... arguments) {
    return Torch.op(name).callTensor(arguments);
  }

  /// A call by name with one result that is no tensor.
  static Object op(String name, @Nullable Object... arguments) {
    return requireNonNull(Torch.op(name).call(arguments).getFirst());
  }
}
