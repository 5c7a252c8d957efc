package dev.pantorch.ffi;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/// What the JVM has to generate before the first call into C, done ahead while {@link
/// NativeLibrary} reads the libraries in another thread. Without it all works the same, a tenth of
/// a second later.
///
/// The JVM generates code for each type of function, so those that every program calls first are of
/// one type: a number and an address in, a number out.
public final class EarlyLinking {
  private EarlyLinking() {}

  /// Initialised once; who comes second waits.
  private static final class Natives {
    /// The JDK's classes whose initialisers look native methods up, of those that linking needs:
    /// `-Xlog:jni+resolve=debug` shows them.
    private static final String[] CLASSES = {
      "jdk.internal.foreign.SystemLookup",
      "jdk.internal.foreign.abi.NativeEntryPoint",
      "jdk.internal.foreign.abi.UpcallLinker",
      "jdk.internal.foreign.abi.UpcallStubs",
      "jdk.internal.misc.PreviewFeatures",
      "jdk.internal.vm.ForeignLinkerSupport"
    };

    static {
      try {
        for (String name : CLASSES) Class.forName(name);
        callOthers();
      } catch (ClassNotFoundException e) {
        // Another JDK names it otherwise: then linking waits, no more.
      }
    }

    /// Native methods of classes that are initialised already. With an AOT cache nobody has called
    /// these yet: to find a class of the JDK, to define one, to ask for an instance.
    private static void callOthers() throws ClassNotFoundException {
      String name = "java.lang.invoke.BoundMethodHandle$Species_LLLL";
      Class<?> found = ClassLoader.getPlatformClassLoader().loadClass(name);
      MethodType type = MethodType.methodType(long.class, long.class, long.class);
      boolean _ = found.isInstance(MethodHandles.exactInvoker(type));
    }

    static void bind() {}
  }

  /// To be called before a library is loaded: the C library lets nobody look a function up
  /// meanwhile, so a thread that came to it later would wait for all of libtorch.
  public static void bindNatives() {
    Natives.bind();
  }

  /// Links the type of `pt_op_call` and of all that is called before it.
  public static void linkCalls() {
    MemoryLayout number = pantorch_h.C_LONG;
    link(FunctionDescriptor.of(number, number, number));
  }

  /// Links the type of `pt_tensor_free`.
  public static void linkFrees() {
    link(FunctionDescriptor.ofVoid(pantorch_h.C_LONG));
  }

  /// The linker keeps what it has generated for one function and takes it for all others of the
  /// type. The address is not called.
  private static void link(FunctionDescriptor type) {
    MethodHandle handle =
        Linker.nativeLinker().downcallHandle(MemorySegment.ofAddress(Long.BYTES), type);
    MethodHandles.exactInvoker(handle.type());
  }
}
