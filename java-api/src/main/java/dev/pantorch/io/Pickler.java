package dev.pantorch.io;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.nn.Module;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes values in pickle's protocol 2, opcode by opcode as Python's own pickler does, and only
/// such as `torch.load(weights_only=True)` reads.
///
/// [pickletools](https://github.com/python/cpython/blob/3.11/Lib/pickletools.py) describes the
/// opcodes.
final class Pickler {
  /// As many levels as Python can write without running out of its stack.
  static final int MAX_DEPTH = 900;

  private static final int BATCH = 1000;

  /// What writes tensors.
  @FunctionalInterface
  interface TensorWriter {
    void write(Pickler out, Tensor tensor);
  }

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TensorWriter tensors;
  private final Map<String, Integer> texts = new HashMap<>();
  private final Map<String, Integer> globals = new HashMap<>();
  private final IdentityHashMap<Object, Integer> objects = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Boolean> open = new IdentityHashMap<>();
  private final List<@Nullable Object> path = new ArrayList<>();
  private int memoized;

  private Pickler(TensorWriter tensors) {
    this.tensors = tensors;
  }

  /// A value as a pickle.
  ///
  /// @throws IllegalArgumentException if something in it cannot be written; says what and where
  static byte[] pickle(@Nullable Object value, TensorWriter tensors) {
    Pickler out = new Pickler(tensors);
    out.op(0x80).op(2);
    out.save(value);
    return out.op('.').bytes.toByteArray();
  }

  private Pickler op(int code) {
    bytes.write(code);
    return this;
  }

  /// A class or function of Python's: module and name, with a space between.
  record Global(String name) {}

  /// A text that is another object in Python than an equal one written before.
  static final class OwnText {
    private final String text;

    OwnText(String text) {
      this.text = text;
    }
  }

  /// A value.
  void save(@Nullable Object value) {
    switch (value) {
      case null -> op('N');
      case Boolean b -> op(b ? 0x88 : 0x89);
      case Byte n -> integer(n);
      case Short n -> integer(n);
      case Integer n -> integer(n);
      case Long n -> integer(n);
      case BigInteger n -> integer(n);
      case Float n -> number(n);
      case Double n -> number(n);
      case String text -> text(text);
      case Global global -> global(global.name);
      case DType dtype -> global("torch " + dtype.torchName());
      default -> {
        Integer known = objects.get(value);
        if (open.containsKey(value)) {
          throw new IllegalArgumentException(where() + " contains itself");
        } else if (known != null) {
          get(known);
        } else {
          saveObject(value);
        }
      }
    }
  }

  private void saveObject(Object value) {
    switch (value) {
      case Tensor tensor -> {
        tensors.write(this, tensor);
        memoize(tensor);
      }
      case OwnText own -> {
        objects.put(own, memoized);
        newText(own.text);
      }
      case byte[] array -> saveBytes(array);
      case long[] size -> saveSize(size);
      case Complex complex ->
          reduce("__builtin__ complex", Tuple.of(complex.real(), complex.imag()), value);
      case Device device -> {
        Tuple arguments =
            device.index() < 0
                ? Tuple.of(device.type().torchName())
                : Tuple.of(device.type().torchName(), device.index());
        reduce("torch device", arguments, value);
      }
      case Layout layout ->
          reduce("torch.serialization _get_layout", Tuple.of(layout.toString()), value);
      case Tuple tuple -> within(tuple, () -> saveTuple(tuple));
      case Map<?, ?> map -> within(map, () -> saveMap(map));
      case Set<?> set -> within(set, () -> saveSet(set));
      case Collection<?> list -> within(list, () -> saveList(list));
      default -> throw unknown(value);
    }
  }

  private IllegalArgumentException unknown(Object value) {
    String remedy =
        switch (value) {
          case Module _ -> "save its stateDict()";
          case Enum<?> _ -> "save its name()";
          case Record _ -> "save a Map of its components";
          default ->
              value.getClass().isArray()
                  ? "save a List, or a tensor made by Torch.tensor(...)"
                  : "save what it consists of";
        };
    return new IllegalArgumentException(
        "%s is a %s, which Python's torch.load(weights_only=True) does not read; %s"
            .formatted(where(), value.getClass().getTypeName(), remedy));
  }

  /// Where in the value the writer is, as one would write it in Python:
  /// `['optimizer']['state'][0]`.
  String where() {
    StringBuilder text = new StringBuilder("the value");
    for (Object step : path) {
      text.append('[').append(step instanceof String s ? "'" + s + "'" : step).append(']');
    }
    return text.toString();
  }

  private void saveAt(@Nullable Object step, @Nullable Object value) {
    path.add(step);
    save(value);
    path.removeLast();
  }

  private void within(Object container, Runnable body) {
    open.put(container, true);
    if (open.size() > MAX_DEPTH) {
      throw new IllegalArgumentException(
          "containers are nested more than %d deep; Python reads no deeper ones"
              .formatted(MAX_DEPTH));
    }
    body.run();
    open.remove(container);
  }

  // Numbers and texts.

  private void integer(long value) {
    if (value >= 0 && value < 1 << 8) {
      op('K').op((int) value);
    } else if (value >= 0 && value < 1 << 16) {
      op('M').op((int) value & 0xFF).op((int) value >> 8);
    } else if (value == (int) value) {
      op('J').int32((int) value);
    } else {
      integer(BigInteger.valueOf(value));
    }
  }

