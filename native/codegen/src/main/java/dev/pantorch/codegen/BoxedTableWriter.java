package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/// Writes what the boxed dispatcher minds besides the call: a table by name with the check of the
/// arguments and whether writes go uncounted, for `native/src/boxed_checks.cpp`.
///
/// Operators that no function is generated for are in it, too: the boxed dispatcher reaches them.
/// Those that are checked alike, with arguments of the same types, share a function.
final class BoxedTableWriter {
  private final ArgumentChecks checks;
  private final Predicate<Schema> writesUncounted;

  BoxedTableWriter(ArgumentChecks checks, Predicate<Schema> writesUncounted) {
    this.checks = checks;
    this.writesUncounted = writesUncounted;
  }

  String table(List<Schema> schemas) {
    var functions = new StringBuilder();
    var rows = new StringBuilder();
    Map<String, String> names = new LinkedHashMap<>();
    var sorted = new ArrayList<>(schemas);
    sorted.sort(Comparator.comparing(Schema::qualifiedName));
    for (Schema schema : sorted) {
      boolean uncounted = writesUncounted.test(schema);
      String function = "nullptr";
      if (checks.covers(schema)) {
        String call = checks.call(schema, unboxed(schema));
        function = names.computeIfAbsent(call, c -> "check_of_" + schema.structName());
        if (function.equals("check_of_" + schema.structName())) {
          functions.append("void %s(const Stack& s) {\n  %s;\n}\n".formatted(function, call));
        }
      } else if (!uncounted) {
        continue;
      }
      rows.append("    {\"%s\", %s, %s},\n".formatted(schema.qualifiedName(), function, uncounted));
    }
    return CppWriter.NOTICE
        + functions
        + "\n// Sorted by name, byte by byte.\nconstexpr BoxedEntry kBoxedEntries[] = {\n"
        + rows
        + "};\n";
  }

  private static List<String> unboxed(Schema schema) {
    var values = new ArrayList<String>();
    for (Argument argument : schema.arguments()) {
      String type = CppWriter.cppType(argument.type());
      values.add("Unboxed<%s>(s, %d).get()".formatted(type, values.size()));
    }
    return values;
  }
}
