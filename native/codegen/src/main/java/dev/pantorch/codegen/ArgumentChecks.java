package dev.pantorch.codegen;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The operators whose CPU kernels trust their arguments, and what is called before them: a
/// hand-written check of `native/src/*_checks.h`, with the operator's own arguments. The functions
/// of the typed calls and the table of the boxed dispatcher are both written from this.
final class ArgumentChecks {
  private static final String ARGUMENTS = "...";

  private final Map<Schema, String> templates = new HashMap<>();

  /// @param table operators under headings such as `check_cell(Gates::kLstm, ...)`
  /// @param schemas every operator that there is
  /// @throws IllegalStateException if a row matches none of them, or a heading is no such call
  ArgumentChecks(PatternTable table, List<Schema> schemas) {
    for (Schema schema : schemas) {
      String template = table.heading(schema);
      if (template != null) {
        if (!template.endsWith(ARGUMENTS + ")")) {
          throw new IllegalStateException("expected a call that ends in ...), got " + template);
        }
        templates.put(schema, template);
      }
    }
    table.requireAllUsed();
  }

  boolean covers(Schema schema) {
    return templates.containsKey(schema);
  }

  /// The call for an operator that is covered, given how each of its arguments is read.
  String call(Schema schema, List<String> values) {
    return templates.get(schema).replace(ARGUMENTS, String.join(", ", values));
  }
}
