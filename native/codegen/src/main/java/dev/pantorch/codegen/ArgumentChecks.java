package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The operators whose CPU kernels trust their arguments, and what is called before them: a
/// hand-written check of `native/src/*_checks.h`, with the operator's own arguments. The functions
/// of the typed calls and the table of the boxed dispatcher are both written from this.
///
/// An operator that is given the tensors for its results is checked as the one that makes them.
final class ArgumentChecks {
  private static final String ARGUMENTS = "...";

  /// @param template the check's call, with [#ARGUMENTS] for what it takes
  /// @param arguments how many of the operator's arguments it takes
  private record Check(String template, int arguments) {}

  private final Map<Schema, Check> checks = new HashMap<>();

  /// @param table operators under headings such as `check_cell(Gates::kLstm, ...)`
  /// @param schemas every operator that there is
  /// @throws IllegalStateException if a row matches none of them, or a heading is no such call
  ArgumentChecks(PatternTable table, List<Schema> schemas) {
    var uncovered = new ArrayList<Schema>();
    for (Schema schema : schemas) {
      String template = table.heading(schema);
      if (template == null) {
        uncovered.add(schema);
      } else if (template.endsWith(ARGUMENTS + ")")) {
        checks.put(schema, new Check(template, schema.arguments().size()));
      } else {
        throw new IllegalStateException("expected a call that ends in ...), got " + template);
      }
    }
    table.requireAllUsed();
    List<Schema> listed = List.copyOf(checks.keySet());
    for (Schema schema : uncovered) {
      listed.stream()
          .filter(schema::isOutVariantOf)
          .findAny()
          .ifPresent(plain -> checks.put(schema, checks.get(plain)));
    }
  }

  boolean covers(Schema schema) {
    return checks.containsKey(schema);
  }

  /// The call for an operator that is covered, given how each of its arguments is read.
  String call(Schema schema, List<String> values) {
    Check check = checks.get(schema);
    List<String> taken = values.subList(0, check.arguments());
    return check.template().replace(ARGUMENTS, String.join(", ", taken));
  }
}
