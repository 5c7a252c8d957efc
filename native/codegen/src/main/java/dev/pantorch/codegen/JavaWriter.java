package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Writes the Java side: a type for each family, the records of several results, and the constants
/// that operators are called through.
final class JavaWriter {
  private static final String NOTICE = "// Written by native/codegen: do not edit.\n";
  private static final int LINE = 100;

  /// Where the types live that generated code names.
  private static final Map<String, String> PACKAGES =
      Map.ofEntries(
          Map.entry("DType", "dev.pantorch"),
          Map.entry("Device", "dev.pantorch"),
          Map.entry("Generator", "dev.pantorch"),
          Map.entry("Layout", "dev.pantorch"),
          Map.entry("MemoryFormat", "dev.pantorch"),
          Map.entry("Tensor", "dev.pantorch"),
          Map.entry("TensorOptions", "dev.pantorch"),
          Map.entry("TorchFunctions", "dev.pantorch"),
          Map.entry("Linalg", "dev.pantorch"),
          Map.entry("Fft", "dev.pantorch"),
          Map.entry("Special", "dev.pantorch"),
          Map.entry("CallFrame", "dev.pantorch.internal"),
          Map.entry("Op", "dev.pantorch.internal"),
          Map.entry("Ops", "dev.pantorch.internal"),
          Map.entry("NnFunctions", "dev.pantorch.nn"),
          Map.entry("Overload", "dev.pantorch.ops"),
          Map.entry("List", "java.util"),
          Map.entry("Nullable", "org.jspecify.annotations"));

  private static final Pattern TYPE_NAME = Pattern.compile("\\b[A-Z]\\w*");

  private final JavaDocs docs;
  private final Set<String> records;

  /// @param records the names of the records of several results
  JavaWriter(JavaDocs docs, Set<String> records) {
    this.docs = docs;
    this.records = records;
  }

  /// The package of a generated type.
  static String packageOf(String javaClass) {
    return PACKAGES.getOrDefault(javaClass, "dev.pantorch.ops");
  }

  /// A class of functions. `TorchFunctions` and `NnFunctions` are the bases of hand-written
  /// classes.
  String functions(String javaClass, String title, List<JavaMethod> methods) {
    boolean base = javaClass.endsWith("Functions");
    var out = new StringBuilder();
    out.append(docs.functionsClass(javaClass, title));
    out.append(
        base
            ? "public abstract class %s {\n  %s() {}\n".formatted(javaClass, javaClass)
            : "public final class %s {\n  private %s() {}\n".formatted(javaClass, javaClass));
    methods.forEach(method -> method(out, method));
    return file(packageOf(javaClass), out.append("}\n").toString());
  }

  /// An interface of methods that Tensor has by TensorOps.
  String methods(String javaClass, String title, List<JavaMethod> methods) {
    var out = new StringBuilder();
    out.append(docs.methodsInterface(title));
    out.append("public sealed interface %s permits TensorOps {\n".formatted(javaClass));
    methods.forEach(method -> method(out, method));
    return file(packageOf(javaClass), out.append("}\n").toString());
  }

  /// The interface that gathers all families.
  String allMethods(List<Families.Family> families) {
    String parents =
        families.stream().map(Families.Family::methods).sorted().collect(Collectors.joining(", "));
    return file(
        "dev.pantorch.ops",
        """
        /// The operators that are methods of a tensor, all families together.
        public sealed interface TensorOps
            extends %s
            permits Tensor {}
        """
            .formatted(parents));
  }

  /// The constants by which operators are found.
  String constants(List<Operator> operators) {
    var lines = new TreeMap<String, String>();
    for (Operator operator : operators) {
      String line =
          "  public static final Op %s = Op.of(\"%s\");\n"
              .formatted(operator.constant(), operator.schema().qualifiedName());
      if (lines.put(operator.constant(), line) != null) {
        throw new IllegalStateException("two operators of constant " + operator.constant());
      }
    }
    return file(
        "dev.pantorch.internal",
        """
        /// The generated operators, found in the shim on their first call.
        public final class Ops {
          private Ops() {}

        %s}
        """
            .formatted(String.join("", lines.values())));
  }

  /// The record of an operator's several results.
  String record(ResultType type, String operator) {
    String components =
        type.components().stream()
            .map(c -> c.javaType() + " " + c.name())
            .collect(Collectors.joining(", "));
    return file(
        "dev.pantorch.ops",
        docs.record(type, operator)
            + "public record %s(%s) {}\n".formatted(type.javaType(), components));
  }

  private void method(StringBuilder out, JavaMethod method) {
    for (Form form : method.forms()) {
      out.append('\n').append(docs.method(method, form));
      if (form.isFull()) {
        out.append("  @Overload(\"%s\")\n".formatted(method.operator.schema().qualifiedName()));
      }
      out.append(declaration(method, form));
      if (form.hasBooleanScalar() || (form.isFull() && method.target == null)) {
        body(out, method, form);
      } else {
        delegate(out, method, form);
      }
      out.append("  }\n");
    }
  }

