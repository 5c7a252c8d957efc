package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.TensorData;
import dev.pantorch.ffi.generated.pantorch_h;
import dev.pantorch.ffi.generated.pt_location_callback;
import dev.pantorch.ffi.generated.pt_trace_callback;
import dev.pantorch.nn.Module;
import java.lang.StackWalker.StackFrame;
import java.lang.foreign.Arena;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One run of a Java function while libtorch records what it calls.
///
/// libtorch's tracer belongs to the native thread. The function runs inside an upcall, and a
/// virtual thread with a native frame below it stays on its carrier, so the trace cannot be torn.
public final class Tracing {
  private static final Map<Long, Tracing> RUNS = new ConcurrentHashMap<>();
  private static final AtomicLong NEXT = new AtomicLong(1);
  private static final AtomicInteger UNDER_WAY = new AtomicInteger();
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);
  private static final int MAX_FRAMES = 50;

  private static final ClassValue<Boolean> IN_LIBRARY =
      new ClassValue<>() {
        private final @Nullable URL library = location(Tensor.class);

        @Override
        protected Boolean computeValue(Class<?> type) {
          URL location = location(type);
          // The JDK's own classes have none.
          return location == null || (library != null && sameText(location, library));
        }
      };

  private final Function<List<@Nullable Object>, @Nullable Object> function;
  private final IdentityHashMap<Object, String> paths;
  private final boolean silent;
  private boolean sizesRead;
  private @Nullable CallFrame frame;

  /// @param function what is traced, from its inputs to its output
  /// @param paths where the modules stand in the one that is traced, by identity: `__module.fc`
  /// @param silent whether nothing is said about it, since it runs a second time
  public Tracing(
      Function<List<@Nullable Object>, @Nullable Object> function,
      IdentityHashMap<Object, String> paths,
      boolean silent) {
    this.function = function;
    this.paths = paths;
    this.silent = silent;
  }

  /// Whether the function has asked for the size of a tensor.
  public boolean hasReadSizes() {
    return sizesRead;
  }

  /// Connected with the first trace.
  private static final class Upcalls {
    static {
      NativeRuntime.ensureLoaded();
      pt_trace_callback.Function run = Tracing::run;
      pt_location_callback.Function location = Tracing::location;
      pantorch_h.pt_trace_set_callbacks(
          pt_trace_callback.allocate(run, Arena.global()),
          pt_location_callback.allocate(location, Arena.global()));
    }

    static void connect() {}
  }

  /// A native call that runs the function under the number that it is given.
  interface NativeCall {
    void with(CallFrame frame, long number);
  }

  void within(NativeCall call) {
    Upcalls.connect();
    CallFrame f = CallFrame.enter();
    long number = NEXT.getAndIncrement();
    RUNS.put(number, this);
    frame = f;
    UNDER_WAY.incrementAndGet();
    try {
      call.with(f, number);
    } finally {
      UNDER_WAY.decrementAndGet();
      frame = null;
      RUNS.remove(number);
      f.exit();
    }
  }

  private static Tracing ofNumber(long number) {
    Tracing tracing = RUNS.get(number);
    if (tracing == null) throw new IllegalStateException("no trace has the number " + number);
    return tracing;
  }

  private static long run(long number, long mode, long inputs, int count, long output) {
    CallContext context = null;
    try {
      Tracing tracing = ofNumber(number);
      context = CallContext.current();
      context.tracing = tracing;
      CallFrame outer = tracing.frame;
      if (outer == null) throw new IllegalStateException("the trace is over");
      Object result = tracing.function.apply(Values.take(context, inputs, count));
      // What is written stays until the call that runs the trace has returned.
      Values.write(outer, output, result);
      return 0;
    } catch (Throwable failure) {
      return Hooks.keepFailure(failure);
    } finally {
      if (context != null) context.tracing = null;
    }
  }

  // What the rest of the library asks.

  /// Whether any thread is tracing: the cheap question that comes first.
  public static boolean anywhere() {
    return UNDER_WAY.getPlain() > 0;
  }

  private static @Nullable Tracing current() {
    return CallContext.current().tracing;
  }

  /// Whether this thread is tracing.
  public static boolean isTracing() {
    return anywhere() && current() != null;
  }

  static void sizesRead() {
    Tracing tracing = current();
    if (tracing != null) tracing.sizesRead = true;
  }

  /// Says that a module's forward begins; true if {@link #leave} is to say that it ends.
  public static boolean enter(Object module) {
    Tracing tracing = current();
    String path = tracing == null ? null : tracing.paths.get(module);
    if (path == null) return false;
    try (Arena arena = Arena.ofConfined()) {
      NativeErrors.check(pantorch_h.pt_trace_push_scope(arena.allocateFrom(path)));
    }
    return true;
  }

  public static void leave() {
    NativeErrors.check(pantorch_h.pt_trace_pop_scope());
  }

  /// Elements that go to Java are lost to the trace. What the library reads by itself is its own
  /// affair.
  static void warnOfRead(String kind) {
    Tracing tracing = current();
    if (tracing == null || tracing.silent) return;
    String place = WALKER.walk(frames -> userOfData(frames.iterator()));
    if (place == null) return;
    Log.LOGGER.log(
        System.Logger.Level.WARNING,
        "Converting a tensor to a Java %s might cause the trace to be incorrect. We can't record the data flow of Java values, so this value will be treated as a constant in the future. This means that the trace might not generalize to other inputs! (%s)"
            .formatted(kind, place));
  }

  private static boolean isInternal(Class<?> type) {
    Package of = type.getPackage();
    return of.equals(Tracing.class.getPackage()) || of.equals(pantorch_h.class.getPackage());
  }

  private static @Nullable String userOfData(Iterator<StackFrame> frames) {
    while (frames.hasNext()) {
      StackFrame frame = frames.next();
      Class<?> type = frame.getDeclaringClass();
      if (isInternal(type) || type == TensorData.class || type == Tensor.class) continue;
      return IN_LIBRARY.get(type) ? null : frame.getFileName() + ":" + frame.getLineNumber();
    }
    return null;
  }

  // Where the program is.

  private static @Nullable URL location(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    return source == null ? null : source.getLocation();
  }

  private static boolean sameText(URL a, URL b) {
    // URL.equals asks the network.
    return a.toExternalForm().equals(b.toExternalForm());
  }

  private static long location(long number, long buffer, long capacity) {
    try {
      if (ofNumber(number).silent) return 0;
      List<StackFrame> frames = WALKER.walk(Tracing::programFrames);
      if (frames.isEmpty()) return 0;
      byte[] text = describe(frames).getBytes(StandardCharsets.UTF_8);
      if (text.length > capacity) return 0;
      Memory.putBytes(buffer, text);
      return text.length;
    } catch (Throwable e) {
      // An unknown location is no reason to fail, and there is C++ above.
      return 0;
    }
  }

  /// The frames of the traced function that are the program's own; the library's from the layer's
  /// own on where layers are traced by themselves.
  private static List<StackFrame> programFrames(java.util.stream.Stream<StackFrame> stack) {
    List<StackFrame> program = new ArrayList<>();
    List<StackFrame> library = new ArrayList<>();
    boolean inside = false;
    for (Iterator<StackFrame> frames = stack.iterator(); frames.hasNext(); ) {
      StackFrame frame = frames.next();
      Class<?> type = frame.getDeclaringClass();
      boolean internal = isInternal(type);
      if (type == Tracing.class && inside) break;
      inside |= !internal;
      if (internal || program.size() == MAX_FRAMES) continue;
      if (!IN_LIBRARY.get(type)) {
        program.add(frame);
      } else if (location(type) != null && library.size() < MAX_FRAMES) {
        library.add(frame);
      }
    }
    return program.isEmpty() ? layerFrames(library) : program;
  }

  private static List<StackFrame> layerFrames(List<StackFrame> library) {
    for (int i = 0; i < library.size(); i++) {
      if (Module.class.isAssignableFrom(library.get(i).getDeclaringClass())) {
        return library.subList(i, library.size());
      }
    }
    return library;
  }

  private static String describe(List<StackFrame> frames) {
    StackFrame first = frames.getFirst();
    StringBuilder text = new StringBuilder();
    text.append(first.getFileName()).append('\n');
    text.append(Math.max(0, first.getLineNumber()));
    for (StackFrame frame : frames) text.append("\n\tat ").append(frame.toStackTraceElement());
    return text.toString();
  }
}
