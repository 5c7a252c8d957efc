package dev.pantorch.codegen;

import java.util.List;

/// The Java type that a call gives.
///
/// @param javaType the type, `void` for none
/// @param components the parts of the record that several results make; empty for one result
record ResultType(String javaType, List<Component> components) {

  record Component(String javaType, String name) {}

  boolean isRecord() {
    return !components.isEmpty();
  }

  static String javaType(Type type) {
    if (type.isList(Type.Base.TENSOR)) {
      return "List<Tensor>";
    }
    return switch (type.base()) {
      case TENSOR -> "Tensor";
      case INT, SYM_INT -> "long";
      case BOOL -> "boolean";
      case FLOAT -> "double";
      case SCALAR -> "Number";
      case SCALAR_TYPE -> "DType";
      default -> throw new IllegalArgumentException("no Java result for " + type);
    };
  }

  /// The method of CallFrame that reads such a result.
  static String frameMethod(Type type) {
    return switch (javaType(type)) {
      case "List<Tensor>" -> "tensorsResult";
      case "Tensor" -> "tensorResult";
      case "long" -> "int64Result";
      case "boolean" -> "boolResult";
      case "double" -> "float64Result";
      case "Number" -> "scalarResult";
      default -> "dtypeResult";
    };
  }
}
