package dev.pantorch.codegen;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// How PyTorch's names read in Java.
final class Names {
  private static final Set<String> RESERVED =
      Set.of(
          "abstract",
          "assert",
          "boolean",
          "break",
          "byte",
          "case",
          "catch",
          "char",
          "class",
          "const",
          "continue",
          "default",
          "do",
          "double",
          "else",
          "enum",
          "extends",
          "final",
          "finally",
          "float",
          "for",
          "goto",
          "if",
          "implements",
          "import",
          "instanceof",
          "int",
          "interface",
          "long",
          "native",
          "new",
          "package",
          "private",
          "protected",
          "public",
          "return",
          "short",
          "static",
          "strictfp",
          "super",
          "switch",
          "synchronized",
          "this",
          "throw",
          "throws",
          "transient",
          "try",
          "void",
          "volatile",
          "while",
          "true",
          "false",
          "null");

  /// Operators that Python shows under another name.
  private static final Map<String, String> PYTHON_NAMES = Map.of("numpy_T", "T", "matrix_H", "H");

  /// The beginning of an operator's name that the class stands for: `linalg_svd` is `Linalg.svd`.
  private static final Map<String, String> CLASS_PREFIXES =
      Map.of(
          "Linalg", "linalg_",
          "Fft", "fft_",
          "Special", "special_",
          "Foreach", "_foreach_",
          "Fused", "_fused_",
          "Internal", "_");

  private Names() {}

  /// The method of class `javaClass` for an operator: lowerCamel, a trailing `_` kept.
  static String method(String javaClass, String operator) {
    String python = PYTHON_NAMES.getOrDefault(operator, operator);
    String prefix = CLASS_PREFIXES.getOrDefault(javaClass, "");
    return lowerCamel(python.startsWith(prefix) ? python.substring(prefix.length()) : python);
  }

  /// A parameter or record component: lowerCamel, also where PyTorch writes capitals (`LU`, `HxW`),
  /// and never a reserved word.
  static String variable(String name) {
    String camel = lowerCamel(name);
    int capitals = 0;
    while (capitals < camel.length() && Character.isUpperCase(camel.charAt(capitals))) {
      capitals++;
    }
    camel = camel.substring(0, capitals).toLowerCase(Locale.ROOT) + camel.substring(capitals);
    return RESERVED.contains(camel) ? camel + "Value" : camel;
  }

  static String upperCamel(String name) {
    String camel = lowerCamel(name);
    return Character.toUpperCase(camel.charAt(0)) + camel.substring(1);
  }

  /// `index_put_` is `indexPut_`, `_to_copy` is `toCopy`.
  private static String lowerCamel(String name) {
    var camel = new StringBuilder();
    boolean capital = false;
    int last = name.length() - 1;
    for (int i = 0; i <= last; i++) {
      char c = name.charAt(i);
      if (c == '_' && i < last) {
        capital = !camel.isEmpty();
      } else {
        camel.append(capital ? Character.toUpperCase(c) : c);
        capital = false;
      }
    }
    return camel.toString();
  }
}
