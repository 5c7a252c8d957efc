package dev.pantorch.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;

/// What the JVM has to generate before the first call into C, done ahead while {@link
/// NativeLibrary} reads the libraries in another thread. Without it all works the same, a tenth of
/// a second later.
public final class EarlyLinking {
  private static final MemoryLayout LONG = ValueLayout.JAVA_LONG;
  private static final MemoryLayout POINTER = ValueLayout.ADDRESS;

  /// The types of the functions that every program calls.
  private static final List<FunctionDescriptor> TYPES =
      List.of(
          FunctionDescriptor.of(ValueLayout.JAVA_INT), // pt_abi_version
          FunctionDescriptor.of(POINTER), // pt_libtorch_version
          FunctionDescriptor.ofVoid(POINTER), // pt_runtime_set_warning_callback
          FunctionDescriptor.of(LONG), // pt_memory_counters
          FunctionDescriptor.of(LONG, POINTER, POINTER), // pt_op_find
          FunctionDescriptor.of(LONG, LONG, LONG), // pt_op_call
          FunctionDescriptor.ofVoid(LONG)); // pt_tensor_free

  /// The JDK's classes that look native methods up when they are initialised.
  private static final List<String> WITH_NATIVES =
      List.of(
          "jdk.internal.foreign.abi.NativeEntryPoint",
          "jdk.internal.foreign.abi.UpcallLinker",
          "jdk.internal.foreign.abi.UpcallStubs");

  private EarlyLinking() {}

  /// To be called first: the C library lets nobody look a function up while it loads a library, so
  /// a thread that came to it later would wait for all of libtorch.
  public static void bindNatives() {
    Linker.nativeLinker();
    for (String name : WITH_NATIVES) {
      try {
        Class.forName(name);
      } catch (ClassNotFoundException e) {
        // Another JDK names it otherwise: then linking waits, no more.
      }
    }
  }

  /// Links calls of the types that every program needs. The linker keeps what it has generated for
  /// one function and takes it for all others of the type.
  ///
  /// @param function the address of any function; it is not called
  public static void linkDowncalls(MemorySegment function) {
    Linker linker = Linker.nativeLinker();
    for (FunctionDescriptor type : TYPES) {
      MethodHandle handle = linker.downcallHandle(function, type);
      MethodHandles.exactInvoker(handle.type());
    }
  }
}
