package dev.pantorch.parity;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The generator's list of what it generated.
public final class OperatorTable {
  /// A line of it.
  ///
  /// @param schema as libtorch words it
  /// @param javaClass the class whose method makes the call
  public record Row(String schema, String javaClass) {}

  /// The rows by overload.
  public static final Map<String, Row> GENERATED = read();

  private OperatorTable() {}

  public static Row row(String overload) {
    return requireNonNull(GENERATED.get(overload), overload);
  }

  private static Map<String, Row> read() {
    try (InputStream in = OperatorTable.class.getResourceAsStream("/dev/pantorch/operators.tsv")) {
      if (in == null) {
        throw new IllegalStateException("operators.tsv is not on the class path");
      }
      var rows = new LinkedHashMap<String, Row>();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .skip(1)
          .map(line -> line.split("\t", -1))
          .forEach(columns -> rows.put(columns[0], new Row(columns[1], columns[2])));
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
