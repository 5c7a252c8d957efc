package dev.pantorch.io;

import dev.pantorch.Complex;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// numpy's scalars and arrays in pickles: `{"loss": np.float64(0.5)}` is what checkpoints often
/// have. Python's `weights_only` reads them once they are allowed by name; here they are plain
/// numbers and tensors.
final class NumpyPickles {
  private NumpyPickles() {}

  /// An element type, complete once {@link #build} has seen its byte order.
  static final class Type {
    private final String code;
    private char order = '=';

    Type(String code) {
      this.code = code;
    }

    NumpyTypes.Type resolve() throws IOException {
      return NumpyTypes.parse(code.matches("[<>|=].*") ? code : order + code);
    }
  }

  /// An array, a tensor once {@link #build} has seen its elements.
  static final class Array implements Unpickler.Placeholder {
    private @Nullable Tensor tensor;

    @Override
    public Object resolved() {
      return tensor == null ? this : tensor;
    }
  }

  /// `numpy.dtype('f8', False, True)`
  static Object type(Tuple arguments) throws IOException {
    if (!arguments.isEmpty() && arguments.get(0) instanceof String code) return new Type(code);
    throw new IOException("numpy.dtype is called with %s".formatted(arguments));
  }

  /// `numpy.core.multiarray.scalar(dtype, bytes)`
  static Object scalar(Tuple arguments) throws IOException {
    if (arguments.size() != 2
        || !(arguments.get(0) instanceof Type named)
        || !(arguments.get(1) instanceof byte[] bytes)) {
      throw new IOException("a numpy scalar is not made of a dtype and bytes");
    }
    NumpyTypes.Type type = named.resolve();
    if (bytes.length != type.dtype().itemSize()) {
      throw new IOException("a numpy scalar of %s has %d bytes".formatted(type, bytes.length));
    }
    ByteBuffer value = ByteBuffer.wrap(bytes).order(type.order());
    return switch (type.dtype()) {
      case BOOL -> value.get() != 0;
      case INT8 -> (int) value.get();
      case UINT8 -> value.get() & 0xFF;
      case INT16 -> (int) value.getShort();
      case UINT16 -> value.getShort() & 0xFFFF;
      case INT32 -> value.getInt();
      case UINT32 -> Unpickler.integer(Integer.toUnsignedLong(value.getInt()));
      case INT64 -> Unpickler.integer(value.getLong());
      case UINT64 -> Unpickler.unsigned(value.getLong());
      case FLOAT16 -> (double) Float.float16ToFloat(value.getShort());
      case FLOAT32 -> (double) value.getFloat();
      case FLOAT64 -> value.getDouble();
      case COMPLEX64 -> new Complex(value.getFloat(), value.getFloat());
      default -> new Complex(value.getDouble(), value.getDouble());
    };
  }

  /// The state of a type or an array.
  static Object build(Object object, @Nullable Object state) throws IOException {
    if (object instanceof Type type) {
      if (state instanceof Tuple tuple
          && tuple.size() >= 2
          && tuple.get(1) instanceof String order
          && order.length() == 1) {
        type.order = order.charAt(0);
        return type;
      }
      throw new IOException("the state of a numpy dtype is no tuple with its byte order");
    }
    Array array = (Array) object;
    if (!(state instanceof Tuple parts)
        || parts.size() != 5
        || !(parts.get(1) instanceof Tuple sizes)
        || !(parts.get(2) instanceof Type named)
        || !(parts.get(3) instanceof Boolean fortran)
        || !(parts.get(4) instanceof byte[] bytes)) {
      throw new IOException("a numpy array has no bytes as its elements: it has Python objects");
    }
    Tensor tensor = tensor(named.resolve(), Shapes.sizes(sizes), fortran, bytes);
    array.tensor = tensor;
    return tensor;
  }

  private static Tensor tensor(NumpyTypes.Type type, long[] shape, boolean fortran, byte[] elements)
      throws IOException {
    long bytes = Shapes.bytes(shape, type.dtype());
    if (bytes != elements.length) {
      throw new IOException(
          "a numpy array of shape %s has %d bytes; its type wants %d"
              .formatted(List.of(Pickler.longs(shape)), elements.length, bytes));
    }
    MemorySegment source = MemorySegment.ofArray(elements.clone());
    if (type.isSwapped()) ByteSwap.swap(source, ByteSwap.unit(type.dtype()));
    return Shapes.ordered(shape, fortran, sizes -> Torch.tensor(source, type.dtype(), sizes));
  }
}
