package dev.pantorch.internal;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.MemorySegment;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Copies Java's data into new tensors: each array in one piece, then converted or moved natively
/// where the options ask for it.
public final class DataIn {
  private DataIn() {}

  /// A primitive array; a null shape means one dimension.
  public static Tensor array(TensorOptions options, Object array, long @Nullable [] shape) {
    Objects.requireNonNull(array, "the data is null; expected an array");
    ElementType type = ElementType.of(array.getClass().componentType());
    int length = java.lang.reflect.Array.getLength(array);
    return create(
        options, type.dtype(), shape(shape, length), address -> type.copyIn(array, address));
  }

  /// One element.
  public static Tensor scalar(TensorOptions options, Object arrayOfOne) {
    return array(options, arrayOfOne, new long[0]);
  }

  /// One complex number.
  public static Tensor complex(TensorOptions options, Complex value) {
    Objects.requireNonNull(value, "the value is null; expected a complex number");
    return create(
        options,
        DType.COMPLEX128,
        new long[0],
        address -> {
          Memory.putDouble(address, value.real());
          Memory.putDouble(address + 8, value.imag());
        });
  }

  /// Arrays in arrays; the lengths are the shape.
  public static Tensor nested(TensorOptions options, Object[] arrays) {
    Objects.requireNonNull(arrays, "the data is null; expected an array");
    NestedArrays nested = NestedArrays.of(arrays);
    return create(options, nested.type().dtype(), nested.shape(), nested::copyIn);
  }

  /// What lies between a buffer's position and its limit, in the buffer's byte order.
  public static Tensor buffer(TensorOptions options, Buffer buffer, long @Nullable [] shape) {
    Objects.requireNonNull(buffer, "the data is null; expected a buffer");
    ElementType type = elementType(buffer);
    MemorySegment source = MemorySegment.ofBuffer(buffer);
    ByteOrder order = order(buffer);
    int count = buffer.remaining();
    return create(
        options,
        type.dtype(),
        shape(shape, count),
        address ->
            MemorySegment.copy(
                source,
                type.layout().withOrder(order),
                0,
                Memory.segment(address, (long) type.dtype().itemSize() * count),
                type.layout(),
                0,
                count));
  }

  /// The bytes of a segment as elements of a dtype.
  public static Tensor segment(MemorySegment source, DType dtype, long @Nullable [] shape) {
    Objects.requireNonNull(source, "the data is null; expected a memory segment");
    long[] resolved = shape(shape, elements(source, dtype));
    return create(
        TensorOptions.defaults(),
        dtype,
        resolved,
        address ->
            MemorySegment.copy(
                source, 0, Memory.segment(address, source.byteSize()), 0, source.byteSize()));
  }

  /// How many elements of a dtype a segment holds.
  static long elements(MemorySegment source, DType dtype) {
    Objects.requireNonNull(dtype, "the dtype is null");
    if (dtype.itemSize() == 0 || dtype.isQuantized()) {
      throw new IllegalArgumentException(
          "%s has no elements that could be given as bytes".formatted(dtype));
    }
    if (source.byteSize() % dtype.itemSize() != 0) {
      throw new ShapeException(
          "%d bytes are no whole number of elements of %s, which have %d bytes each"
              .formatted(source.byteSize(), dtype, dtype.itemSize()));
    }
    return source.byteSize() / dtype.itemSize();
  }

  static ElementType elementType(Buffer buffer) {
    return switch (buffer) {
      case ByteBuffer _ -> ElementType.BYTE;
      case ShortBuffer _ -> ElementType.SHORT;
      case IntBuffer _ -> ElementType.INT;
      case LongBuffer _ -> ElementType.LONG;
      case FloatBuffer _ -> ElementType.FLOAT;
      case DoubleBuffer _ -> ElementType.DOUBLE;
      case CharBuffer _ -> throw ElementType.noDtype(char.class);
    };
  }

  static ByteOrder order(Buffer buffer) {
    return switch (buffer) {
      case ByteBuffer b -> b.order();
      case ShortBuffer b -> b.order();
      case IntBuffer b -> b.order();
      case LongBuffer b -> b.order();
      case FloatBuffer b -> b.order();
      case DoubleBuffer b -> b.order();
      case CharBuffer b -> b.order();
    };
  }

