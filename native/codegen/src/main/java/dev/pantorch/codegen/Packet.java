package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;

/// Where each argument of an operator lies in the call frame, in slots of 8 bytes.
///
/// Both sides of the boundary are written from this one description: Java fills the slots, the C++
/// function reads them.
///
/// @param offsets the first slot of each argument, in the order of the schema
/// @param slots how many slots the arguments or the results take, whichever is more
record Packet(List<Integer> offsets, int slots) {

  /// What a frame of Java's `CallFrame` holds.
  private static final int MOST_SLOTS = 160;

  static Packet of(Schema schema) {
    var offsets = new ArrayList<Integer>();
    int next = 0;
    for (Argument argument : schema.arguments()) {
      offsets.add(next);
      next += slots(argument.type());
    }
    int results = schema.results().stream().mapToInt(r -> slots(r.type())).sum();
    int slots = Math.max(next, results);
    if (slots > MOST_SLOTS) {
      throw new IllegalStateException(
          schema.qualifiedName() + " needs " + slots + " slots, a call frame has " + MOST_SLOTS);
    }
    return new Packet(List.copyOf(offsets), slots);
  }

  /// The slot of each result; they overwrite the arguments from the first slot on.
  static List<Integer> resultOffsets(Schema schema) {
    var offsets = new ArrayList<Integer>();
    int next = 0;
    for (Schema.Result result : schema.results()) {
      offsets.add(next);
      next += slots(result.type());
    }
    return offsets;
  }

  private static int slots(Type type) {
    boolean flagged =
        type.optional()
            && (type.list()
                || (type.base() != Type.Base.TENSOR && type.base() != Type.Base.GENERATOR));
    int value =
        type.list()
            ? 2
            : switch (type.base()) {
              case SCALAR -> 3;
              case DEVICE, STR -> 2;
              default -> 1;
            };
    return value + (flagged ? 1 : 0);
  }
}
