package dev.pantorch.codegen;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Writes the documentation of generated types and methods, from the schemas and from the
/// hand-written tables `descriptions.txt` and `parameters.txt`.
final class JavaDocs {
  private static final String PAGES = "https://docs.pytorch.org/docs/2.13/generated/";

  private final Map<String, String> descriptions = table("descriptions.txt");
  private final Map<String, String> parameters = table("parameters.txt");

  JavaDocs() throws IOException {}

  /// Lines of `name text`.
  private static Map<String, String> table(String file) throws IOException {
    var table = new HashMap<String, String>();
    for (String line : Resources.lines(file)) {
      int space = line.indexOf(' ');
      if (table.put(line.substring(0, space), line.substring(space + 1).strip()) != null) {
        throw new IllegalStateException(file + " has two lines for " + line.substring(0, space));
      }
    }
    return table;
  }

  String functionsClass(String javaClass, String title) {
    String base =
        javaClass.endsWith("Functions")
            ? "/// The generated functions of `%s`, which inherits them.\n"
                .formatted(javaClass.equals("TorchFunctions") ? "Torch" : "Functional")
            : "/// %s.\n".formatted(title);
    return base + OWNERSHIP;
  }

  String methodsInterface(String title) {
    return "/// Methods of [Tensor]: %s.\n".formatted(lowerFirst(title)) + OWNERSHIP;
  }

  private static final String OWNERSHIP =
      """
      ///
      /// Each method calls the operator of libtorch that its documentation names. A tensor that it returns
      /// is new, owned as every tensor is: by the scope that is open, or by reachability. A method whose
      /// name ends in `_` changes its tensor and returns that. Arguments must be open tensors; a wrong
      /// shape, dtype or device is an exception with libtorch's message.
      """;

  String record(ResultType type, String operator) {
    var out = new StringBuilder("/// The results of `" + operator + "`.\n///\n");
    for (ResultType.Component component : type.components()) {
      out.append(
          "/// @param %s %s\n".formatted(component.name(), resultWord(component.javaType())));
    }
    return out.toString();
  }

  /// The comment of one signature.
  String method(JavaMethod method, Form form) {
    var out = new StringBuilder();
    line(out, form.isFull() ? description(method) : abbreviation(method, form));
    line(out, "");
    if (form.isFull()) {
      line(out, "```text");
      line(out, method.operator.schema().qualifiedText());
      line(out, "```");
      line(out, "");
    }
    for (Form.Part part : form.parts()) {
      line(out, "@param " + part.param().name() + " " + parameter(part));
    }
    if (!method.operator.results().javaType().equals("void")) {
      line(out, "@return " + result(method));
    }
    if (form.isFull() && method.operator.place().hasPage()) {
      line(out, "@see <a href=\"" + PAGES + page(method) + ".html\">" + page(method) + "</a>");
    }
    return out.toString();
  }

  private static void line(StringBuilder out, String text) {
    out.append(("  /// " + text).stripTrailing()).append('\n');
  }

  /// The sentence of the table, with `{self}` as this method's reader sees it.
  private String description(JavaMethod method) {
    Schema schema = method.operator.schema();
    String name = schema.name();
    boolean inPlace = schema.isInPlace() && name.endsWith("_");
    String text = descriptions.get(name);
    boolean ofFunctional = text == null && inPlace;
    if (ofFunctional) {
      text = descriptions.get(name.substring(0, name.length() - 1));
    }
    if (text == null) {
      return derived(schema, inPlace);
    }
    String self =
        method.operator.params().stream()
            .filter(Param::self)
            .map(Param::name)
            .findFirst()
            .orElse("");
    text = text.replace("{self}", method.isStatic ? "`" + self + "`" : "this tensor");
    return ofFunctional ? text.replaceFirst("[.]$", "") + ", in place." : text;
  }

