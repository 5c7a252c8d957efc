package dev.pantorch.io;

import dev.pantorch.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The front of a `.npy` file: a magic number, a version, and a Python dict in writing.
///
/// [The format](https://numpy.org/doc/2.4/reference/generated/numpy.lib.format.html)
///
/// @param type the elements' type and byte order
/// @param fortran whether the first dimension runs fastest
/// @param shape the sizes
@SuppressWarnings("ArrayRecordComponent") // read by this package only
record NpyHeader(NumpyTypes.Type type, boolean fortran, long[] shape) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final int ALIGNMENT = 64;

  /// As many digits as room is left for, so that a first dimension can grow in place.
  private static final int GROWTH_DIGITS = 21;

  /// As much as numpy reads from strangers.
  private static final int MAX_LENGTH = 10_000;

  /// Something to read from in order.
  @FunctionalInterface
  interface Source {
    /// The next bytes.
    byte[] read(int count) throws IOException;
  }

  /// Reads a header.
  ///
  /// @throws IOException if it is none, or of elements that no tensor can have; says what
  static NpyHeader read(Source source) throws IOException {
    ByteBuffer front = ByteBuffer.wrap(source.read(MAGIC.length + 2));
    if (ByteBuffer.wrap(MAGIC).mismatch(front) != MAGIC.length) {
      throw new IOException("it does not begin as numpy's files do");
    }
    int version = front.get(MAGIC.length);
    if (version < 1 || version > 3 || front.get(MAGIC.length + 1) != 0) {
      throw new IOException(
          "it is of numpy's format %d.%d; 1.0, 2.0 and 3.0 are known"
              .formatted(version & 0xFF, front.get(MAGIC.length + 1) & 0xFF));
    }
    ByteBuffer bytes =
        ByteBuffer.wrap(source.read(version == 1 ? 2 : 4)).order(ByteOrder.LITTLE_ENDIAN);
    long length = version == 1 ? bytes.getShort() & 0xFFFF : bytes.getInt() & 0xFFFFFFFFL;
    if (length > MAX_LENGTH) {
      throw new IOException(
          "its header has %d bytes; numpy reads at most %d".formatted(length, MAX_LENGTH));
    }
    byte[] text = source.read((int) length);
    return parse(
        new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1));
  }

  private static NpyHeader parse(String text) throws IOException {
    Map<String, String> entries = entries(text.strip());
    String descr = entries.getOrDefault("descr", "");
    String fortran = entries.getOrDefault("fortran_order", "");
    String shape = entries.getOrDefault("shape", "");
    if (descr.startsWith("[")) {
      throw new IOException(
          "it has a structured type, %s; tensors have elements of one type: save each field by itself"
              .formatted(PickleText.shortened(descr)));
    }
    boolean known = fortran.equals("True") || fortran.equals("False");
    if (entries.size() != 3 || !descr.startsWith("'") || !known || !shape.startsWith("(")) {
      throw malformed(text);
    }
    NumpyTypes.Type type = NumpyTypes.parse(descr.substring(1, descr.length() - 1));
    return new NpyHeader(type, fortran.equals("True"), sizes(shape, text));
  }

  /// The entries of a dict, each value in writing.
  private static Map<String, String> entries(String text) throws IOException {
    Map<String, String> entries = new HashMap<>();
    if (!text.startsWith("{") || !text.endsWith("}")) throw malformed(text);
    String inside = text.substring(1, text.length() - 1).strip();
    while (!inside.isEmpty()) {
      int colon = inside.indexOf(':');
      String key = colon < 0 ? "" : inside.substring(0, colon).strip();
      if (key.length() < 2 || key.charAt(0) != '\'' || !key.endsWith("'")) throw malformed(text);
      String rest = inside.substring(colon + 1).strip();
      int end = end(rest);
      if (end < 0
          || entries.put(key.substring(1, key.length() - 1), rest.substring(0, end)) != null) {
        throw malformed(text);
      }
      inside = rest.substring(end).strip();
      if (!inside.isEmpty() && inside.charAt(0) != ',') throw malformed(text);
      if (!inside.isEmpty()) inside = inside.substring(1).strip();
    }
    return entries;
  }

  /// Where the first value of a text ends, -1 if it does not.
  private static int end(String text) {
    if (text.isEmpty()) return -1;
    return switch (text.charAt(0)) {
      case '\'' -> text.indexOf('\'', 1) + 1 == 0 ? -1 : text.indexOf('\'', 1) + 1;
      case '(' -> text.indexOf(')') < 0 ? -1 : text.indexOf(')') + 1;
      case '[' -> text.lastIndexOf(']') < 0 ? -1 : text.lastIndexOf(']') + 1;
      case 'T' -> text.startsWith("True") ? 4 : -1;
      case 'F' -> text.startsWith("False") ? 5 : -1;
      default -> -1;
    };
  }

  private static long[] sizes(String tuple, String text) throws IOException {
    List<Long> sizes = new ArrayList<>();
    String inside = tuple.substring(1, tuple.length() - 1).strip();
    if (inside.isEmpty()) return new long[0];
    String[] parts = inside.split(",", -1);
    int count = parts.length - (parts[parts.length - 1].isBlank() ? 1 : 0);
    if (parts.length == 1) throw malformed(text); // (3) is no tuple
    for (int i = 0; i < count; i++) {
      String digits = parts[i].strip();
      if (!digits.matches("[0-9]{1,18}L?")) throw malformed(text);
      sizes.add(Long.parseLong(digits.replace("L", "")));
    }
    return Shapes.sizes(sizes);
  }

  private static IOException malformed(String text) {
    return new IOException(
        "its header is no dict of descr, fortran_order and shape: "
            + PickleText.shortened(text.strip()));
  }

  /// How many bytes the elements have.
  long bytes() throws IOException {
    return Shapes.bytes(shape, type.dtype());
  }

  /// The bytes that numpy writes for a dtype that it has.
  static byte[] format(DType dtype, boolean fortran, long[] shape) {
    StringBuilder tuple = new StringBuilder("(");
    for (int i = 0; i < shape.length; i++) tuple.append(i == 0 ? "" : ", ").append(shape[i]);
    tuple.append(shape.length == 1 ? ",)" : ")");
    StringBuilder text = new StringBuilder();
    text.append("{'descr': '").append(NumpyTypes.name(dtype));
    text.append("', 'fortran_order': ").append(fortran ? "True" : "False");
    text.append(", 'shape': ").append(tuple).append(", }");
    if (shape.length > 0) {
      long growing = shape[fortran ? shape.length - 1 : 0];
      text.repeat(' ', GROWTH_DIGITS - Long.toString(growing).length());
    }
    int front = MAGIC.length + 4;
    int length = text.length() + 1;
    length += ALIGNMENT - (front + length) % ALIGNMENT;
    text.repeat(' ', length - 1 - text.length()).append('\n');
    return ByteBuffer.allocate(front + length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) length)
        .put(text.toString().getBytes(StandardCharsets.US_ASCII))
        .array();
  }
}
