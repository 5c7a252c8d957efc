package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.ffi.NativeMemory;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.Buffer;
import java.util.Objects;
import java.util.function.LongConsumer;

/// Copies a tensor's elements out, in row-major order, in one piece.
public final class DataOut {
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private DataOut() {}

  /// Calls with the address of the first element, 0 where there is none; the tensor stays
  /// meanwhile.
  static void withAddress(Tensor tensor, LongConsumer use) {
    CallFrame f = CallFrame.enter();
    try {
      use.accept(address(f, tensor));
    } finally {
      f.exit();
    }
  }

  private static long address(CallFrame f, Tensor tensor) {
    NativeErrors.check(pantorch_h.pt_tensor_data(f.acquire(tensor), f.outSlot()));
    return f.out();
  }

  /// Calls with the address of all elements as `dtype`, row-major, on the CPU.
  ///
  /// @param is what the tensor is
  private static void withElements(
      Tensor tensor, TensorDescription is, DType dtype, LongConsumer use) {
    if (isPlain(is) && is.dtype() == dtype) {
      CallFrame f = CallFrame.enter();
      try {
        long address = address(f, tensor);
        if (address != 0) {
          use.accept(address);
          return;
        }
      } finally {
        f.exit();
      }
    }
    // What is made on the way is freed at the end.
    ScopeState scope = ScopeState.open();
    CallContext context = CallContext.current();
    long mode = context.mode;
    try {
      context.mode = Modes.untraced(Modes.withGrad(mode, false));
      Tensor dense = is.layout() == Layout.STRIDED ? tensor : tensor.toDense();
      Tensor resolved = dense.resolveConj().resolveNeg();
      // One after the other: not every device has every dtype.
      Tensor elements = resolved.to(Device.CPU).to(dtype).contiguous();
      withAddress(hasMemory(elements) ? elements : elements.clone(MemoryFormat.CONTIGUOUS), use);
    } finally {
      context.mode = mode;
      scope.close();
    }
  }

  /// Autograd makes tensors of zeros that have none.
  private static boolean hasMemory(Tensor tensor) {
    boolean[] has = new boolean[1];
    withAddress(tensor, address -> has[0] = address != 0);
    return has[0];
  }

  private static boolean isPlain(TensorDescription is) {
    return is.layout() == Layout.STRIDED
        && is.device().isCpu()
        && is.has(pantorch_h.PT_TENSOR_CONTIGUOUS())
        && !is.has(pantorch_h.PT_TENSOR_CONJ())
        && !is.has(pantorch_h.PT_TENSOR_NEG());
  }

