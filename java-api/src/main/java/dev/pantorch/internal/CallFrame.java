package dev.pantorch.internal;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Generator;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The packet of one call: scratch memory for arguments and results, encoded as `pantorch/op.h`
/// says. Slots are counted from the first argument. Each thread has a stack of frames, because
/// hooks call operators inside of calls; a frame is entered and left in the same method:
///
/// ```java
/// Tensor relu(Tensor self) {
///   CallFrame f = CallFrame.enter(Ops.RELU);
///   try {
///     f.tensor(0, self);
///     f.call();
///     return f.tensorResult(0);
///   } finally {
///     f.exit();
///   }
/// }
/// ```
public final class CallFrame {
  /// Slots for arguments; the generator refuses an operator that needs more.
  public static final int SLOTS = 160;

  private static final int LIST_BYTES = 2048;
  private static final long FIRST_SLOT = 8;
  private static final long LIGHT = pantorch_h.PT_RESULT_LIGHT();

  private final CallContext context;
  private final long base;
  private final long listEnd;

  // Keeps the memory alive, too.
  private final MemorySegment outSlot;

  private long listTop;
  private @Nullable Arena overflow;
  private NativeTensor[] held = new NativeTensor[8];
  private int heldCount;
  private @Nullable Op op;

  // Set by a factory's options: libtorch's own factories know nothing of it.
  private boolean resultRequiresGrad;

  // Keeps generators and objects reachable during the call.
  private @Nullable List<Object> reachable;

  CallFrame(CallContext context) {
    this.context = context;
    Arena arena = Arena.ofAuto();
    long bytes = FIRST_SLOT + 8L * SLOTS + LIST_BYTES;
    MemorySegment memory = arena.allocate(bytes, 8);
    this.base = memory.address();
    this.outSlot = memory.asSlice(FIRST_SLOT, 8);
    this.listEnd = base + bytes;
    this.listTop = listEnd - LIST_BYTES;
  }

  /// Begins a call of an operator in this thread's next frame.
  public static CallFrame enter(Op op) {
    CallContext context = CallContext.current();
    CallFrame frame = context.push();
    frame.op = op;
    Memory.putLong(frame.base, context.mode);
    return frame;
  }

  /// Begins a call of a shim function other than an operator.
  static CallFrame enter() {
    return CallContext.current().push();
  }

  /// Ends the call: lets go of its tensors.
  public void exit() {
    for (int i = 0; i < heldCount; i++) {
      held[i].unpin();
      held[i] = null;
    }
    heldCount = 0;
    listTop = listEnd - LIST_BYTES;
    if (overflow != null) {
      overflow.close();
      overflow = null;
    }
    op = null;
    reachable = null;
    resultRequiresGrad = false;
    context.pop();
  }

  /// Calls the operator with the arguments written so far.
  ///
  /// @throws dev.pantorch.TorchException if libtorch refuses
  public void call() {
    long error = pantorch_h.pt_op_call(op.address(), base);
    if (error != 0) throw NativeErrors.translate(error, this);
  }

  /// The address of the packet, for a shim function that takes one as an operator does.
  long packet() {
    Memory.putLong(base, context.mode);
    return base;
  }

  CallContext context() {
    return context;
  }

  @Nullable Op op() {
    return op;
  }

  long slotAddress(int slot) {
    return base + FIRST_SLOT + 8L * slot;
  }

  void keepReachable(Object used) {
    if (reachable == null) reachable = new ArrayList<>();
    reachable.add(used);
  }

  void hold(NativeTensor tensor) {
    if (heldCount == held.length) held = Arrays.copyOf(held, heldCount * 2);
    held[heldCount++] = tensor;
  }

  private void put(int slot, long value) {
    Memory.putLong(base + FIRST_SLOT + 8L * slot, value);
  }

  private long get(int slot) {
    return Memory.getLong(base + FIRST_SLOT + 8L * slot);
  }

  /// The handle of a tensor that stays usable until {@link #exit}.
  long acquire(Tensor tensor) {
    return ((NativeTensor) tensor).acquire(this, context);
  }

  /// The same for a call that may give the tensor a graph to hold: it leaves its group.
  long acquireToChange(Tensor tensor) {
    long handle = acquire(tensor);
    ((NativeTensor) tensor).leaveGroup(context);
    return handle;
  }

  /// Where a shim function writes its one result; read it with {@link #out}.
  MemorySegment outSlot() {
    return outSlot;
  }

  /// The same as a number.
  long outAddress() {
    return base + FIRST_SLOT;
  }

  long out() {
    return get(0);
  }

