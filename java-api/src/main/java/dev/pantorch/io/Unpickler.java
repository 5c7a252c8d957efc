package dev.pantorch.io;

// Over 300 lines: one case for each opcode of pickle.

import dev.pantorch.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads pickles of protocols 0 to 5. A pickle is a program for a small stack machine; what it may
/// name is decided by a {@link Vocabulary}, so nothing is ever run that is not written here.
///
/// | Python | Java |
/// |---|---|
/// | None, bool, float, str, bytes | null, Boolean, Double, String, byte[] |
/// | int | Integer, or Long, or BigInteger: the first that it fits |
/// | list, tuple, dict, set | ArrayList, {@link Tuple}, LinkedHashMap, LinkedHashSet |
///
/// [pickletools](https://github.com/python/cpython/blob/3.11/Lib/pickletools.py) describes the
/// opcodes.
final class Unpickler {
  /// What classes and functions a pickle may name, and what they do.
  interface Vocabulary {
    /// A stand-in for a class or function.
    ///
    /// @throws IOException if it is not known
    Object global(String module, String name) throws IOException;

    /// Calls a function or makes an object of a class.
    @Nullable Object call(Object function, Tuple arguments) throws IOException;

    /// Gives an object its state.
    ///
    /// @return the object, or what takes its place
    Object build(Object object, @Nullable Object state) throws IOException;

    /// What stands outside of the pickle.
    Object persistent(@Nullable Object id) throws IOException;
  }

  /// How many characters a number may have that is written in decimal, as in Python itself.
  private static final int MAX_DIGITS = 4300;

  private static final int MAX_KEY_DEPTH = 50;

  private final PickleSource in;
  private final Vocabulary vocabulary;
  private final Budget budget;
  private final List<@Nullable Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Integer, @Nullable Object> memo = new HashMap<>();

  Unpickler(PickleSource in, Vocabulary vocabulary, Budget budget) {
    this.in = in;
    this.vocabulary = vocabulary;
    this.budget = budget;
  }

  /// Reads one pickle.
  ///
  /// @throws IOException if it is broken, or names something unknown; says where
  @Nullable Object load() throws IOException {
    while (true) {
      long at = in.position();
      int code = in.u8();
      if (code == '.') {
        Object result = pop();
        if (!stack.isEmpty() || !marks.isEmpty()) {
          throw broken(at, "it ends with %d values instead of one".formatted(stack.size() + 1));
        }
        return result;
      }
      budget.spend(1);
      execute(code, at);
    }
  }

  private void execute(int code, long at) throws IOException {
    switch (code) {
      case 0x80 -> protocol(in.u8(), at);
      case 0x95 -> in.i64(); // FRAME: a hint for buffering
      case '(' -> marks.add(stack.size());
      case '0' -> pop();
      case '1' -> popMark();
      case '2' -> push(top());

      case 'N' -> push(null);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'I' -> push(decimalOrFlag(line(), at));
      case 'J' -> push(in.i32());
      case 'K' -> push(in.u8());
      case 'M' -> push(in.u16());
      case 'L' -> push(decimal(line().replaceFirst("L$", ""), at));
      case 0x8a -> push(integer(in.bytes(in.u8())));
      case 0x8b -> push(integer(in.bytes(in.i32())));
      case 'F' -> push(floating(line(), at));
      case 'G' -> push(in.f64());

      case 'S' -> push(PickleText.quoted(line(), at));
      case 'T' -> push(text(in.bytes(in.i32()), at));
      case 'U' -> push(text(in.bytes(in.u8()), at));
      case 'V' -> push(PickleText.rawUnicode(in.line(), at));
      case 'X' -> push(text(in.bytes(in.u32()), at));
      case 0x8c -> push(text(in.bytes(in.u8()), at));
      case 0x8d -> push(text(in.bytes(in.i64()), at));
      case 'B' -> push(in.bytes(in.u32()));
      case 'C' -> push(in.bytes(in.u8()));
      case 0x8e, 0x96 -> push(in.bytes(in.i64()));

      case ']' -> push(new ArrayList<>());
      case 'l' -> push(new ArrayList<>(popMark()));
      case 'a' -> append(popLast(1), at);
      case 'e' -> append(popMark(), at);
      case ')' -> push(Tuple.of());
      case 't' -> push(Tuple.copyOf(popMark()));
      case 0x85 -> push(Tuple.copyOf(popLast(1)));
      case 0x86 -> push(Tuple.copyOf(popLast(2)));
      case 0x87 -> push(Tuple.copyOf(popLast(3)));
      case '}' -> push(new LinkedHashMap<>());
      case 'd' -> {
        List<@Nullable Object> entries = popMark();
        push(new LinkedHashMap<>());
        put(entries, at);
      }
      case 's' -> put(popLast(2), at);
      case 'u' -> put(popMark(), at);
      case 0x8f -> push(new LinkedHashSet<>());
      case 0x90 -> addAll(popMark(), at);

      case 'p' -> memoize(index(line(), at));
      case 'q' -> memoize(in.u8());
      case 'r' -> memoize(in.i32());
      case 0x94 -> memoize(memo.size());
      case 'g' -> recall(index(line(), at), at);
      case 'h' -> recall(in.u8(), at);
      case 'j' -> recall(in.i32(), at);

      case 'c' -> push(vocabulary.global(line(), line()));
      case 0x93 -> {
        Object name = pop();
        if (!(pop() instanceof String module) || !(name instanceof String text)) {
          throw broken(at, "STACK_GLOBAL has no two texts");
        }
        push(vocabulary.global(module, text));
      }
      case 'R', 0x81 -> {
        Object arguments = pop();
        if (!(arguments instanceof Tuple tuple)) throw broken(at, "a call has no tuple");
        Object function = pop();
        if (function == null) throw broken(at, "None is called");
        push(vocabulary.call(function, tuple));
      }
      case 'b' -> {
        Object state = pop();
        Object object = pop();
        if (object == null) throw broken(at, "None is given a state");
        push(vocabulary.build(object, state));
      }
      case 'Q' -> push(vocabulary.persistent(pop()));
      default -> throw refused(code, at);
    }
  }