  /// All elements in a new array of a primitive type, such as `float.class`.
  public static Object toArray(Tensor tensor, Class<?> javaType, String method) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    ElementType type = ElementType.of(javaType);
    TensorDescription is = TensorCalls.describe(tensor);
    checkHolds(type, is, method);
    if (is.numel() > MAX_ARRAY) {
      throw new ShapeException(
          "%s: %d elements are more than an array can hold; use copyTo(MemorySegment) or data(arena)"
              .formatted(method, is.numel()));
    }
    Object array = type.newArray((int) is.numel());
    copyOut(tensor, is, type, array);
    return array;
  }

  /// All elements into an array that has room for just them.
  public static void copyTo(Tensor tensor, Object array) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    ElementType type = ElementType.of(array.getClass().componentType());
    TensorDescription is = TensorCalls.describe(tensor);
    checkHolds(type, is, "copyTo");
    checkRoom(is, java.lang.reflect.Array.getLength(array), "elements");
    copyOut(tensor, is, type, array);
  }

  private static void copyOut(Tensor tensor, TensorDescription is, ElementType type, Object array) {
    if (is.numel() == 0) return;
    int count = (int) is.numel();
    withElements(tensor, is, type.dtype(), address -> type.copyOut(address, array, count));
  }

  /// Nested arrays of a class such as `float[][].class`.
  public static Object toNestedArray(Tensor tensor, Class<?> arrayType) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    int dims = 0;
    Class<?> element = arrayType;
    for (; element.isArray(); element = element.componentType()) dims++;
    TensorDescription is = TensorCalls.describe(tensor);
    if (dims == 0 || !element.isPrimitive()) {
      throw new TypeException(
          "toArray: %s is no array of a primitive type; expected a class such as float[][].class"
              .formatted(arrayType.getTypeName()));
    }
    ElementType type = ElementType.of(element);
    if (dims != is.sizes().length) {
      throw new ShapeException(
          "toArray: a tensor of %d dimensions does not fit %s, which has %d"
              .formatted(is.sizes().length, arrayType.getTypeName(), dims));
    }
    checkHolds(type, is, "toArray");
    for (long size : is.sizes()) {
      if (size > MAX_ARRAY) {
        throw new ShapeException(
            "toArray: %d elements are more than an array can hold; use copyTo(MemorySegment) or data(arena)"
                .formatted(size));
      }
    }
    if (is.numel() == 0) return NestedArrays.read(arrayType, type, is.sizes(), 0);
    Object[] result = new Object[1];
    withElements(
        tensor,
        is,
        type.dtype(),
        address -> result[0] = NestedArrays.read(arrayType, type, is.sizes(), address));
    return result[0];
  }

  /// All elements, in the tensor's own dtype, to the beginning of a segment.
  public static void copyTo(Tensor tensor, MemorySegment target) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    Objects.requireNonNull(target, "the target is null; expected a memory segment");
    TensorDescription is = TensorCalls.describe(tensor);
    checkDefined(is, "copyTo");
    long bytes = Math.multiplyExact(is.numel(), is.dtype().itemSize());
    checkRoom(is, target.byteSize() / Math.max(1, is.dtype().itemSize()), "elements");
    if (bytes == 0) return;
    withElements(
        tensor,
        is,
        is.dtype(),
        address -> MemorySegment.copy(Memory.segment(address, bytes), 0, target, 0, bytes));
  }

  /// All elements to a buffer from its position on, in its byte order; the position moves on.
  public static void copyTo(Tensor tensor, Buffer target) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    Objects.requireNonNull(target, "the target is null; expected a buffer");
    ElementType type = DataIn.elementType(target);
    TensorDescription is = TensorCalls.describe(tensor);
    checkHolds(type, is, "copyTo");
    checkRoom(is, target.remaining(), "elements");
    int count = (int) is.numel();
    if (count == 0) return;
    MemorySegment to = MemorySegment.ofBuffer(target);
    ValueLayout layout = type.layout();
    withElements(
        tensor,
        is,
        type.dtype(),
        address ->
            MemorySegment.copy(
                Memory.segment(address, (long) count * type.dtype().itemSize()),
                layout,
                0,
                to,
                layout.withOrder(DataIn.order(target)),
                0,
                count));
    target.position(target.position() + count);
  }

  private static void checkRoom(TensorDescription is, long room, String unit) {
    if (room < is.numel()) {
      throw new ShapeException(
          "copyTo: the target has room for %d %s, but %s has %d"
              .formatted(room, unit, is, is.numel()));
    }
  }

  private static void checkHolds(ElementType type, TensorDescription is, String method) {
    checkDefined(is, method);
    if (type.holds(is.dtype())) return;
    throw new TypeException(
        "%s: not every element of %s is %s; %s"
            .formatted(method, is.dtype(), withArticle(type), remedy(type, is.dtype())));
  }

  private static String withArticle(ElementType type) {
    return (type == ElementType.INT ? "an " : "a ") + type.javaType();
  }

  private static String remedy(ElementType type, DType dtype) {
    if (dtype.isQuantized()) return "use dequantize() or intRepr() first";
    if (dtype.isComplex()) return "use Torch.real, Torch.imag or Torch.viewAsReal first";
    return "to have them converted, call to(DType.%s) first".formatted(type.dtype().name());
  }

  private static void checkDefined(TensorDescription is, String method) {
    if (!is.has(pantorch_h.PT_TENSOR_DEFINED())) {
      throw new TypeException("%s: the tensor is undefined, it has no elements".formatted(method));
    }
  }

  /// The tensor's own memory; the storage stays until the arena closes.
  public static MemorySegment view(Tensor tensor, Arena arena) {
    if (Tracing.anywhere()) Tracing.warnOfRead("array");
    Objects.requireNonNull(arena, "the arena is null");
    CallFrame f = CallFrame.enter();
    try {
      long handle = f.acquire(tensor);
      TensorDescription is = TensorDescription.of(f, handle);
      checkDefined(is, "data");
      checkViewable(is);
      long bytes = Math.multiplyExact(is.numel(), is.dtype().itemSize());
      NativeErrors.check(pantorch_h.pt_tensor_data(handle, f.outSlot()));
      long address = f.out();
      if (bytes == 0) return arena.allocate(0);
      if (address == 0) {
        throw new IllegalStateException(
            "data: %s are zeros that have no memory; use clone(null).data(arena)".formatted(is));
      }
      MemorySegment size = Memory.segment(f.slotAddress(1), 8);
      NativeErrors.check(pantorch_h.pt_tensor_storage(handle, f.outSlot(), size));
      long storage = f.out();
      try {
        return NativeMemory.view(address, bytes, arena, () -> pantorch_h.pt_storage_free(storage));
      } catch (RuntimeException e) {
        pantorch_h.pt_storage_free(storage);
        throw e;
      }
    } finally {
      f.exit();
    }
  }

  private static void checkViewable(TensorDescription is) {
    if (!is.device().isCpu()) {
      throw new DeviceException(
          "data: the memory of %s is not the CPU's; copy it there first with cpu()".formatted(is));
    }
    if (is.has(pantorch_h.PT_TENSOR_REQUIRES_GRAD())) {
      throw new IllegalStateException(
          "data: a tensor that requires gradients must not be changed past autograd; use"
              + " detach().data(arena)");
    }
    if (!isPlain(is)) {
      throw new IllegalStateException(
          "data: %s does not lie in memory in row-major order, without gaps and as it is to be read; use contiguous(), resolveConj() or toDense() first"
              .formatted(is));
    }
  }
}