  private static String declaration(JavaMethod method, Form form) {
    String head =
        "  %s %s %s("
            .formatted(
                method.isStatic ? "public static" : "default",
                method.operator.results().javaType(),
                method.name());
    List<String> params =
        form.parts().stream().map(p -> p.javaType() + " " + p.param().name()).toList();
    String line = head + String.join(", ", params) + ") {\n";
    return line.length() <= LINE
        ? line
        : head + "\n      " + String.join(",\n      ", params) + ") {\n";
  }

  /// A method that fills the call frame.
  private static void body(StringBuilder out, JavaMethod method, Form form) {
    Operator operator = method.operator;
    out.append(
        "    CallFrame frame = CallFrame.enter(Ops.%s);\n    try {\n"
            .formatted(operator.constant()));
    for (Param param : operator.params()) {
      Form.Part part = part(form, param);
      if (part != null && part.choice() == Form.Choice.BOOLEAN) {
        // A Scalar by hand: the tag of a truth value, and the value.
        out.append("      frame.int64(%d, 2);\n".formatted(param.slot()));
        out.append("      frame.bool(%d, %s);\n".formatted(param.slot() + 1, param.name()));
        out.append("      frame.int64(%d, 0);\n".formatted(param.slot() + 2));
        continue;
      }
      String value =
          part != null
              ? part.asFull()
              : param.self() && !method.isStatic ? "(Tensor) this" : param.defaultExpression();
      String dtype =
          param.options() && param.defaultValue() != null && !param.defaultValue().equals("None")
              ? ", DType.INT64"
              : "";
      out.append(
          "      frame.%s(%d, %s%s);\n".formatted(param.frameMethod(), param.slot(), value, dtype));
    }
    out.append("      frame.call();\n");
    String result = result(method, form);
    if (result != null) {
      out.append("      return %s;\n".formatted(result));
    }
    out.append("    } finally {\n      frame.exit();\n    }\n");
  }

  private static String result(JavaMethod method, Form form) {
    Operator operator = method.operator;
    List<Schema.Result> results = operator.schema().results();
    if (operator.changed() != null) {
      boolean isThis = operator.changed().self() && !method.isStatic;
      return "frame.selfResult(0, %s)"
          .formatted(isThis ? "(Tensor) this" : operator.changed().name());
    }
    List<Integer> slots = Packet.resultOffsets(operator.schema());
    var parts = new ArrayList<String>();
    for (int i = 0; i < results.size(); i++) {
      parts.add(
          "frame.%s(%d)".formatted(ResultType.frameMethod(results.get(i).type()), slots.get(i)));
    }
    if (parts.isEmpty()) {
      return null;
    }
    if (operator.results().isRecord()) {
      return "new %s(%s)".formatted(operator.results().javaType(), String.join(", ", parts));
    }
    boolean factory = form.parts().stream().anyMatch(p -> p.param().options());
    return factory ? "frame.tensorResult(0, options)" : parts.getFirst();
  }

  /// A method that calls another: its own full signature, or the same signature of the target.
  private static void delegate(StringBuilder out, JavaMethod method, Form form) {
    JavaMethod callee = form.isFull() ? method.target : method;
    var values = new ArrayList<String>();
    for (Form.Part wanted : fullParts(callee)) {
      Form.Part part = part(form, wanted.param());
      values.add(
          part != null
              ? part.asFull()
              : wanted.param().self() && !method.isStatic
                  ? "(Tensor) this"
                  : wanted.param().defaultExpression());
    }
    out.append(
        "    %s%s%s(%s);\n"
            .formatted(
                method.operator.results().javaType().equals("void") ? "" : "return ",
                callee == method ? "" : callee.javaClass + ".",
                callee.name(),
                String.join(", ", values)));
  }

  private static List<Form.Part> fullParts(JavaMethod method) {
    return method.full().parts();
  }

  private static Form.Part part(Form form, Param param) {
    return form.parts().stream().filter(p -> p.param().equals(param)).findFirst().orElse(null);
  }

  /// A whole file: the text with the imports that it needs.
  private String file(String packageName, String text) {
    var imports = new TreeSet<String>();
    var matcher = TYPE_NAME.matcher(text);
    while (matcher.find()) {
      String home = PACKAGES.get(matcher.group());
      if (home == null && records.contains(matcher.group())) {
        home = "dev.pantorch.ops";
      }
      if (home != null && !home.equals(packageName)) {
        imports.add("import " + home + "." + matcher.group() + ";\n");
      }
    }
    return NOTICE
        + "package "
        + packageName
        + ";\n\n"
        + String.join("", imports)
        + (imports.isEmpty() ? "" : "\n")
        + text;
  }
}
