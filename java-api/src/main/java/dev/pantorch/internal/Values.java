package dev.pantorch.internal;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Generator;
import dev.pantorch.Layout;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.jit.NamedTuple;
import dev.pantorch.jit.ScriptEnum;
import dev.pantorch.jit.ScriptModule;
import dev.pantorch.jit.ScriptObject;
import java.lang.reflect.Array;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Tagged values (`pt_value`), as the boxed dispatcher and TorchScript take and give them.
final class Values {
  static final long BYTES = 24;

  /// A string of libtorch's that need not be text.
  @SuppressWarnings("ArrayRecordComponent") // written once, to the call's frame
  record Bytes(byte[] content) {}

  private Values() {}

  /// Writes values one after the other into the frame's memory; the address of the first.
  static long write(CallFrame f, Collection<?> values) {
    long address = f.allocate(BYTES * values.size());
    long at = address;
    for (Object value : values) {
      write(f, at, value);
      at += BYTES;
    }
    return address;
  }

  /// Writes one value, whose parts stand in the frame's memory.
  static void write(CallFrame f, long at, @Nullable Object value) {
    switch (value) {
      case null -> put(at, pantorch_h.PT_VALUE_NONE(), 0, 0);
      case Tensor t -> put(at, pantorch_h.PT_VALUE_TENSOR(), f.acquireToChange(t), 0);
      case Boolean b -> put(at, pantorch_h.PT_VALUE_BOOL(), b ? 1 : 0, 0);
      case Complex c -> {
        long real = Double.doubleToRawLongBits(c.real());
        put(at, pantorch_h.PT_VALUE_COMPLEX(), real, Double.doubleToRawLongBits(c.imag()));
      }
      case Double d -> put(at, pantorch_h.PT_VALUE_DOUBLE(), Double.doubleToRawLongBits(d), 0);
      case Float d -> put(at, pantorch_h.PT_VALUE_DOUBLE(), Double.doubleToRawLongBits(d), 0);
      case Long n -> put(at, pantorch_h.PT_VALUE_INT(), n, 0);
      case Integer n -> put(at, pantorch_h.PT_VALUE_INT(), n, 0);
      case Short n -> put(at, pantorch_h.PT_VALUE_INT(), n, 0);
      case Byte n -> put(at, pantorch_h.PT_VALUE_INT(), n, 0);
      case String text -> write(f, at, new Bytes(text.getBytes(StandardCharsets.UTF_8)));
      case Bytes bytes -> {
        long copy = f.allocate(bytes.content.length);
        Memory.putBytes(copy, bytes.content);
        put(at, pantorch_h.PT_VALUE_STRING(), copy, bytes.content.length);
      }
      case DType dtype -> put(at, pantorch_h.PT_VALUE_INT(), dtype.code(), 0);
      case Layout layout -> put(at, pantorch_h.PT_VALUE_INT(), layout.code(), 0);
      case MemoryFormat format -> put(at, pantorch_h.PT_VALUE_INT(), format.code(), 0);
      case Device device -> {
        Devices.requireAvailable(device);
        put(at, pantorch_h.PT_VALUE_DEVICE(), device.type().code(), device.index());
      }
      case Generator generator -> {
        f.keepReachable(generator);
        put(at, pantorch_h.PT_VALUE_GENERATOR(), NativeGenerator.handle(generator), 0);
      }
      case ScriptObject object ->
          put(at, pantorch_h.PT_VALUE_OBJECT(), NativeObject.handle(f, object), 0);
      case ScriptModule module -> write(f, at, module.object());
      case NamedTuple tuple -> {
        List<@Nullable Object> parts = new ArrayList<>();
        parts.add(tuple.type());
        tuple
            .fields()
            .forEach((name, field) -> {
              parts.add(name);
              parts.add(field);
            });
        put(at, pantorch_h.PT_VALUE_NAMED_TUPLE(), write(f, parts), parts.size());
      }
      case ScriptEnum member -> {
        List<@Nullable Object> parts = Arrays.asList(member.type(), member.name(), member.value());
        put(at, pantorch_h.PT_VALUE_ENUM(), write(f, parts), parts.size());
      }
      case Record record -> {
        List<@Nullable Object> parts = new ArrayList<>();
        for (RecordComponent component : record.getClass().getRecordComponents()) {
          parts.add(RecordComponents.read(record, component));
        }
        put(at, pantorch_h.PT_VALUE_TUPLE(), write(f, parts), parts.size());
      }
      case Collection<?> list -> put(at, pantorch_h.PT_VALUE_LIST(), write(f, list), list.size());
      case Map<?, ?> map -> {
        List<@Nullable Object> entries = new ArrayList<>(2 * map.size());
        map.forEach((k, v) -> {
          entries.add(k);
          entries.add(v);
        });
        put(at, pantorch_h.PT_VALUE_DICT(), write(f, entries), entries.size());
      }
      default -> {
        if (!value.getClass().isArray()) throw unsupported(value);
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = 0; i < Array.getLength(value); i++) elements.add(Array.get(value, i));
        put(at, pantorch_h.PT_VALUE_LIST(), write(f, elements), elements.size());
      }
    }
  }

  private static TypeException unsupported(Object value) {
    return new TypeException(
        "a %s cannot be passed to an operator; expected Tensor, a number, Boolean, String, DType, Device, Layout, MemoryFormat, Generator, ScriptObject, null, or a collection, array, map or record of these"
            .formatted(value.getClass().getName()));
  }

  private static void put(long at, int kind, long a, long b) {
    Memory.putLong(at, kind);
    Memory.putLong(at + 8, a);
    Memory.putLong(at + 16, b);
  }

  /// Reads results and frees them. Tensors are adopted by the context's innermost scope.
  static List<@Nullable Object> take(CallContext context, long address, int count) {
    try {
      return readAll(context, address, count);
    } finally {
      pantorch_h.pt_values_free(address, count);
    }
  }

  /// Reads the one value at an address and frees what it holds.
  static @Nullable Object takeOne(CallContext context, long address) {
    try {
      return read(context, address);
    } finally {
      pantorch_h.pt_value_clear(address);
    }
  }

  /// Reads the list of strings at an address as their bytes, null for None, and frees it.
  static List<byte @Nullable []> takeBytes(long address) {
    try {
      List<byte @Nullable []> strings = new ArrayList<>();
      long first = Memory.getLong(address + 8);
      for (long i = 0; i < Memory.getLong(address + 16); i++) {
        long at = first + BYTES * i;
        boolean there = Memory.getLong(at) == pantorch_h.PT_VALUE_STRING();
        strings.add(
            there ? Memory.getBytes(Memory.getLong(at + 8), Memory.getLong(at + 16)) : null);
      }
      return strings;
    } finally {
      pantorch_h.pt_value_clear(address);
    }
  }

  private static List<@Nullable Object> readAll(CallContext context, long address, long count) {
    @Nullable Object[] values = new Object[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) values[i] = read(context, address + BYTES * i);
    return Collections.unmodifiableList(Arrays.asList(values));
  }

  private static @Nullable Object read(CallContext context, long at) {
    int kind = (int) Memory.getLong(at);
    long a = Memory.getLong(at + 8);
    long b = Memory.getLong(at + 16);
    if (kind == pantorch_h.PT_VALUE_NONE()) return null;
    if (kind == pantorch_h.PT_VALUE_TENSOR()) {
      Tensor tensor = context.adopt(a);
      // The reference is the tensor's now; freeing the values must not give it back.
      Memory.putLong(at, pantorch_h.PT_VALUE_NONE());
      return tensor;
    }
    if (kind == pantorch_h.PT_VALUE_INT()) return a;
    if (kind == pantorch_h.PT_VALUE_DOUBLE()) return Double.longBitsToDouble(a);
    if (kind == pantorch_h.PT_VALUE_BOOL()) return a != 0;
    if (kind == pantorch_h.PT_VALUE_COMPLEX()) {
      return new Complex(Double.longBitsToDouble(a), Double.longBitsToDouble(b));
    }
    if (kind == pantorch_h.PT_VALUE_STRING()) return Memory.getString(a, b);
    if (kind == pantorch_h.PT_VALUE_DEVICE()) {
      return Device.of(DeviceType.ofCode((int) a), (int) b);
    }
    if (kind == pantorch_h.PT_VALUE_LIST() || kind == pantorch_h.PT_VALUE_TUPLE()) {
      return readAll(context, a, b);
    }
    if (kind == pantorch_h.PT_VALUE_DICT()) {
      List<@Nullable Object> entries = readAll(context, a, b);
      Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
      for (int i = 0; i < entries.size(); i += 2) map.put(entries.get(i), entries.get(i + 1));
      return map;
    }
    if (kind == pantorch_h.PT_VALUE_NAMED_TUPLE()) {
      List<@Nullable Object> parts = readAll(context, a, b);
      SequencedMap<String, @Nullable Object> fields = new LinkedHashMap<>();
      for (int i = 1; i < parts.size(); i += 2) fields.put((String) parts.get(i), parts.get(i + 1));
      return new NamedTuple((String) parts.getFirst(), fields);
    }
    if (kind == pantorch_h.PT_VALUE_ENUM()) {
      List<@Nullable Object> parts = readAll(context, a, b);
      return new ScriptEnum((String) parts.get(0), (String) parts.get(1), parts.get(2));
    }
    if (kind == pantorch_h.PT_VALUE_OBJECT()) {
      ScriptObject object = new ScriptObject(new NativeHandle(a, pantorch_h::pt_object_free));
      // The object frees it.
      Memory.putLong(at, pantorch_h.PT_VALUE_NONE());
      return object;
    }
    throw new AssertionError("a value of the unknown kind " + kind);
  }
}