  /// Memory for `bytes` bytes until {@link #exit}.
  @SuppressWarnings("MustBeClosedChecker") // exit closes it
  long allocate(long bytes) {
    long start = listTop;
    long rounded = (bytes + 7) & ~7L;
    if (rounded <= listEnd - start) {
      listTop = start + rounded;
      return start;
    }
    if (overflow == null) overflow = Arena.ofConfined();
    return overflow.allocate(rounded, 8).address();
  }

  // Arguments. A null where the schema wants a value is the caller's mistake and named as such.

  public void tensor(int slot, Tensor tensor) {
    if (tensor == null) throw ArgumentErrors.missing(this, slot);
    put(slot, acquire(tensor));
  }

  /// A tensor that the operator writes to.
  public void changedTensor(int slot, Tensor tensor) {
    if (tensor == null) throw ArgumentErrors.missing(this, slot);
    put(slot, acquireToChange(tensor));
  }

  public void tensorOrNone(int slot, @Nullable Tensor tensor) {
    put(slot, tensor == null ? 0 : acquire(tensor));
  }

  public void int64(int slot, long value) {
    put(slot, value);
  }

  public void bool(int slot, boolean value) {
    put(slot, value ? 1 : 0);
  }

  public void float64(int slot, double value) {
    put(slot, Double.doubleToRawLongBits(value));
  }

  public void scalar(int slot, Number value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    putScalar(slotAddress(slot), value);
  }

  private void putScalar(long address, Number value) {
    // No pattern switch: its first execution takes the JVM some 20 ms to link.
    if (value instanceof Double || value instanceof Float) {
      putScalar(address, 1, Double.doubleToRawLongBits(value.doubleValue()), 0);
    } else if (value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte) {
      putScalar(address, 0, value.longValue(), 0);
    } else if (value instanceof Complex c) {
      long real = Double.doubleToRawLongBits(c.real());
      putScalar(address, 3, real, Double.doubleToRawLongBits(c.imag()));
    } else {
      throw ArgumentErrors.unsupportedNumber(value);
    }
  }

  private static void putScalar(long address, long tag, long a, long b) {
    Memory.putLong(address, tag);
    Memory.putLong(address + 8, a);
    Memory.putLong(address + 16, b);
  }

  public void dtype(int slot, DType value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    put(slot, value.code());
  }

  public void layout(int slot, Layout value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    put(slot, value.code());
  }

  public void memoryFormat(int slot, MemoryFormat value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    put(slot, value.code());
  }

  public void device(int slot, Device value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    Devices.requireAvailable(value);
    put(slot, value.type().code());
    put(slot + 1, value.index());
  }

  public void string(int slot, String value) {
    if (value == null) throw ArgumentErrors.missing(this, slot);
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    long address = allocate(bytes.length);
    Memory.putBytes(address, bytes);
    put(slot, address);
    put(slot + 1, bytes.length);
  }

  public void generator(int slot, @Nullable Generator value) {
    if (value != null) keepReachable(value);
    put(slot, value == null ? 0 : NativeGenerator.handle(value));
  }

