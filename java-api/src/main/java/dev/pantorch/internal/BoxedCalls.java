package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Calls through the boxed dispatcher, for operators that have no generated method.
public final class BoxedCalls {
  private BoxedCalls() {}

  public static List<@Nullable Object> call(
      String name, String overload, Collection<?> positional, Map<String, ?> named) {
    CallFrame f = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      List<@Nullable Object> arguments = new ArrayList<>(positional);
      arguments.addAll(named.values());
      MemorySegment names = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, named.size()));
      int i = 0;
      for (String key : named.keySet()) {
        names.setAtIndex(ValueLayout.JAVA_LONG, i++, arena.allocateFrom(key).address());
      }
      MemorySegment values =
          Memory.segment(Values.write(f, arguments), 24L * Math.max(1, arguments.size()));
      MemorySegment outResults = arena.allocate(ValueLayout.JAVA_LONG);
      MemorySegment outCount = arena.allocate(ValueLayout.JAVA_INT);
      NativeErrors.check(
          pantorch_h.pt_op_call_boxed(
              f.context().mode,
              arena.allocateFrom(name),
              arena.allocateFrom(overload),
              values,
              arguments.size(),
              names,
              named.size(),
              outResults,
              outCount));
      return Values.take(
          f.context(),
          outResults.get(ValueLayout.JAVA_LONG, 0),
          outCount.get(ValueLayout.JAVA_INT, 0));
    } finally {
      f.exit();
    }
  }

  /// The schemas of all overloads of an operator.
  public static List<String> schemas(String name) {
    NativeRuntime.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG);
      NativeErrors.check(pantorch_h.pt_op_schemas(arena.allocateFrom(name), out));
      String text = TensorCalls.takeText(out.get(ValueLayout.JAVA_LONG, 0));
      return text == null ? List.of() : text.lines().toList();
    }
  }
}
