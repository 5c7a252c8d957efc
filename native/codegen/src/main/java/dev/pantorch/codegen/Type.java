package dev.pantorch.codegen;

import java.util.Locale;

/// A type of the operator schema language, flattened: `Tensor(a!)[]?` is base TENSOR, list,
/// optional, written to.
///
/// @param base the innermost type
/// @param optionalElement whether a list's elements may be absent (`Tensor?[]`)
/// @param list whether this is a list
/// @param size the size annotation of a list (`int[2]`), 0 without one
/// @param optional whether the whole may be absent
/// @param alias the alias annotation between parentheses, empty without one
record Type(
    Base base, boolean optionalElement, boolean list, int size, boolean optional, String alias) {

  /// The base types that schemas name, in the spelling of the schema by [#of].
  enum Base {
    TENSOR("Tensor"),
    INT("int"),
    SYM_INT("SymInt"),
    BOOL("bool"),
    FLOAT("float"),
    STR("str"),
    SCALAR("Scalar"),
    SCALAR_TYPE("ScalarType"),
    LAYOUT("Layout"),
    MEMORY_FORMAT("MemoryFormat"),
    DEVICE("Device"),
    GENERATOR("Generator"),
    // From here on: no encoding in a call frame, so an operator that needs one is left out.
    DEVICE_INDEX("DeviceIndex"),
    STORAGE("Storage"),
    STREAM("Stream"),
    Q_SCHEME("QScheme"),
    SYM_BOOL("SymBool");

    final String schemaName;

    Base(String schemaName) {
      this.schemaName = schemaName;
    }

    /// The base type that a schema spells `name`.
    static Base of(String name) {
      for (Base base : values()) {
        if (base.schemaName.equals(name)) {
          return base;
        }
      }
      throw new IllegalArgumentException("unknown schema type '" + name + "'");
    }

    boolean isExpressible() {
      return compareTo(DEVICE_INDEX) < 0;
    }

    boolean isInteger() {
      return this == INT || this == SYM_INT;
    }
  }

  /// Whether the operator writes to the value (`Tensor(a!)`).
  boolean isMutable() {
    return alias.contains("!");
  }

  boolean is(Base scalarBase) {
    return base == scalarBase && !list && !optional;
  }

  boolean isOptional(Base scalarBase) {
    return base == scalarBase && !list && optional;
  }

  boolean isList(Base elementBase) {
    return base == elementBase && list;
  }

  boolean isIntegerList() {
    return list && base.isInteger();
  }

  /// A word for lists of left-out operators: the spelling without annotations.
  @Override
  public String toString() {
    return base.schemaName
        + (optionalElement ? "?" : "")
        + (list ? "[" + (size > 0 ? String.format(Locale.ROOT, "%d", size) : "") + "]" : "")
        + (optional ? "?" : "");
  }
}
