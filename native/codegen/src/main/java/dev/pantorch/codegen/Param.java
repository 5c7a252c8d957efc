package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;

/// A parameter of a generated Java method: one argument of the schema, or the four that every
/// factory takes (dtype, layout, device, pin_memory) as one `TensorOptions`.
///
/// @param name the Java name
/// @param type the schema type; of the first of the four for tensor options
/// @param slot where it begins in the call frame
/// @param options whether it stands for the four
/// @param defaultValue the default as the schema spells it, null without one
/// @param self whether it is the tensor that a method is called on
record Param(String name, Type type, int slot, boolean options, String defaultValue, boolean self) {

  private static final List<String> OPTION_NAMES =
      List.of("dtype", "layout", "device", "pin_memory");

  /// The parameters of an operator, in the order of its schema.
  static List<Param> of(Schema schema) {
    List<Argument> arguments = schema.arguments();
    List<Integer> slots = Packet.of(schema).offsets();
    boolean hasInput = arguments.stream().anyMatch(a -> a.name().equals("input"));
    var params = new ArrayList<Param>();
    for (int i = 0; i < arguments.size(); i++) {
      Argument argument = arguments.get(i);
      boolean self = argument.name().equals("self") && argument.type().is(Type.Base.TENSOR);
      boolean options = areOptions(arguments, i);
      String name =
          options
              ? "options"
              : argument.name().equals("self") && !hasInput
                  ? "input"
                  : Names.variable(argument.name());
      params.add(
          new Param(name, argument.type(), slots.get(i), options, argument.defaultValue(), self));
      i += options ? OPTION_NAMES.size() - 1 : 0;
    }
    return params;
  }

  private static boolean areOptions(List<Argument> arguments, int from) {
    return from + OPTION_NAMES.size() <= arguments.size()
        && arguments.subList(from, from + OPTION_NAMES.size()).stream()
            .map(Argument::name)
            .toList()
            .equals(OPTION_NAMES)
        && arguments.get(from).type().optional();
  }

  boolean hasDefault() {
    return defaultValue != null || (options && type.optional());
  }

  /// The Java type that can say everything that the schema type can.
  String javaType() {
    if (options) {
      return "TensorOptions";
    }
    if (type.list()) {
      String nullable = type.optional() ? " @Nullable " : "";
      return switch (type.base()) {
        case INT, SYM_INT -> "long" + nullable + "[]";
        case FLOAT -> "double" + nullable + "[]";
        case BOOL -> "boolean" + nullable + "[]";
        case SCALAR -> "Number" + nullable + "[]";
        default -> type.optionalElement() ? "List<? extends @Nullable Tensor>" : "List<Tensor>";
      };
    }
    return type.optional() ? "@Nullable " + boxed() : primitive();
  }

  /// The type without annotations and type arguments, as overload resolution by erasure sees it.
  String erasure() {
    return javaType().replace(" @Nullable ", "").replace("@Nullable ", "").replaceAll("<.*>", "");
  }

  private String primitive() {
    return switch (type.base()) {
      case INT, SYM_INT -> "long";
      case BOOL -> "boolean";
      case FLOAT -> "double";
      default -> boxed();
    };
  }

  private String boxed() {
    return switch (type.base()) {
      case TENSOR -> "Tensor";
      case INT, SYM_INT -> "Long";
      case BOOL -> "Boolean";
      case FLOAT -> "Double";
      case STR -> "String";
      case SCALAR -> "Number";
      case SCALAR_TYPE -> "DType";
      case LAYOUT -> "Layout";
      case MEMORY_FORMAT -> "MemoryFormat";
      case DEVICE -> "Device";
      case GENERATOR -> "Generator";
      case DEVICE_INDEX, STORAGE, STREAM, Q_SCHEME, SYM_BOOL ->
          throw new IllegalArgumentException("no Java type for " + type);
    };
  }

  /// Whether Python takes one number for this list and repeats it: `int[2]`.
  boolean isBroadcastList() {
    return type.isIntegerList() && type.size() > 0;
  }

  /// Whether this is an absent-or-number that Java's own number types can say when present.
  boolean isOptionalPrimitive() {
    return type.optional()
        && !type.list()
        && !options
        && switch (type.base()) {
          case INT, SYM_INT, BOOL, FLOAT -> true;
          default -> false;
        };
  }

