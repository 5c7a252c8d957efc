package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.jit.ScriptObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The shim's functions on TorchScript.
public final class JitCalls {
  /// What a member of a module is.
  public enum Role {
    ATTRIBUTE(pantorch_h.PT_MEMBER_ATTRIBUTE()),
    PARAMETER(pantorch_h.PT_MEMBER_PARAMETER()),
    BUFFER(pantorch_h.PT_MEMBER_BUFFER());

    private final int code;

    Role(int code) {
      this.code = code;
    }

    public static Role of(long code) {
      for (Role role : values()) {
        if (role.code == code) return role;
      }
      throw new AssertionError("a member of the unknown kind " + code);
    }
  }

  private JitCalls() {}

  /// A call of a shim function with a frame for values and an arena for names.
  private interface Call<T extends @Nullable Object> {
    T with(CallFrame f, Arena arena);
  }

  private static <T extends @Nullable Object> T call(Call<T> call) {
    NativeRuntime.ensureLoaded();
    CallFrame f = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      return call.with(f, arena);
    } finally {
      f.exit();
    }
  }

  private static MemorySegment names(Arena arena, List<String> names) {
    MemorySegment addresses = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, names.size()));
    for (int i = 0; i < names.size(); i++) {
      addresses.setAtIndex(ValueLayout.JAVA_LONG, i, arena.allocateFrom(names.get(i)).address());
    }
    return addresses;
  }

  private static MemorySegment values(CallFrame f, List<? extends @Nullable Object> values) {
    return Memory.segment(Values.write(f, values), Values.BYTES * Math.max(1, values.size()));
  }

  /// A struct of numbers.
  private static long packet(CallFrame f, long... numbers) {
    long packet = f.allocate(8L * numbers.length);
    for (int i = 0; i < numbers.length; i++) Memory.putLong(packet + 8L * i, numbers[i]);
    return packet;
  }

  /// Room for one value that comes out.
  private static long room(CallFrame f) {
    return f.allocate(Values.BYTES);
  }

  private static ScriptObject object(long handle) {
    return new ScriptObject(new NativeHandle(handle, pantorch_h::pt_object_free));
  }

  public static ScriptObject createModule(String name, @Nullable ScriptObject sibling) {
    return call((f, arena) -> {
      long relative = sibling == null ? 0 : NativeObject.handle(f, sibling);
      NativeErrors.check(
          pantorch_h.pt_module_create(arena.allocateFrom(name), relative, f.outSlot()));
      return object(f.out());
    });
  }

  public static void register(ScriptObject module, String name, Role role, @Nullable Object value) {
    call((f, arena) -> {
      List<@Nullable Object> one = new ArrayList<>();
      one.add(value);
      NativeErrors.check(
          pantorch_h.pt_module_register(
              NativeObject.handle(f, module), arena.allocateFrom(name), role.code, values(f, one)));
      return null;
    });
  }

  // Traces.

  private static NativeHandle recording(long handle) {
    return new NativeHandle(handle, pantorch_h::pt_recording_free);
  }

  /// Runs a function and keeps what it called.
  public static NativeHandle record(
      ScriptObject module, List<?> inputs, boolean strict, Tracing tracing) {
    NativeHandle[] result = new NativeHandle[1];
    tracing.within((f, number) -> {
      NativeErrors.check(
          pantorch_h.pt_trace_record(
              f.context().mode,
              NativeObject.handle(f, module),
              values(f, inputs),
              inputs.size(),
              strict ? 1 : 0,
              number,
              f.outSlot()));
      result[0] = recording(f.out());
    });
    return result[0];
  }

  /// Sizes that may differ and what was recorded with others, as `pt_trace_compile` takes them.
  ///
  /// @param sizes the tensor's number, the dimension and the size of each, in turn
  /// @param recordings null for a run that failed
  /// @param checkSizes the sizes of the last run
  public record SizeRuns(
      List<Long> sizes, List<@Nullable NativeHandle> recordings, List<Long> checkSizes) {
    public static final SizeRuns NONE = new SizeRuns(List.of(), List.of(), List.of());
  }

  /// What a trace has come to.
  ///
  /// @param report what could not be followed: a kind, a number and a source location each
  /// @param recording what was called
  public record Traced(List<@Nullable Object> report, NativeHandle recording) {}

  /// Traces a function as a method of a module.
  public static Traced compile(
      ScriptObject module,
      String method,
      List<?> inputs,
      List<String> inputNames,
      boolean strict,
      Tracing tracing,
      SizeRuns runs) {
    Traced[] result = new Traced[1];
    tracing.within((f, number) -> {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment recordings =
            arena.allocate(ValueLayout.JAVA_LONG, runs.recordings.size() + 1L);
        for (int i = 0; i < runs.recordings.size(); i++) {
          NativeHandle recording = runs.recordings.get(i);
          recordings.setAtIndex(ValueLayout.JAVA_LONG, i, recording == null ? 0 : recording.in(f));
        }
        long report = room(f);
        NativeErrors.check(
            pantorch_h.pt_trace_compile(
                f.context().mode,
                NativeObject.handle(f, module),
                arena.allocateFrom(method),
                values(f, inputs),
                names(arena, inputNames),
                inputs.size(),
                strict ? 1 : 0,
                number,
                longs(arena, runs.sizes),
                runs.sizes.size() / 3,
                recordings,
                longs(arena, runs.checkSizes),
                report,
                f.outSlot()));
        NativeHandle recording = recording(f.out());
        result[0] = new Traced(list(Values.takeOne(f.context(), report)), recording);
      }
    });
    return result[0];
  }

  private static long longs(Arena arena, List<Long> values) {
    MemorySegment memory = arena.allocate(ValueLayout.JAVA_LONG, values.size() + 1L);
    for (int i = 0; i < values.size(); i++) {
      memory.setAtIndex(ValueLayout.JAVA_LONG, i, values.get(i));
    }
    return memory.address();
  }

  @SuppressWarnings("unchecked") // lists of the shim's are lists of anything
  private static List<@Nullable Object> list(@Nullable Object value) {
    if (value instanceof List<?> list) return (List<@Nullable Object>) list;
    throw new AssertionError("expected a list, got " + value);
  }

  /// How a further run differs: in its operators, in its constants; null where it does not.
  public static List<@Nullable Object> compare(
      NativeHandle compiled, NativeHandle other, List<Long> sizes) {
    return call((f, arena) -> {
      long out = room(f);
      NativeErrors.check(
          pantorch_h.pt_recording_compare(compiled.in(f), other.in(f), longs(arena, sizes), out));
      return list(Values.takeOne(f.context(), out));
    });
  }

  // Objects and modules.

  public static String typeName(ScriptObject object) {
    return call((f, arena) -> {
      NativeErrors.check(pantorch_h.pt_object_type(NativeObject.handle(f, object), f.outSlot()));
      return String.valueOf(TensorCalls.takeText(f.out()));
    });
  }

  /// Members and methods, as `pt_object_members` lists them.
  public static List<@Nullable Object> members(ScriptObject object) {
    return call((f, arena) -> {
      long out = room(f);
      NativeErrors.check(pantorch_h.pt_object_members(NativeObject.handle(f, object), out));
      return list(Values.takeOne(f.context(), out));
    });
  }

  public static @Nullable Object attribute(ScriptObject object, String name) {
    return call((f, arena) -> {
      long out = room(f);
      NativeErrors.check(
          pantorch_h.pt_object_attribute(
              NativeObject.handle(f, object), arena.allocateFrom(name).address(), out));
      return Values.takeOne(f.context(), out);
    });
  }

  public static void setAttribute(ScriptObject object, String name, @Nullable Object value) {
    call((f, arena) -> {
      List<@Nullable Object> one = new ArrayList<>();
      one.add(value);
      NativeErrors.check(
          pantorch_h.pt_object_set_attribute(
              NativeObject.handle(f, object), arena.allocateFrom(name), values(f, one)));
      return null;
    });
  }

  public static @Nullable Object call(
      ScriptObject object,
      String method,
      List<? extends @Nullable Object> positional,
      Map<String, ? extends @Nullable Object> named) {
    return call((f, arena) -> {
      List<@Nullable Object> arguments = new ArrayList<>(positional);
      arguments.addAll(named.values());
      long out = room(f);
      long call =
          packet(
              f,
              f.context().mode,
              arena.allocateFrom(method).address(),
              Values.write(f, arguments),
              arguments.size(),
              names(arena, List.copyOf(named.keySet())).address(),
              named.size(),
              out);
      NativeErrors.check(pantorch_h.pt_object_call(NativeObject.handle(f, object), call));
      return Values.takeOne(f.context(), out);
    });
  }

  /// A module made of another.
  private interface Derivation {
    long with(CallFrame f, Arena arena, long module, MemorySegment out);
  }

  private static ScriptObject derive(ScriptObject module, Derivation derivation) {
    return call((f, arena) -> {
      NativeErrors.check(derivation.with(f, arena, NativeObject.handle(f, module), f.outSlot()));
      return object(f.out());
    });
  }

  public static ScriptObject copy(ScriptObject module) {
    return derive(module, (f, arena, handle, out) -> pantorch_h.pt_module_copy(handle, out));
  }

  public static ScriptObject freeze(
      ScriptObject module, List<String> preserved, boolean optimizeNumerics) {
    return derive(
        module,
        (f, arena, handle, out) ->
            pantorch_h.pt_module_freeze(
                handle, names(arena, preserved), preserved.size(), optimizeNumerics ? 1 : 0, out));
  }

  public static ScriptObject optimizeForInference(ScriptObject module, List<String> methods) {
    return derive(
        module,
        (f, arena, handle, out) ->
            pantorch_h.pt_module_optimize(handle, names(arena, methods), methods.size(), out));
  }

  public static String code(ScriptObject module, String method) {
    return call((f, arena) -> {
      NativeErrors.check(
          pantorch_h.pt_module_code(
              NativeObject.handle(f, module), arena.allocateFrom(method), f.outSlot()));
      return String.valueOf(TensorCalls.takeText(f.out()));
    });
  }

  /// Whether a method puts another value in an attribute's place.
  public static boolean assigns(ScriptObject module) {
    return call((f, arena) -> {
      NativeErrors.check(
          pantorch_h.pt_module_assigns(NativeObject.handle(f, module), f.outAddress()));
      return f.out() != 0;
    });
  }

  public static NativeHandle graph(ScriptObject module, String method, boolean inlined) {
    return call((f, arena) -> {
      NativeErrors.check(
          pantorch_h.pt_module_graph(
              NativeObject.handle(f, module),
              arena.allocateFrom(method),
              inlined ? 1 : 0,
              f.outSlot()));
      return new NativeHandle(f.out(), pantorch_h::pt_graph_free);
    });
  }

  public static String graphText(NativeHandle graph) {
    return call((f, arena) -> {
      NativeErrors.check(pantorch_h.pt_graph_text(graph.in(f), f.outSlot()));
      return String.valueOf(TensorCalls.takeText(f.out()));
    });
  }

  /// Inputs, nodes and outputs, as `pt_graph_read` lists them.
  public static List<@Nullable Object> readGraph(NativeHandle graph) {
    return call((f, arena) -> {
      long out = room(f);
      NativeErrors.check(pantorch_h.pt_graph_read(graph.in(f), out));
      return list(Values.takeOne(f.context(), out));
    });
  }

  // Files.

  /// A loaded module and what was asked for beside it.
  public record Loaded(ScriptObject module, List<byte @Nullable []> extra) {}

  /// Reads a file; a device type of -1 means where the tensors were saved from.
  public static Loaded load(String path, int deviceType, int deviceIndex, List<String> extra) {
    return load(path, MemorySegment.NULL, deviceType, deviceIndex, extra);
  }

  /// The same from a file's content.
  public static Loaded load(
      MemorySegment bytes, int deviceType, int deviceIndex, List<String> extra) {
    return load(null, bytes, deviceType, deviceIndex, extra);
  }

  private static Loaded load(
      @Nullable String path,
      MemorySegment bytes,
      int deviceType,
      int deviceIndex,
      List<String> extra) {
    return call((f, arena) -> {
      long out = room(f);
      long source =
          packet(
              f,
              path == null ? 0 : arena.allocateFrom(path).address(),
              bytes.address(),
              bytes.byteSize(),
              deviceType,
              deviceIndex,
              names(arena, extra).address(),
              extra.size(),
              out);
      NativeErrors.check(pantorch_h.pt_module_load(source, f.outAddress()));
      return new Loaded(object(f.out()), Values.takeBytes(out));
    });
  }

  /// Checks an ONNX model as ONNX's own checker does.
  public static void checkOnnx(byte[] model) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, model);
      NativeErrors.check(pantorch_h.pt_onnx_check(bytes.address(), bytes.byteSize()));
    }
  }

  /// What a module is as a file: lends the bytes to `use`.
  ///
  /// @param files files beside it, by name
  public static void save(
      ScriptObject module, Map<String, byte[]> files, Consumer<MemorySegment> use) {
    List<Object> namesAndContents = new ArrayList<>();
    files.forEach((name, content) -> {
      namesAndContents.add(name);
      namesAndContents.add(new Values.Bytes(content));
    });
    call((f, arena) -> {
      MemorySegment length = arena.allocate(ValueLayout.JAVA_LONG);
      NativeErrors.check(
          pantorch_h.pt_module_save(
              NativeObject.handle(f, module),
              values(f, namesAndContents),
              namesAndContents.size(),
              f.outSlot(),
              length));
      long address = f.out();
      try {
        use.accept(Memory.segment(address, length.get(ValueLayout.JAVA_LONG, 0)));
      } finally {
        pantorch_h.pt_free(address);
      }
      return null;
    });
  }
}
