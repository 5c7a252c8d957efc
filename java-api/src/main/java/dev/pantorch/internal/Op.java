package dev.pantorch.internal;

import dev.pantorch.ffi.generated.pantorch_h;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;

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
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      // The memory is zeroed, which ends the text.
      long out = arena.allocate(Long.BYTES + text.length + 1L, Long.BYTES).address();
      long start = out + Long.BYTES;
      Memory.putBytes(start, text);
      NativeErrors.check(pantorch_h.pt_op_find(start, out));
      long found = Memory.getLong(out);
      address = found;
      return found;
    }
  }
}
