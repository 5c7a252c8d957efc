package dev.pantorch.fuzz;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/// Where a child process is and what it has seen, in a file that both processes map: it tells of a
/// child that has crashed, too.
final class FuzzProgress {
  /// How a call can end.
  static final List<String> KINDS =
      List.of(
          "returned",
          "arguments refused",
          "IndexException",
          "ShapeException",
          "ValueException",
          "TypeException",
          "NotImplementedException",
          "LinAlgException",
          "OutOfMemoryException",
          "DeviceException",
          "TorchException",
          "IllegalStateException",
          "NullPointerException",
          "IllegalArgumentException",
          "OutOfMemoryError",
          "unexpected");

  /// What the current call is doing.
  static final List<String> PHASES =
      List.of("arguments", "call", "backward", "printing", "closing");

  private static final long NUMBER = 0;
  private static final long PHASE = 8;
  private static final long FIRST_KIND = 16;

  private final MemorySegment memory;
  private final long firstOperator = FIRST_KIND + 8L * KINDS.size();

  private FuzzProgress(MemorySegment memory) {
    this.memory = memory;
  }

  /// Opens the file, made anew or as a child has left it.
  static FuzzProgress open(Path path, int operators) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long bytes = FIRST_KIND + 8L * KINDS.size() + 16L * operators;
      return new FuzzProgress(
          channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, Arena.ofAuto()));
    }
  }

  /// Before the first call, the number is -1.
  void clear() {
    memory.fill((byte) 0);
    put(NUMBER, -1);
  }

  void begin(long number) {
    put(NUMBER, number);
    phase(0);
  }

  void phase(int phase) {
    put(PHASE, phase);
  }

  void end(int kind, int operator, boolean returned) {
    long at = FIRST_KIND + 8L * kind;
    put(at, get(at) + 1);
    long of = firstOperator + 16L * operator + (returned ? 0 : 8);
    put(of, get(of) + 1);
  }

  long number() {
    return get(NUMBER);
  }

  String phase() {
    return PHASES.get((int) get(PHASE));
  }

  long count(int kind) {
    return get(FIRST_KIND + 8L * kind);
  }

  long returned(int operator) {
    return get(firstOperator + 16L * operator);
  }

  long threw(int operator) {
    return get(firstOperator + 16L * operator + 8);
  }

  private void put(long at, long value) {
    memory.set(ValueLayout.JAVA_LONG, at, value);
  }

  private long get(long at) {
    return memory.get(ValueLayout.JAVA_LONG, at);
  }
}