  /// The schema's default, as a Java expression of exactly the type of the parameter, so that the
  /// compiler can pick no other overload for it.
  String defaultExpression() {
    if (options) {
      return "TensorOptions.defaults()";
    }
    if (defaultValue.equals("None")) {
      return "(" + erasure() + ") null";
    }
    if (type.isIntegerList()) {
      return integers();
    }
    if (type.list()) {
      return defaultValue.equals("[]") && type.base() == Type.Base.TENSOR
          ? "List.<Tensor>of()"
          : unknownDefault();
    }
    String value =
        switch (type.base()) {
          case INT, SYM_INT -> (defaultValue.equals("Mean") ? "1" : defaultValue) + "L";
          case BOOL -> defaultValue.equals("True") ? "true" : "false";
          case FLOAT -> Double.toString(Double.parseDouble(defaultValue));
          case SCALAR -> "(Number) (" + defaultValue + ")";
          case STR -> string();
          case SCALAR_TYPE -> defaultValue.equals("long") ? "DType.INT64" : unknownDefault();
          case MEMORY_FORMAT ->
              defaultValue.equals("contiguous_format")
                  ? "MemoryFormat.CONTIGUOUS"
                  : unknownDefault();
          default -> unknownDefault();
        };
    return isOptionalPrimitive() ? "(" + boxed() + ") " + value : value;
  }

  /// The default in words for a reader of the documentation.
  String defaultText() {
    if (options || defaultValue.equals("None")) {
      return options ? "defaults" : "none";
    }
    if (type.is(Type.Base.STR) || type.isOptional(Type.Base.STR)) {
      return string();
    }
    return switch (defaultValue) {
      case "Mean" -> "1 (mean)";
      case "True" -> "true";
      case "False" -> "false";
      case "long" -> "INT64";
      case "contiguous_format" -> "CONTIGUOUS";
      default -> defaultValue;
    };
  }

  private String integers() {
    if (!defaultValue.startsWith("[")) {
      return repeat(defaultValue);
    }
    String inside = defaultValue.substring(1, defaultValue.length() - 1);
    return inside.isEmpty() ? "new long[0]" : "new long[] {" + inside.replace(",", ", ") + "}";
  }

  /// A list with one value in every place, as Python makes of a single number.
  String repeat(String value) {
    return "new long[] {" + (value + ", ").repeat(type.size() - 1) + value + "}";
  }

  private String string() {
    String inside = defaultValue.substring(1, defaultValue.length() - 1);
    return defaultValue.startsWith("'") ? '"' + inside + '"' : defaultValue;
  }

  private String unknownDefault() {
    throw new IllegalArgumentException(
        "no Java expression for default " + defaultValue + " of " + type + " " + name);
  }

  /// The statement's method of CallFrame that writes this parameter.
  String frameMethod() {
    if (options) {
      return "options";
    }
    if (type.isMutable()) {
      return type.list() ? "changedTensors" : "changedTensor";
    }
    String method =
        type.list()
            ? switch (type.base()) {
              case INT, SYM_INT -> "int64s";
              case FLOAT -> "float64s";
              case BOOL -> "bools";
              case SCALAR -> "scalars";
              default -> type.optionalElement() ? "tensorsOrNone" : "tensors";
            }
            : switch (type.base()) {
              case TENSOR -> type.optional() ? "tensorOrNone" : "tensor";
              case INT, SYM_INT -> "int64";
              case BOOL -> "bool";
              case FLOAT -> "float64";
              case STR -> "string";
              case SCALAR -> "scalar";
              case SCALAR_TYPE -> "dtype";
              case LAYOUT -> "layout";
              case MEMORY_FORMAT -> "memoryFormat";
              case DEVICE -> "device";
              case GENERATOR -> "generator";
              case DEVICE_INDEX, STORAGE, STREAM, Q_SCHEME, SYM_BOOL ->
                  throw new IllegalArgumentException("no encoding for " + type);
            };
    boolean flagged =
        type.optional()
            && (type.list()
                || (type.base() != Type.Base.TENSOR && type.base() != Type.Base.GENERATOR));
    return flagged ? "opt" + Character.toUpperCase(method.charAt(0)) + method.substring(1) : method;
  }
}