  public void optInt64(int slot, @Nullable Long value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) put(slot + 1, value);
  }

  public void optBool(int slot, @Nullable Boolean value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) bool(slot + 1, value);
  }

  public void optFloat64(int slot, @Nullable Double value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) float64(slot + 1, value);
  }

  public void optScalar(int slot, @Nullable Number value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) scalar(slot + 1, value);
  }

  public void optDtype(int slot, @Nullable DType value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) put(slot + 1, value.code());
  }

  public void optLayout(int slot, @Nullable Layout value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) put(slot + 1, value.code());
  }

  public void optMemoryFormat(int slot, @Nullable MemoryFormat value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) put(slot + 1, value.code());
  }

  public void optDevice(int slot, @Nullable Device value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) device(slot + 1, value);
  }

  public void optString(int slot, @Nullable String value) {
    put(slot, value == null ? 0 : 1);
    if (value != null) string(slot + 1, value);
  }

  public void int64s(int slot, long[] values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    long address = allocate(8L * values.length);
    for (int i = 0; i < values.length; i++) Memory.putLong(address + 8L * i, values[i]);
    put(slot, address);
    put(slot + 1, values.length);
  }

  public void optInt64s(int slot, long @Nullable [] values) {
    put(slot, values == null ? 0 : 1);
    if (values != null) int64s(slot + 1, values);
  }

  public void float64s(int slot, double[] values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    long address = allocate(8L * values.length);
    for (int i = 0; i < values.length; i++) Memory.putDouble(address + 8L * i, values[i]);
    put(slot, address);
    put(slot + 1, values.length);
  }

  public void optFloat64s(int slot, double @Nullable [] values) {
    put(slot, values == null ? 0 : 1);
    if (values != null) float64s(slot + 1, values);
  }

  public void bools(int slot, boolean[] values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    long address = allocate(values.length);
    for (int i = 0; i < values.length; i++) {
      Memory.putByte(address + i, (byte) (values[i] ? 1 : 0));
    }
    put(slot, address);
    put(slot + 1, values.length);
  }

  public void tensors(int slot, List<Tensor> values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    int count = values.size();
    long address = allocate(8L * count);
    for (int i = 0; i < count; i++) {
      Tensor tensor = values.get(i);
      if (tensor == null) throw ArgumentErrors.missingElement(this, slot, i);
      Memory.putLong(address + 8L * i, acquire(tensor));
    }
    put(slot, address);
    put(slot + 1, count);
  }

  /// Tensors that the operator writes to.
  public void changedTensors(int slot, List<Tensor> values) {
    tensors(slot, values);
    for (Tensor tensor : values) ((NativeTensor) tensor).leaveGroup(context);
  }

  /// A list in which null stands for no tensor.
  public void tensorsOrNone(int slot, List<? extends @Nullable Tensor> values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    int count = values.size();
    long address = allocate(8L * count);
    for (int i = 0; i < count; i++) {
      Tensor tensor = values.get(i);
      Memory.putLong(address + 8L * i, tensor == null ? 0 : acquire(tensor));
    }
    put(slot, address);
    put(slot + 1, count);
  }

  public void scalars(int slot, Number[] values) {
    if (values == null) throw ArgumentErrors.missing(this, slot);
    int count = values.length;
    long address = allocate(24L * count);
    for (int i = 0; i < count; i++) {
      Number number = values[i];
      if (number == null) throw ArgumentErrors.missingElement(this, slot, i);
      putScalar(address + 24L * i, number);
    }
    put(slot, address);
    put(slot + 1, count);
  }

  /// The four optionals dtype, layout, device, pin_memory that every factory takes. Whether the
  /// result requires gradients is no argument of libtorch's factories; {@link #tensorResult} sees
  /// to it.
  public void options(int slot, TensorOptions options) {
    if (options == null) throw ArgumentErrors.missing(this, slot);
    putOptions(slot, options, options.dtypeOrNull());
  }

  /// The same for an operator whose own default dtype is not libtorch's.
  public void options(int slot, TensorOptions options, DType defaultDtype) {
    if (options == null) throw ArgumentErrors.missing(this, slot);
    DType dtype = options.dtypeOrNull();
    putOptions(slot, options, dtype == null ? defaultDtype : dtype);
  }

  private void putOptions(int slot, TensorOptions options, @Nullable DType dtype) {
    optDtype(slot, dtype);
    optLayout(slot + 2, options.layoutOrNull());
    optDevice(slot + 4, options.deviceOrNull());
    optBool(slot + 7, options.pinMemoryOrNull());
    resultRequiresGrad = options.requiresGrad();
  }

  // Results.

  public Tensor tensorResult(int slot) {
    long tagged = get(slot);
    boolean light = (tagged & LIGHT) != 0;
    Tensor result = context.adopt(tagged & ~LIGHT, light);
    if (resultRequiresGrad) TensorCalls.setRequiresGrad(result, true);
    return result;
  }

  /// A factory's result: gradients are recorded for it if the options say so.
  public Tensor tensorResult(int slot, TensorOptions options) {
    Tensor tensor = tensorResult(slot);
    return options.requiresGrad() ? tensor.requiresGrad_(true) : tensor;
  }

  /// The result of an operator that changed and returned `self`: the handle is the one that `self`
  /// holds already, with one reference more.
  public Tensor selfResult(int slot, Tensor self) {
    pantorch_h.pt_tensor_free(get(slot) & ~LIGHT);
    return self;
  }

  public List<Tensor> tensorsResult(int slot) {
    long address = get(slot);
    int count = Math.toIntExact(get(slot + 1));
    List<Tensor> tensors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) tensors.add(context.adopt(Memory.getLong(address + 8L * i)));
    pantorch_h.pt_free(address);
    return tensors;
  }

  public boolean boolResult(int slot) {
    return get(slot) != 0;
  }

  public long int64Result(int slot) {
    return get(slot);
  }

  public double float64Result(int slot) {
    return Double.longBitsToDouble(get(slot));
  }

  public DType dtypeResult(int slot) {
    return DType.ofCode((int) get(slot));
  }

  public Number scalarResult(int slot) {
    long a = get(slot + 1);
    return switch ((int) get(slot)) {
      case 1 -> Double.longBitsToDouble(a);
      case 3 -> new Complex(Double.longBitsToDouble(a), Double.longBitsToDouble(get(slot + 2)));
      default -> a;
    };
  }
}