  /// The shape that was asked for, with one -1 worked out, checked against the number of elements.
  static long[] shape(long @Nullable [] wanted, long elements) {
    if (wanted == null) return new long[] {elements};
    long[] shape = wanted.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == -1 && unknown < 0) {
        unknown = i;
      } else if (shape[i] < 0) {
        throw new ShapeException(
            "size %d of dimension %d in shape %s is negative; one -1 may stand for what follows from the others"
                .formatted(shape[i], i, Arrays.toString(wanted)));
      } else {
        known = saturatingProduct(known, shape[i]);
      }
    }
    if (unknown >= 0 && known > 0 && elements % known == 0) {
      shape[unknown] = elements / known;
    } else if (unknown >= 0 || known != elements) {
      throw new ShapeException(
          "%d elements do not fill the shape %s".formatted(elements, Arrays.toString(wanted)));
    }
    return shape;
  }

  private static long saturatingProduct(long a, long b) {
    long high = Math.multiplyHigh(a, b);
    long low = a * b;
    return high == 0 && low >= 0 ? low : Long.MAX_VALUE;
  }

  /// A new tensor on the CPU, filled by the caller at its address, then brought to the options.
  private static Tensor create(
      TensorOptions options, DType dtype, long[] shape, LongConsumer fill) {
    // A trace would not see what is copied in: it takes the finished tensor as a constant.
    CallContext context = CallContext.current();
    long mode = context.mode;
    context.mode = Modes.untraced(mode);
    try {
      return createUntraced(options, dtype, shape, fill);
    } finally {
      context.mode = mode;
    }
  }

  private static Tensor createUntraced(
      TensorOptions options, DType dtype, long[] shape, LongConsumer fill) {
    Objects.requireNonNull(options, "the options are null");
    Layout layout = options.layoutOrNull();
    if (layout != null && layout != Layout.STRIDED) {
      throw new IllegalArgumentException(
          "data can be given to a tensor of layout strided only, not %s; convert it afterwards"
              .formatted(layout.torchName()));
    }
    DType wanted = options.dtypeOrNull();
    Device device = options.deviceOrNull();
    boolean converted = (wanted != null && wanted != dtype) || (device != null && !device.isCpu());
    Boolean pinMemory = options.pinMemoryOrNull();
    TensorOptions plain =
        dtype.on(Device.CPU).pinMemory(!converted && pinMemory != null && pinMemory);
    Tensor tensor = Torch.empty(plain, shape);
    DataOut.withAddress(
        tensor,
        address -> {
          if (address != 0) fill.accept(address);
        });
    if (converted) {
      Tensor original = tensor;
      TensorOptions target = options.requiresGrad(false);
      tensor = Conversions.to(original, target, false, false, null);
      original.close();
    }
    return options.requiresGrad() ? TensorCalls.setRequiresGrad(tensor, true) : tensor;
  }

  /// The native memory of a segment as a tensor, which keeps the segment reachable.
  public static Tensor share(MemorySegment memory, DType dtype, long @Nullable [] shape) {
    Objects.requireNonNull(memory, "the memory is null");
    long[] sizes = shape(shape, elements(memory, dtype));
    long loan = Sharing.lend(memory, dtype);
    CallFrame f = CallFrame.enter();
    try {
      long address = f.allocate(16L * sizes.length);
      long stride = 1;
      for (int i = sizes.length - 1; i >= 0; i--) {
        Memory.putLong(address + 8L * i, sizes[i]);
        Memory.putLong(address + 8L * (sizes.length + i), stride);
        stride *= Math.max(1, sizes[i]);
      }
      NativeErrors.check(
          pantorch_h.pt_tensor_from_memory(
              f.context().mode,
              memory.address(),
              address,
              address + 8L * sizes.length,
              sizes.length,
              dtype.code(),
              Device.CPU.type().code(),
              Device.CPU.index(),
              loan,
              f.outSlot()));
      return f.context().adopt(f.out());
    } catch (RuntimeException e) {
      MemoryLoans.takeBack(loan);
      throw e;
    } finally {
      f.exit();
    }
  }
}
