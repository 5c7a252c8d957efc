package dev.pantorch.internal;

import dev.pantorch.Tensor;
import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The shim's functions on packages of compiled models.
public final class PackageCalls {
  private PackageCalls() {}

  /// Loads a model from an unpacked package.
  ///
  /// @param released runs after the model is gone
  public static NativeHandle load(
      String folder,
      String model,
      long runners,
      boolean singleThreaded,
      int deviceIndex,
      Runnable released) {
    NativeRuntime.ensureLoaded();
    CallFrame f = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      NativeErrors.check(
          pantorch_h.pt_package_load(
              arena.allocateFrom(folder),
              arena.allocateFrom(model),
              runners,
              singleThreaded ? 1 : 0,
              deviceIndex,
              f.outSlot()));
      return new NativeHandle(
          f.out(),
          address -> {
            pantorch_h.pt_package_free(address);
            released.run();
          });
    } finally {
      f.exit();
    }
  }

  /// Structures, names of constants, and constants, as `pt_package_describe` lists them.
  public static List<?> describe(NativeHandle model) {
    CallFrame f = CallFrame.enter();
    try {
      long out = f.allocate(Values.BYTES);
      NativeErrors.check(pantorch_h.pt_package_describe(model.in(f), out));
      return (List<?>) Values.takeOne(f.context(), out);
    } finally {
      f.exit();
    }
  }

  /// Runs a model on inputs that have been checked.
  public static List<@Nullable Tensor> run(NativeHandle model, List<Tensor> inputs) {
    CallFrame f = CallFrame.enter();
    try {
      long out = f.allocate(Values.BYTES);
      NativeErrors.check(
          pantorch_h.pt_package_run(
              f.context().mode, model.in(f), handles(f, inputs), inputs.size(), out));
      List<@Nullable Tensor> outputs = new ArrayList<>();
      for (Object output : (List<?>) Values.takeOne(f.context(), out)) {
        outputs.add((Tensor) output);
      }
      return outputs;
    } finally {
      f.exit();
    }
  }

  /// Copies tensors into a model's constants, with dtypes, sizes and strides as they are there.
  public static void loadConstants(
      NativeHandle model, Map<String, Tensor> constants, boolean complete) {
    CallFrame f = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment names = arena.allocate(ValueLayout.JAVA_LONG, Math.max(1, constants.size()));
      int i = 0;
      for (String name : constants.keySet()) {
        names.setAtIndex(ValueLayout.JAVA_LONG, i++, arena.allocateFrom(name).address());
      }
      NativeErrors.check(
          pantorch_h.pt_package_load_constants(
              model.in(f),
              names,
              handles(f, List.copyOf(constants.values())),
              constants.size(),
              complete ? 1 : 0));
    } finally {
      f.exit();
    }
  }

  private static long handles(CallFrame f, List<Tensor> tensors) {
    long address = f.allocate(8L * tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      Memory.putLong(address + 8L * i, f.acquire(tensors.get(i)));
    }
    return address;
  }
}