  /// A sentence for an operator that the table lacks: by the pattern of its name, or a neutral one.
  private static String derived(Schema schema, boolean inPlace) {
    String name = schema.name();
    if (name.startsWith("_foreach_")) {
      String each = name.substring("_foreach_".length()).replaceAll("_$", "");
      return "`%s` of each tensor in the list, in one call%s."
          .formatted(each, name.endsWith("_") ? ", in place" : "");
    }
    if (name.endsWith("_backward")) {
      return "The gradient of `%s`, as autograd calls it."
          .formatted(name.substring(0, name.length() - "_backward".length()));
    }
    if (name.endsWith("_copy")) {
      return "`%s`, as a copy where that is a view."
          .formatted(name.substring(0, name.length() - "_copy".length()));
    }
    return "Calls `%s`%s.".formatted(schema.qualifiedName(), inPlace ? ", in place" : "");
  }

  private static String abbreviation(JavaMethod method, Form form) {
    String full =
        "{@link #%s(%s)}".formatted(method.name(), method.full().erasure().replace(",", ", "));
    String defaults =
        method.full().parts().stream()
            .map(Form.Part::param)
            .filter(param -> form.parts().stream().noneMatch(p -> p.param().equals(param)))
            .map(param -> "`%s` %s".formatted(param.name(), param.defaultText()))
            .collect(Collectors.joining(", "));
    return defaults.isEmpty()
        ? "The same as %s.".formatted(full)
        : "The same as %s with %s.".formatted(full, defaults);
  }

  private String parameter(Form.Part part) {
    Param param = part.param();
    String text = parameters.get(param.name() + ":" + param.type().base().schemaName);
    if (text == null) {
      text = parameters.getOrDefault(param.name(), word(param.type()));
    }
    boolean nullable = part.javaType().contains("@Nullable") && !param.type().optionalElement();
    return text + (nullable ? "; null for none" : "") + repeated(part);
  }

  private static String repeated(Form.Part part) {
    return part.choice() == Form.Choice.SIMPLE
            && part.param().isBroadcastList()
            && part.param().type().size() > 1
        ? ", the same for each dimension"
        : "";
  }

  private static String word(Type type) {
    if (type.list()) {
      return switch (type.base()) {
        case TENSOR -> type.optionalElement() ? "tensors, null where there is none" : "tensors";
        case INT, SYM_INT -> "whole numbers";
        case BOOL -> type.size() + " flags";
        default -> "numbers";
      };
    }
    return switch (type.base()) {
      case TENSOR -> "a tensor";
      case INT, SYM_INT -> "a whole number";
      case BOOL -> "whether so";
      case FLOAT, SCALAR -> "a number";
      case STR -> "a name that libtorch knows";
      case SCALAR_TYPE -> "a dtype";
      case LAYOUT -> "a layout";
      case MEMORY_FORMAT -> "a memory format";
      case DEVICE -> "a device";
      case GENERATOR -> "the source of random numbers";
      default -> "a value";
    };
  }

  private static String result(JavaMethod method) {
    Param changed = method.operator.changed();
    if (changed != null) {
      return changed.self() && !method.isStatic ? "this tensor" : "`" + changed.name() + "`";
    }
    ResultType results = method.operator.results();
    return results.isRecord()
        ? results.components().stream()
            .map(c -> "`" + c.name() + "`")
            .collect(Collectors.joining(", "))
        : resultWord(results.javaType());
  }

  private static String resultWord(String javaType) {
    return switch (javaType) {
      case "Tensor" -> "a tensor";
      case "List<Tensor>" -> "tensors";
      case "boolean" -> "the answer";
      case "DType" -> "a dtype";
      default -> "a number";
    };
  }

  /// The page of PyTorch's reference: of the function, or of the method where there is no function.
  private static String page(JavaMethod method) {
    Schema schema = method.operator.schema();
    String name = schema.name();
    String functions = method.operator.place().family().functions();
    String alias = method.operator.place().family().alias();
    String plain = name.endsWith("_") ? name.substring(0, name.length() - 1) : name;
    for (String module : List.of("linalg", "fft", "special")) {
      if (functions.equalsIgnoreCase(module)) {
        return "torch." + module + "." + name.substring(module.length() + 1);
      }
    }
    if (functions.equals("NnFunctions") || "NnFunctions".equals(alias)) {
      return "torch.nn.functional." + plain;
    }
    boolean function = method.isStatic || method.target != null;
    return function && !schema.isInPlace() ? "torch." + name : "torch.Tensor." + name;
  }

  private static String lowerFirst(String text) {
    return text.substring(0, 1).toLowerCase(java.util.Locale.ROOT) + text.substring(1);
  }
}