  private void integer(BigInteger value) {
    if (value.bitLength() < 32) {
      integer(value.longValue());
      return;
    }
    byte[] digits = value.toByteArray();
    if (digits.length > 255) {
      throw new IllegalArgumentException(
          "%s is an integer of %d bytes; Python's torch.load(weights_only=True) reads at most 255"
              .formatted(where(), digits.length));
    }
    op(0x8a).op(digits.length);
    for (int i = digits.length - 1; i >= 0; i--) op(digits[i]);
  }

  private void number(double value) {
    op('G').bytes.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
  }

  private Pickler int32(int value) {
    return op(value).op(value >> 8).op(value >> 16).op(value >> 24);
  }

  private void text(String text) {
    Integer known = texts.get(text);
    if (known != null) {
      get(known);
    } else {
      texts.put(text, memoized);
      newText(text);
    }
  }

  private void newText(String text) {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(where() + " has half a surrogate pair in it");
    }
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X').int32(utf8.length).bytes.writeBytes(utf8);
    put();
  }

  /// Protocol 2 has no bytes: they are the Latin-1 code of a text.
  private void saveBytes(byte[] array) {
    reduce(
        "_codecs encode",
        Tuple.of(new String(array, StandardCharsets.ISO_8859_1), "latin1"),
        array);
  }

  private void saveSize(long[] size) {
    reduce("torch Size", Tuple.of(longs(size)), size);
  }

  static Tuple longs(long[] values) {
    Object[] boxed = new Object[values.length];
    for (int i = 0; i < values.length; i++) boxed[i] = values[i];
    return Tuple.of(boxed);
  }

  // Containers.

  private void saveTuple(Tuple tuple) {
    int size = tuple.size();
    if (size > 3) op('(');
    for (int i = 0; i < size; i++) saveAt(i, tuple.get(i));
    op(
        switch (size) {
          case 0 -> ')';
          case 1 -> 0x85;
          case 2 -> 0x86;
          case 3 -> 0x87;
          default -> 't';
        });
    if (size > 0) memoize(tuple);
  }

  private void saveList(Collection<?> list) {
    op(']');
    memoize(list);
    saveItems(list);
  }

  private void saveItems(Collection<?> list) {
    Iterator<?> items = list.iterator();
    int index = 0;
    while (items.hasNext()) {
      int batch = Math.min(BATCH, list.size() - index);
      if (batch > 1) op('(');
      for (int i = 0; i < batch && items.hasNext(); i++) {
        saveAt(index++, items.next());
      }
      op(batch > 1 ? 'e' : 'a');
    }
  }

  private void saveSet(Set<?> set) {
    global("__builtin__ set");
    op(']');
    put();
    saveItems(set);
    op(0x85);
    put();
    op('R');
    memoize(set);
  }

  private void saveMap(Map<?, ?> map) {
    if (map instanceof OrderedDict) {
      global("collections OrderedDict");
      op(')').op('R');
    } else {
      op('}');
    }
    memoize(map);
    saveEntries(map);
    if (map instanceof OrderedDict<?, ?> ordered && !ordered.attributes().isEmpty()) {
      op('}');
      put();
      saveEntries(ordered.attributes());
      op('b');
    }
  }

  private void saveEntries(Map<?, ?> map) {
    Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
    int written = 0;
    while (entries.hasNext()) {
      int batch = Math.min(BATCH, map.size() - written);
      if (batch > 1) op('(');
      for (int i = 0; i < batch && entries.hasNext(); i++, written++) {
        Map.Entry<?, ?> entry = entries.next();
        checkKey(entry.getKey());
        save(entry.getKey());
        saveAt(entry.getKey(), entry.getValue());
      }
      op(batch > 1 ? 'u' : 's');
    }
  }

  private void checkKey(@Nullable Object key) {
    if (key instanceof Tensor
        || key instanceof Map<?, ?>
        || (key instanceof Collection<?> && !(key instanceof Tuple))) {
      throw new IllegalArgumentException(
          "%s has a %s as key, which cannot be one in Python; use texts, numbers or tuples"
              .formatted(where(), key.getClass().getTypeName()));
    }
  }

  // What torch needs.

  /// Calls a function of Python's when read.
  void reduce(String function, Tuple arguments, @Nullable Object result) {
    global(function);
    saveTuple(arguments);
    op('R');
    if (result == null) {
      put();
    } else {
      memoize(result);
    }
  }

  /// A storage.
  void persistentId(Tuple id) {
    saveTuple(id);
    op('Q');
  }

  /// A class or function.
  ///
  /// @param name module and name, with a space between
  void global(String name) {
    Integer known = globals.get(name);
    if (known != null) {
      get(known);
      return;
    }
    op('c').bytes.writeBytes((name.replace(' ', '\n') + '\n').getBytes(StandardCharsets.UTF_8));
    globals.put(name, memoized);
    put();
  }

  void mark() {
    op('(');
  }

  /// Ends a tuple begun with {@link #mark} and calls the function below it with it.
  void callWithTuple() {
    op('t');
    put();
    op('R');
  }

  private void memoize(Object object) {
    objects.put(object, memoized);
    put();
  }

  private void put() {
    if (memoized < 256) {
      op('q').op(memoized++);
    } else {
      op('r').int32(memoized++);
    }
  }

  private void get(int index) {
    if (index < 256) {
      op('h').op(index);
    } else {
      op('j').int32(index);
    }
  }
}
