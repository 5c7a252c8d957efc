package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// A hand-written table of operators: groups with a heading, the reason, and below it indented
/// regular expressions over `name.overload`.
final class PatternTable {
  private record Row(Pattern pattern, String heading) {}

  private final String file;
  private final List<Row> rows = new ArrayList<>();
  private final Set<Row> used = new HashSet<>();

  PatternTable(String file) throws IOException {
    this(file, Resources.lines(file));
  }

  PatternTable(String file, List<String> lines) {
    this.file = file;
    String heading = null;
    for (String line : lines) {
      if (line.startsWith(" ")) {
        rows.add(new Row(Pattern.compile(line.strip()), heading));
      } else {
        heading = line;
      }
    }
  }

  boolean matches(Schema schema) {
    return heading(schema) != null;
  }

  /// The heading of the first row that matches the operator, null if none does.
  String heading(Schema schema) {
    for (Row row : rows) {
      if (row.pattern().matcher(schema.nameWithOverload()).matches()) {
        used.add(row);
        return row.heading();
      }
    }
    return null;
  }

  /// A row that matched nothing is a mistake, or a trace of an older libtorch.
  void requireAllUsed() {
    List<String> unused =
        rows.stream().filter(row -> !used.contains(row)).map(r -> r.pattern().pattern()).toList();
    if (!unused.isEmpty()) {
      throw new IllegalStateException(file + " names no operator of this libtorch: " + unused);
    }
  }
}
