package dev.pantorch.optim;

import dev.pantorch.Device;
import org.jspecify.annotations.Nullable;

/// Options that all optimizers with list operators have.
abstract class ForeachGroup<S extends ForeachGroup<S>> extends ParamGroup<S> {
  /// Whether the function is made large instead of small.
  ///
  /// @param maximize false unless set
  /// @return this group
  public S maximize(boolean maximize) {
    return set("maximize", maximize);
  }

  /// How the parameters are gone through: false takes them one by one, which needs less memory;
  /// true puts them all through each operation together. Unless set they go together and give the
  /// bits of Python's default.
  ///
  /// @param foreach null unless set
  /// @return this group
  public S foreach(@Nullable Boolean foreach) {
    return set("foreach", foreach);
  }

  /// Whether Python would compute by its formulas for lists, which round otherwise here and there.
  final boolean hasListFormulas(Device device) {
    Object foreach = get("foreach");
    return foreach == null ? !device.equals(Device.CPU) : Boolean.TRUE.equals(foreach);
  }
}
