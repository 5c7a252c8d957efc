package dev.pantorch.io;

// Over 300 lines: all that a checkpoint may name, in one place.

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ops.Internal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What pickles of tensors name, as far as PyTorch's own weights-only reader allows it, and what
/// comes of it. Any other name is refused.
final class TorchVocabulary implements Unpickler.Vocabulary {
  private static final int TENSOR_COST = 16;

  /// Classes and functions that {@link #call} knows.
  private static final Set<String> CALLABLE =
      Set.of(
          "collections.OrderedDict",
          "collections.Counter",
          "collections.defaultdict",
          "builtins.set",
          "builtins.dict",
          "builtins.list",
          "builtins.int",
          "builtins.float",
          "builtins.bytes",
          "builtins.bytearray",
          "builtins.complex",
          "_codecs.encode",
          "torch.Size",
          "torch.device",
          "torch.Tensor",
          "torch.serialization._get_layout",
          "torch.nn.parameter.Parameter",
          "torch._tensor._rebuild_from_type_v2",
          "torch._utils._rebuild_parameter",
          "torch._utils._rebuild_parameter_with_state",
          "torch._utils._rebuild_tensor",
          "torch._utils._rebuild_tensor_v2",
          "torch._utils._rebuild_tensor_v3",
          "torch._utils._rebuild_qtensor",
          "torch._utils._rebuild_sparse_tensor",
          "torch._utils._rebuild_nested_tensor",
          "torch._utils._rebuild_meta_tensor_no_storage",
          "torch._utils._rebuild_device_tensor_from_cpu_tensor",
          "torch._utils._rebuild_device_tensor_from_numpy",
          "numpy.dtype",
          "numpy.ndarray",
          "numpy.core.multiarray.scalar",
          "numpy.core.multiarray._reconstruct");

  private static final Set<String> QSCHEMES =
      Set.of("per_tensor_affine", "per_channel_affine", "per_channel_affine_float_qparams");

  private static final Map<String, DType> DTYPES = new HashMap<>();

  static {
    for (DType dtype : DType.values()) DTYPES.put(dtype.torchName(), dtype);
    DTYPES.remove(DType.UNDEFINED.torchName());
  }

  /// A class or function.
  record Global(String name) {}

  /// The class of a storage.
  private record StorageClass(DType dtype) {}

  /// Memory that tensors are views of.
  ///
  /// @param bytes a tensor over the whole of it
  /// @param offset where this storage begins in it
  /// @param length how many bytes it has
  record Storage(DType dtype, Tensor bytes, long offset, long length) {}

  /// Finds storages.
  interface Storages {
    /// Finds or reads one.
    ///
    /// @param key its name in the file
    /// @param location the device it was on, as `cuda:0`
    /// @param bytes how many bytes the pickle says it has
    Storage get(DType dtype, String key, String location, long bytes) throws IOException;
  }

  private final Storages storages;
  private final LoadOptions options;
  private final Budget budget;

  TorchVocabulary(Storages storages, LoadOptions options, Budget budget) {
    this.storages = storages;
    this.options = options;
    this.budget = budget;
  }

  // Names.

  @Override
  public Object global(String module, String name) throws IOException {
    String home =
        switch (module) {
          case "__builtin__" -> "builtins";
          case "torch.tensor" -> "torch._tensor";
          case "numpy._core.multiarray" -> "numpy.core.multiarray";
          default -> module;
        };
    if (home.equals("torch")) {
      DType dtype = DTYPES.get(name);
      if (dtype != null) return dtype;
      if (QSCHEMES.contains(name)) return new Global("torch." + name);
    }
    if (home.equals("torch") || home.equals("torch.storage")) {
      DType dtype = StorageTypes.dtype(name);
      if (dtype != null) return new StorageClass(dtype);
    }
    String full = home + "." + name;
    if (CALLABLE.contains(full)) return new Global(full);
    throw new IOException(
        "the pickle names %s, which is neither tensor, container nor number. Files are read without running what they name, so only such values can be loaded; in Python, save the state_dict() of a module or optimizer instead of the object, and plain values instead of objects of other classes"
            .formatted(PickleText.shortened(full)));
  }

