package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;

/// One generated operator, found in the shim by name when it is first called, so that start-up pays
/// for none of them and a libtorch that lacks one fails on that one, by name.
public final class Op {
  private final String name;
  // Two threads may both resolve it; they write the same value.
  private long address;

  private Op(String name) {
    this.name = name;
  }

  public static Op of(String qualifiedName) {
    return new Op(qualifiedName);
  }

  /// `aten::add.Tensor`
  public String name() {
    return name;
  }

  long address() {
    long known = address;
    return known != 0 ? known : resolve();
  }

  /// The schema as libtorch words it.
  public String schema() {
    return pantorch_h.pt_op_schema(address()).getString(0);
  }

  private long resolve() {
    NativeRuntime.ensureLoaded();
    try (Arena arena = Arena.ofConfined()) {
      var out = arena.allocate(8);
      NativeErrors.check(pantorch_h.pt_op_find(arena.allocateFrom(name), out));
      long found = out.get(java.lang.foreign.ValueLayout.JAVA_LONG, 0);
      address = found;
      return found;
    }
  }
}
