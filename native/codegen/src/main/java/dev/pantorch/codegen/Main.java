package dev.pantorch.codegen;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes the operators of a libtorch as C++ functions and Java methods.
///
/// `Main --headers INCLUDE_DIR [--cpp-out DIR] [--java-out DIR]`
final class Main {
  private Main() {}

  public static void main(String[] args) throws IOException {
    Map<String, Path> options = options(args);
    var headers = new Headers(options.get("--headers"));
    List<Schema> schemas = headers.schemas();
    Selection selection = Selection.of(schemas);
    if (options.containsKey("--cpp-out")) {
      writeCpp(schemas, selection, headers, new OutputDirectory(options.get("--cpp-out")));
    }
    if (options.containsKey("--java-out")) {
      JavaOutput.write(selection, headers, new OutputDirectory(options.get("--java-out")));
    }
    report(schemas, selection);
  }

  private static void writeCpp(
      List<Schema> schemas, Selection selection, Headers headers, OutputDirectory out)
      throws IOException {
    var checks = new ArgumentChecks(new PatternTable("argument-checks.txt"), schemas);
    var hiddenWrites = new PatternTable("hidden-writes.txt");
    out.write(
        "boxed_table.inc", new BoxedTableWriter(checks, hiddenWrites::matches).table(schemas));
    hiddenWrites.requireAllUsed();
    var writer =
        new CppWriter(selection.generated(), headers.composites(), checks, hiddenWrites::matches);
    for (int i = 0; i < CppWriter.UNITS; i++) {
      out.write("operators_" + i + ".cpp", writer.unit(i));
    }
    out.write("operators_table.cpp", writer.table());
    out.removeStale();
  }

  private static void report(List<Schema> schemas, Selection selection) {
    System.out.printf(
        "operators: %d generated of %d, %d left out%n",
        selection.generated().size(), schemas.size(), selection.leftOut().size());
    selection
        .countsByReason()
        .forEach((reason, count) -> System.out.printf("  %5d %s%n", count, reason));
  }

  private static Map<String, Path> options(String[] args) {
    var known = List.of("--headers", "--cpp-out", "--java-out");
    var options = new HashMap<String, Path>();
    for (int i = 0; i < args.length; i += 2) {
      if (!known.contains(args[i]) || i + 1 == args.length) {
        throw new IllegalArgumentException("wanted: NAME VALUE pairs of " + known);
      }
      options.put(args[i], Path.of(args[i + 1]));
    }
    if (!options.containsKey("--headers")) {
      throw new IllegalArgumentException("--headers is missing: libtorch's include directory");
    }
    return options;
  }
}