  // Calls.

  /// Whether a function makes a tensor, of storages and numbers.
  static boolean makesTensor(Object function) {
    return function instanceof Global(String name)
        && (name.startsWith("torch._utils.")
            || name.startsWith("torch.nn.")
            || name.startsWith("torch._tensor."));
  }

  @Override
  public @Nullable Object call(Object function, Tuple arguments) throws IOException {
    if (!(function instanceof Global(String name))) {
      throw new IOException("the pickle calls what is no function");
    }
    try {
      if (makesTensor(function) && !name.startsWith("torch._tensor.")) {
        budget.spend(TENSOR_COST);
        return tensor(name.substring(name.lastIndexOf('.') + 1), arguments);
      }
      return call(name, arguments);
    } catch (ClassCastException | IndexOutOfBoundsException | NullPointerException e) {
      throw wrongArguments(name, e);
    } catch (TorchException | IllegalArgumentException | IllegalStateException e) {
      throw new IOException("%s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static IOException wrongArguments(String name, @Nullable Throwable cause) {
    return new IOException(
        "%s is called with other arguments than it takes".formatted(name), cause);
  }

  private @Nullable Object call(String name, Tuple arguments) throws IOException {
    Object first = arguments.isEmpty() ? null : arguments.get(0);
    return switch (name) {
      case "collections.OrderedDict" -> filled(new OrderedDict<>(), first);
      case "collections.Counter", "builtins.dict" -> filled(new LinkedHashMap<>(), first);
      // What makes its missing values is forgotten.
      case "collections.defaultdict" -> new LinkedHashMap<>();
      case "builtins.list" -> first == null ? new ArrayList<>() : new ArrayList<>((List<?>) first);
      case "builtins.set" -> {
        Set<@Nullable Object> set = new LinkedHashSet<>();
        if (first != null) {
          for (Object element : (Collection<?>) first) {
            Unpickler.checkKey(element, budget, 0);
            set.add(element);
          }
        }
        yield set;
      }
      case "builtins.bytes", "builtins.bytearray", "_codecs.encode" -> bytes(name, arguments);
      case "builtins.complex" ->
          new Complex(
              arg(arguments, 0, Number.class).doubleValue(),
              arg(arguments, 1, Number.class).doubleValue());
      case "torch.Size" -> Shapes.sizes(arg(arguments, 0, Tuple.class));
      case "torch.device" ->
          Device.of(
              arguments.size() == 1
                  ? arg(arguments, 0, String.class)
                  : arg(arguments, 0, String.class) + ":" + arg(arguments, 1, Integer.class));
      case "torch.serialization._get_layout" -> layout(arg(arguments, 0, String.class));
      case "torch._tensor._rebuild_from_type_v2" -> {
        if (!(arguments.get(1) instanceof Global(String type))
            || !(type.equals("torch.Tensor") || type.equals("torch.nn.parameter.Parameter"))) {
          throw wrongArguments(name, null);
        }
        yield call(arg(arguments, 0, Object.class), arg(arguments, 2, Tuple.class));
      }
      case "numpy.dtype" -> NumpyPickles.type(arguments);
      case "numpy.core.multiarray.scalar" -> NumpyPickles.scalar(arguments);
      case "numpy.core.multiarray._reconstruct" -> new NumpyPickles.Array();
      default -> throw new IOException("%s is called, which is no function".formatted(name));
    };
  }

  private <M extends Map<@Nullable Object, @Nullable Object>> M filled(
      M map, @Nullable Object entries) throws IOException {
    if (entries instanceof Map<?, ?> given) {
      map.putAll(given);
    } else if (entries != null) {
      for (Object entry : (List<?>) entries) {
        List<?> pair = (List<?>) entry;
        if (pair.size() != 2) throw new IOException("an entry of a dict is no pair");
        Unpickler.checkKey(pair.get(0), budget, 0);
        map.put(pair.get(0), pair.get(1));
      }
    }
    return map;
  }

  private static byte[] bytes(String name, Tuple arguments) throws IOException {
    if (arguments.isEmpty()) return new byte[0];
    if (arguments.get(0) instanceof byte[] bytes) return bytes;
    String text = arg(arguments, 0, String.class);
    String encoding = arguments.size() < 2 ? "utf-8" : arg(arguments, 1, String.class);
    return switch (encoding) {
      case "latin1", "latin-1" -> text.getBytes(StandardCharsets.ISO_8859_1);
      case "utf-8", "utf8" -> text.getBytes(StandardCharsets.UTF_8);
      case "ascii" -> text.getBytes(StandardCharsets.US_ASCII);
      default -> throw new IOException("%s is called with encoding %s".formatted(name, encoding));
    };
  }

  /// An argument of a type.
  ///
  /// @throws ClassCastException if it is another, or None
  private static <T> T arg(Tuple arguments, int index, Class<T> type) {
    Object value = arguments.get(index);
    if (type.isInstance(value)) return type.cast(value);
    throw new ClassCastException("argument %d".formatted(index));
  }

  private static long integer(@Nullable Object value) {
    if (value instanceof Integer || value instanceof Long) return ((Number) value).longValue();
    throw new ClassCastException("no integer");
  }

  private static Layout layout(String name) throws IOException {
    for (Layout layout : Layout.values()) {
      if (layout.toString().equals(name)) return layout;
    }
    throw new IOException("%s is no layout".formatted(name));
  }

  // Tensors.

  private Tensor tensor(String function, Tuple arguments) throws IOException {
    return switch (function) {
      case "_rebuild_tensor" -> view(arguments, null);
      case "_rebuild_tensor_v2" ->
          finished(view(arguments, null), arg(arguments, 4, Boolean.class), argument(arguments, 6));
      case "_rebuild_tensor_v3" ->
          finished(
              view(arguments, arg(arguments, 6, DType.class)),
              arg(arguments, 4, Boolean.class),
              argument(arguments, 7));
      case "_rebuild_parameter", "_rebuild_parameter_with_state", "Parameter" -> {
        boolean requiresGrad = arguments.size() < 2 || arg(arguments, 1, Boolean.class);
        Tensor data = arg(arguments, 0, Tensor.class);
        yield data.requiresGrad_(requiresGrad);
      }
      case "_rebuild_qtensor" -> quantized(arguments);
      case "_rebuild_sparse_tensor" ->
          sparse(arg(arguments, 0, Layout.class), arg(arguments, 1, Tuple.class));
      case "_rebuild_nested_tensor" ->
          nested(
              arg(arguments, 0, Tensor.class),
              arg(arguments, 1, Tensor.class),
              arg(arguments, 2, Tensor.class),
              arg(arguments, 3, Tensor.class));
      case "_rebuild_meta_tensor_no_storage" -> meta(arguments);
      case "_rebuild_device_tensor_from_cpu_tensor", "_rebuild_device_tensor_from_numpy" -> {
        Device device = StorageReader.checked(options.device(arg(arguments, 2, String.class)));
        Tensor data = arg(arguments, 0, Tensor.class);
        Tensor moved = data.to(arg(arguments, 1, DType.class).on(device));
        yield moved.requiresGrad_(arg(arguments, 3, Boolean.class));
      }
      default -> throw new IOException("there is no function " + function);
    };
  }

  private static @Nullable Object argument(Tuple arguments, int index) {
    return index < arguments.size() ? arguments.get(index) : null;
  }

  /// A tensor over a storage: storage, offset, sizes, strides.
  private Tensor view(Tuple arguments, @Nullable DType given) throws IOException {
    Storage storage = arg(arguments, 0, Storage.class);
    DType dtype = given == null ? storage.dtype : given;
    Tensor empty = Torch.empty(dtype.on(storage.bytes.device()), 0);
    return set(empty, storage, dtype, arguments);
  }

  private static Tensor set(Tensor tensor, Storage storage, DType dtype, Tuple arguments)
      throws IOException {
    long offset = integer(arguments.get(1));
    long[] sizes = Shapes.sizes(arg(arguments, 2, Tuple.class));
    long[] strides = Shapes.sizes(arg(arguments, 3, Tuple.class));
    Shapes.checkView(sizes, strides, offset, dtype, storage.length);
    if (storage.offset % dtype.itemSize() != 0) {
      throw new IOException("a storage begins in the middle of an element of " + dtype);
    }
    return tensor.set_(storage.bytes, offset + storage.offset / dtype.itemSize(), sizes, strides);
  }

  private Tensor finished(Tensor tensor, boolean requiresGrad, @Nullable Object metadata) {
    Tensor result = tensor;
    if (metadata instanceof Map<?, ?> bits) {
      if (Boolean.TRUE.equals(bits.get("conj"))) result = result.conj();
      if (Boolean.TRUE.equals(bits.get("neg"))) result = Internal.negView(result);
    }
    return result.requiresGrad_(requiresGrad);
  }

  private Tensor quantized(Tuple arguments) throws IOException {
    Storage storage = arg(arguments, 0, Storage.class);
    DType dtype = storage.dtype;
    if (!dtype.isQuantized()) throw new IOException("a quantized tensor has elements of " + dtype);
    long[] sizes = Shapes.sizes(arg(arguments, 2, Tuple.class));
    Tuple parameters = arg(arguments, 4, Tuple.class);
    String scheme = arg(parameters, 0, Global.class).name();
    var options = dtype.on(storage.bytes.device());
    Tensor tensor;
    // Made without elements, so that no memory is taken for what set() replaces.
    if (scheme.equals("torch.per_tensor_affine")) {
      tensor =
          Internal.emptyAffineQuantized(
              new long[] {0},
              options,
              arg(parameters, 1, Number.class).doubleValue(),
              integer(parameters.get(2)),
              null);
    } else {
      Tensor scales = dense(arg(parameters, 1, Tensor.class));
      Tensor zeroPoints = dense(arg(parameters, 2, Tensor.class));
      long axis = integer(parameters.get(3));
      if (axis < 0
          || axis >= sizes.length
          || scales.numel() != sizes[(int) axis]
          || zeroPoints.numel() != sizes[(int) axis]) {
        throw new IOException(
            "a quantized tensor has no scale and zero point for each index of its dimension "
                + axis);
      }
      tensor =
          Internal.emptyPerChannelAffineQuantized(
              new long[sizes.length], scales, zeroPoints, axis, options, null);
    }
    set(tensor, storage, dtype, arguments);
    return tensor.requiresGrad_(arg(arguments, 5, Boolean.class));
  }

  /// Sparse tensors are checked by libtorch: an index out of range would reach foreign memory.
  private Tensor sparse(Layout layout, Tuple parts) throws IOException {
    Tensor first = dense(arg(parts, 0, Tensor.class));
    Tensor second = dense(arg(parts, 1, Tensor.class));
    if (layout == Layout.SPARSE) {
      long[] size = arg(parts, 2, long[].class);
      Boolean coalesced = argument(parts, 3) instanceof Boolean flag ? flag : null;
      Internal.validateSparseCooTensorArgs(first, second, size, coalesced, (Boolean) false);
      return Torch.sparseCooTensor(first, second, size, TensorOptions.defaults(), coalesced);
    }
    Tensor values = dense(arg(parts, 2, Tensor.class));
    long[] size = arg(parts, 3, long[].class);
    Internal.validateSparseCompressedTensorArgs(first, second, values, size, layout, false);
    return Torch.sparseCompressedTensor(
        first, second, values, size, TensorOptions.defaults().layout(layout));
  }

  private static Tensor dense(Tensor tensor) throws IOException {
    if (tensor.layout() == Layout.STRIDED && tensor.device().type() != DeviceType.META) {
      return tensor;
    }
    throw new IOException("a part of a tensor is no dense tensor itself");
  }

  /// Tensors of different sizes in one buffer; libtorch does not check that they lie in it.
  private Tensor nested(Tensor buffer, Tensor sizes, Tensor strides, Tensor offsets)
      throws IOException {
    long count = offsets.numel();
    long dim = count == 0 ? 0 : sizes.numel() / count;
    if (!buffer.isContiguous()
        || buffer.dim() != 1
        || offsets.dim() != 1
        || !Arrays.equals(sizes.shape(), strides.shape())
        || (count > 0 && !Arrays.equals(sizes.shape(), new long[] {count, dim}))) {
      throw new IOException("the sizes of a nested tensor's parts are inconsistent");
    }
    long[] allSizes = dense(sizes).toLongArray();
    long[] allStrides = dense(strides).toLongArray();
    long[] allOffsets = dense(offsets).toLongArray();
    long bytes = dense(buffer).numel() * buffer.dtype().itemSize();
    for (int i = 0; i < count; i++) {
      int from = (int) (i * dim);
      int to = (int) (from + dim);
      Shapes.checkView(
          Shapes.sizes(Arrays.stream(allSizes, from, to).boxed().toList()),
          Shapes.sizes(Arrays.stream(allStrides, from, to).boxed().toList()),
          allOffsets[i],
          buffer.dtype(),
          bytes);
    }
    return Internal.nestedViewFromBuffer(buffer, sizes, strides, offsets);
  }

  private Tensor meta(Tuple arguments) throws IOException {
    DType dtype = arg(arguments, 0, DType.class);
    long[] sizes = Shapes.sizes(arg(arguments, 1, Tuple.class));
    long[] strides = Shapes.sizes(arg(arguments, 2, Tuple.class));
    Shapes.checkView(sizes, strides, 0, dtype, Long.MAX_VALUE);
    return Torch.emptyStrided(sizes, strides, dtype.on(Device.META))
        .requiresGrad_(arg(arguments, 3, Boolean.class));
  }

  // States and storages.

  @Override
  public Object build(Object object, @Nullable Object state) throws IOException {
    if (object instanceof NumpyPickles.Type || object instanceof NumpyPickles.Array) {
      return NumpyPickles.build(object, state);
    }
    if (object instanceof OrderedDict<?, ?> dict && state instanceof Map<?, ?> attributes) {
      for (var each : attributes.entrySet()) {
        if (!(each.getKey() instanceof String name)) throw new IOException("a name is no text");
        dict.attributes().put(name, each.getValue());
      }
      return dict;
    }
    throw new IOException(
        "a %s is given a state, which it has not".formatted(object.getClass().getSimpleName()));
  }

  @Override
  public Object persistent(@Nullable Object id) throws IOException {
    if (!(id instanceof Tuple parts)
        || parts.size() < 5
        || !"storage".equals(parts.get(0))
        || !(parts.get(1) instanceof StorageClass(DType dtype))
        || !(parts.get(3) instanceof String location)
        || !(parts.get(4) instanceof Integer || parts.get(4) instanceof Long)) {
      throw new IOException("what the pickle refers to outside of it is no storage");
    }
    long bytes = Shapes.bytes(Shapes.sizes(List.of(arg(parts, 4, Number.class))), dtype);
    budget.spend(TENSOR_COST);
    try {
      String key = String.valueOf(parts.get(2));
      Storage root = storages.get(dtype, key, location, bytes);
      if (!(argument(parts, 5) instanceof Tuple part)) return root;
      long offset = integer(part.get(1));
      long length = integer(part.get(2));
      long all = root.length / dtype.itemSize();
      if (offset < 0 || length < 0 || offset > all - length) {
        throw new IOException(
            "storage '%s' is no part of storage '%s'".formatted(part.get(0), key));
      }
      return new Storage(dtype, root.bytes, offset * dtype.itemSize(), length * dtype.itemSize());
    } catch (ClassCastException | IndexOutOfBoundsException e) {
      throw new IOException("what the pickle refers to outside of it is no storage", e);
    } catch (IllegalArgumentException e) { // a device that does not exist
      throw new IOException(e.getMessage(), e);
    }
  }
}