  private static void protocol(int version, long at) throws IOException {
    if (version > 5) {
      throw broken(at, "it is of protocol %d; 0 to 5 are known".formatted(version));
    }
  }

  private static IOException refused(int code, long at) {
    String what =
        switch (code) {
          case 'i', 'o' -> "it makes an object of a class in a way only old programs do";
          case 'P' -> "it refers to outside things by a text";
          case 0x82, 0x83, 0x84 -> "it uses extension codes, which mean something else everywhere";
          case 0x91 -> "it has a frozenset; Python's torch.load(weights_only=True) has none either";
          case 0x92 -> "it makes an object with named arguments";
          case 0x97, 0x98 -> "it refers to buffers that are not in the file";
          default -> "there is no opcode 0x%02x".formatted(code);
        };
    return broken(at, what);
  }

  static IOException broken(long at, String what) {
    return new IOException("the pickle cannot be read at byte %d: %s".formatted(at, what));
  }

  // The stack.

  private void push(@Nullable Object value) {
    stack.add(value);
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  private @Nullable Object top() throws IOException {
    if (stack.size() <= floor()) throw broken(in.position(), "its stack is empty");
    return stack.getLast();
  }

  private @Nullable Object pop() throws IOException {
    Object top = top();
    stack.removeLast();
    return top;
  }

  private List<@Nullable Object> popLast(int count) throws IOException {
    int from = stack.size() - count;
    if (from < floor()) throw broken(in.position(), "its stack is empty");
    return cut(from);
  }

  private List<@Nullable Object> popMark() throws IOException {
    if (marks.isEmpty()) throw broken(in.position(), "its stack has no mark");
    return cut(marks.removeLast());
  }

  private List<@Nullable Object> cut(int from) {
    List<@Nullable Object> tail = stack.subList(from, stack.size());
    List<@Nullable Object> values = new ArrayList<>(tail);
    tail.clear();
    return values;
  }

  private void memoize(int index) throws IOException {
    memo.put(index, top());
  }

  private void recall(int index, long at) throws IOException {
    Object value = memo.get(index);
    if (value == null && !memo.containsKey(index)) {
      throw broken(at, "it recalls value %s, which it never kept".formatted(index));
    }
    push(value instanceof Placeholder placeholder ? placeholder.resolved() : value);
  }

  /// An object that is made before its state is known, and for which something else then stands.
  interface Placeholder {
    Object resolved();
  }

  // Numbers and texts.

  private String line() throws IOException {
    return text(in.line(), in.position());
  }

  private static String text(byte[] utf8, long at) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw broken(at, "a text is no valid UTF-8");
    }
  }

  private static Object decimalOrFlag(String digits, long at) throws IOException {
    return switch (digits) {
      case "00" -> false;
      case "01" -> true;
      default -> decimal(digits, at);
    };
  }

  private static Object decimal(String digits, long at) throws IOException {
    if (digits.length() > MAX_DIGITS || !digits.matches("[+-]?[0-9]+")) {
      throw broken(at, "'%s' is no integer".formatted(PickleText.shortened(digits)));
    }
    return smallest(new BigInteger(digits));
  }

  private static Object floating(String digits, long at) throws IOException {
    return switch (digits) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> {
        if (digits.length() > MAX_DIGITS
            || !digits.matches("[+-]?[0-9]*\\.?[0-9]*([eE][+-]?[0-9]+)?")) {
          throw broken(at, "'%s' is no number".formatted(PickleText.shortened(digits)));
        }
        try {
          yield Double.valueOf(digits);
        } catch (NumberFormatException e) {
          throw broken(at, "'%s' is no number".formatted(digits));
        }
      }
    };
  }

  private static int index(String digits, long at) throws IOException {
    if (!digits.matches("[0-9]{1,9}")) {
      throw broken(at, "'%s' is no number of a value".formatted(PickleText.shortened(digits)));
    }
    return Integer.parseInt(digits);
  }

  /// Little-endian two's complement of any length.
  private static Object integer(byte[] bytes) {
    if (bytes.length == 0) return 0;
    byte[] bigEndian = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) bigEndian[bytes.length - 1 - i] = bytes[i];
    return smallest(new BigInteger(bigEndian));
  }

  private static Object smallest(BigInteger value) {
    if (value.bitLength() > 63) return value;
    return integer(value.longValue());
  }

  /// The integer whose bits are read without a sign.
  static Object unsigned(long bits) {
    return smallest(new BigInteger(Long.toUnsignedString(bits)));
  }

  /// An int of Python's: an Integer if it fits, so that keys and small numbers always are.
  static Object integer(long value) {
    if (value == (int) value) return (int) value;
    return value;
  }

  // Containers.

  @SuppressWarnings("unchecked") // all that unpickling makes holds anything
  private void append(List<@Nullable Object> values, long at) throws IOException {
    if (!(top() instanceof ArrayList<?> list)) throw broken(at, "it appends to what is no list");
    ((ArrayList<@Nullable Object>) list).addAll(values);
  }

  @SuppressWarnings("unchecked") // all that unpickling makes holds anything
  private void put(List<@Nullable Object> entries, long at) throws IOException {
    if (!(top() instanceof LinkedHashMap<?, ?> map)) {
      throw broken(at, "it puts entries into what is no dict");
    }
    if (entries.size() % 2 != 0) throw broken(at, "an entry of a dict has no value");
    for (int i = 0; i < entries.size(); i += 2) {
      checkKey(entries.get(i), budget, at);
      ((Map<@Nullable Object, @Nullable Object>) map).put(entries.get(i), entries.get(i + 1));
    }
  }

  @SuppressWarnings("unchecked") // all that unpickling makes holds anything
  private void addAll(Collection<@Nullable Object> elements, long at) throws IOException {
    if (!(top() instanceof LinkedHashSet<?> set)) throw broken(at, "it adds to what is no set");
    for (Object element : elements) {
      checkKey(element, budget, at);
      ((Set<@Nullable Object>) set).add(element);
    }
  }

  /// Keys are hashed and compared, which for tuples of tuples can take forever; and what can change
  /// is no key in Python.
  static void checkKey(@Nullable Object key, Budget budget, long at) throws IOException {
    checkKey(key, budget, MAX_KEY_DEPTH, at);
  }

  private static void checkKey(@Nullable Object key, Budget budget, int depth, long at)
      throws IOException {
    if (key instanceof Tuple tuple) {
      if (depth == 0) throw broken(at, "a key is a tuple of tuples that is too deep");
      budget.spend(tuple.size());
      for (Object element : tuple) checkKey(element, budget, depth - 1, at);
    } else if (key instanceof Collection<?>
        || key instanceof Map<?, ?>
        || key instanceof Tensor
        || key instanceof long[]
        || key instanceof byte[]) {
      throw broken(at, "a %s is a key".formatted(key.getClass().getSimpleName()));
    }
  }
}
