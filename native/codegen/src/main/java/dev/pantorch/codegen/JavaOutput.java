package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes the tree of generated Java sources and the lists that tests read.
final class JavaOutput {
  private JavaOutput() {}

  static void write(Selection selection, Headers headers, OutputDirectory out) throws IOException {
    var families = new Families();
    var results = new ResultTypes();
    var superseded = new PatternTable("superseded.txt");
    var api = new JavaApi();
    var operators = new ArrayList<Operator>();
    Set<String> methodStructs = headers.methodStructs();
    Set<String> functionStructs = headers.functionStructs();
    for (Schema schema : selection.generated()) {
      var operator =
          new Operator(
              schema,
              Param.of(schema),
              families.place(schema.name()),
              results.of(schema),
              superseded.matches(schema));
      operators.add(operator);
      api.add(
          operator,
          methodStructs.contains(schema.structName()),
          functionStructs.contains(schema.structName()));
    }
    families.requireAllUsed();
    superseded.requireAllUsed();
    api.resolve();

    Set<String> records =
        results.records().stream().map(ResultType::javaType).collect(Collectors.toSet());
    var writer = new JavaWriter(new JavaDocs(), records);
    Map<String, Families.Family> byInterface = new TreeMap<>();
    families.interfaces().forEach(f -> byInterface.put(f.methods(), f));
    for (String javaClass : api.classes()) {
      List<JavaMethod> methods = api.methods(javaClass);
      Families.Family family = byInterface.get(javaClass);
      String text =
          family != null
              ? writer.methods(javaClass, family.title(), methods)
              : writer.functions(javaClass, titleOf(methods), methods);
      out.write(path(JavaWriter.packageOf(javaClass), javaClass), text);
    }
    out.write(path("dev.pantorch.ops", "TensorOps"), writer.allMethods(families.interfaces()));
    out.write(path("dev.pantorch.internal", "Ops"), writer.constants(operators));
    for (ResultType record : results.records()) {
      out.write(
          path("dev.pantorch.ops", record.javaType()),
          writer.record(record, results.operator(record)));
    }
    out.write("dev/pantorch/operators.tsv", operatorList(api));
    out.write("dev/pantorch/left-out.tsv", leftOutList(selection));
    out.removeStale();
  }

  private static String titleOf(List<JavaMethod> methods) {
    return methods.getFirst().operator.place().family().title();
  }

  private static String path(String packageName, String javaClass) {
    return packageName.replace('.', '/') + "/" + javaClass + ".java";
  }

  /// A line an operator: name, schema, and the method that calls it as class, name, kind,
  /// parameters.
  private static String operatorList(JavaApi api) {
    var out = new StringBuilder("operator\tschema\tclass\tmethod\tkind\tparameters\n");
    for (JavaMethod method : api.primary()) {
      out.append(
          String.join(
              "\t",
              method.operator.schema().qualifiedName(),
              method.operator.schema().qualifiedText(),
              JavaWriter.packageOf(method.javaClass) + "." + method.javaClass,
              method.name(),
              method.isStatic ? "static" : "instance",
              method.full().erasure()));
      out.append('\n');
    }
    return out.toString();
  }

  private static String leftOutList(Selection selection) {
    var out = new StringBuilder("operator\tschema\treason\n");
    for (Selection.LeftOut leftOut : selection.leftOut()) {
      out.append(
          String.join(
              "\t",
              leftOut.schema().qualifiedName(),
              leftOut.schema().qualifiedText(),
              leftOut.reason()));
      out.append('\n');
    }
    return out.toString();
  }
}
