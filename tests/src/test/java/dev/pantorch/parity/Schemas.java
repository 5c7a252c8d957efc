package dev.pantorch.parity;

import java.util.ArrayList;
import java.util.List;

/// What a schema's text says of its arguments.
public final class Schemas {
  private Schemas() {}

  /// The names of the arguments.
  ///
  /// @param schema `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`
  /// @return `self`, `other`, `alpha`
  static List<String> argumentNames(String schema) {
    return declarations(schema).stream().map(d -> d.substring(d.lastIndexOf(' ') + 1)).toList();
  }

  /// The types of the arguments.
  ///
  /// @param schema `aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor`
  /// @return `Tensor`, `Tensor`, `Scalar`
  public static List<String> argumentTypes(String schema) {
    return declarations(schema).stream().map(d -> d.substring(0, d.lastIndexOf(' '))).toList();
  }

  private static List<String> declarations(String schema) {
    String inside = schema.substring(schema.indexOf('(') + 1, schema.lastIndexOf(") -> "));
    return splitOutsideBrackets(inside).stream()
        .filter(argument -> !argument.equals("*"))
        .map(argument -> argument.split("=", 2)[0].strip())
        .toList();
  }

  private static List<String> splitOutsideBrackets(String text) {
    var parts = new ArrayList<String>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '(' || c == '[') {
        depth++;
      } else if (c == ')' || c == ']') {
        depth--;
      } else if (c == ',' && depth == 0) {
        if (i > start) {
          parts.add(text.substring(start, i).strip());
        }
        start = i + 1;
      }
    }
    return parts;
  }
}
