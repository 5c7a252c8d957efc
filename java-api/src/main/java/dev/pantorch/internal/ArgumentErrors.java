package dev.pantorch.internal;

import dev.pantorch.TypeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Words the errors of a call: which argument, what was given. Works from the operator's schema, so
/// that the calls themselves carry no names.
final class ArgumentErrors {
  /// An argument of a schema: its type, its name and the slot where it begins.
  record Argument(String type, String name, int slot) {}

  private ArgumentErrors() {}

  static NullPointerException missing(CallFrame frame, int slot) {
    return new NullPointerException(
        "%s is null; expected %s"
            .formatted(nameOf(frame, slot), withArticle(argumentAt(frame, slot))));
  }

  static NullPointerException missingElement(CallFrame frame, int slot, int index) {
    return new NullPointerException(
        "element %d of %s is null; expected a value".formatted(index, nameOf(frame, slot)));
  }

  static TypeException unsupportedNumber(Number value) {
    return new TypeException(
        "a %s cannot be a scalar; expected Byte, Short, Integer, Long, Float, Double or Complex"
            .formatted(value.getClass().getName()));
  }

  private static @Nullable Argument argumentAt(CallFrame frame, int slot) {
    Op op = frame.op();
    if (op == null) return null;
    Argument found = null;
    for (Argument argument : arguments(op.schema())) {
      if (argument.slot() <= slot) found = argument;
    }
    return found;
  }

  private static String nameOf(CallFrame frame, int slot) {
    Argument argument = argumentAt(frame, slot);
    Op op = frame.op();
    return argument == null || op == null
        ? "an argument"
        : "argument '%s' of %s".formatted(argument.name(), op.name());
  }

  private static String withArticle(@Nullable Argument argument) {
    return argument == null ? "a value" : "a " + javaType(argument.type());
  }

  private static String javaType(String type) {
    return switch (type) {
      case "Tensor[]", "Tensor?[]" -> "List of Tensor";
      case "int[]", "SymInt[]" -> "long[]";
      case "float[]" -> "double[]";
      case "bool[]" -> "boolean[]";
      case "Scalar" -> "Number";
      case "Scalar[]" -> "List of Number";
      case "str" -> "String";
      case "ScalarType" -> "DType";
      default -> type.endsWith("?") ? javaType(type.substring(0, type.length() - 1)) : type;
    };
  }

  /// The text of an error with the operator's name before it and its tensors behind it.
  static String describe(Op op, CallFrame frame, String text) {
    List<String> tensors = new ArrayList<>();
    for (Argument argument : arguments(op.schema())) {
      long address = frame.slotAddress(argument.slot());
      switch (argument.type()) {
        case "Tensor", "Tensor?" -> {
          long handle = Memory.getLong(address);
          if (handle != 0) tensors.add(argument.name() + ": " + TensorDescription.of(handle));
        }
        case "Tensor[]", "Tensor?[]" -> {
          long list = Memory.getLong(address);
          long count = Memory.getLong(address + 8);
          for (int i = 0; i < Math.min(count, 8); i++) {
            long handle = Memory.getLong(list + 8L * i);
            if (handle != 0) {
              tensors.add("%s[%d]: %s".formatted(argument.name(), i, TensorDescription.of(handle)));
            }
          }
          if (count > 8) tensors.add("%s has %d tensors".formatted(argument.name(), count));
        }
        default -> {}
      }
    }
    String message = op.name() + ": " + text.strip();
    return tensors.isEmpty() ? message : message + " [" + String.join("; ", tensors) + "]";
  }

  /// The arguments of a schema, `ns::name.overload(Tensor self, int[2]? size=None, *, ...) -> ...`.
  static List<Argument> arguments(String schema) {
    List<Argument> arguments = new ArrayList<>();
    int slot = 0;
    for (String part : split(schema.substring(schema.indexOf('(') + 1, endOfArguments(schema)))) {
      String declaration = part.strip();
      if (declaration.isEmpty() || declaration.equals("*")) continue;
      int space = declaration.indexOf(' ');
      String type =
          declaration
              .substring(0, space)
              .replaceAll("\\([^)]*\\)", "")
              .replaceAll("\\[\\d+\\]", "[]");
      String name = declaration.substring(space + 1).replaceAll("=.*", "");
      arguments.add(new Argument(type, name, slot));
      slot += slots(type);
    }
    return arguments;
  }

  private static int endOfArguments(String schema) {
    return schema.lastIndexOf(')', schema.lastIndexOf("->"));
  }

  /// Splits at the commas that stand outside of brackets and quotes.
  private static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '[' || c == '(') depth++;
      if (c == ']' || c == ')') depth--;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }

  private static int slots(String type) {
    if (type.equals("Tensor?") || type.equals("Generator?")) return 1;
    if (type.endsWith("?")) return 1 + slots(type.substring(0, type.length() - 1));
    if (type.endsWith("[]") || type.equals("str") || type.equals("Device")) return 2;
    return type.equals("Scalar") ? 3 : 1;
  }
}
