package dev.pantorch.codegen;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The records for operators with several results: one an operator name, shared by its overloads
/// and its in-place form.
final class ResultTypes {
  private final Map<String, List<String>> names = new HashMap<>();
  private final Map<String, ResultType> records = new TreeMap<>();
  private final Map<String, String> operators = new HashMap<>();

  ResultTypes() throws IOException {
    for (String line : Resources.lines("result-names.txt")) {
      List<String> words = Arrays.asList(line.split(" ", -1));
      names.put(words.getFirst(), words.subList(1, words.size()));
    }
  }

  ResultType of(Schema schema) {
    if (schema.results().isEmpty()) {
      return new ResultType("void", List.of());
    }
    if (schema.results().size() == 1) {
      return new ResultType(ResultType.javaType(schema.results().getFirst().type()), List.of());
    }
    var components = new ArrayList<ResultType.Component>();
    for (int i = 0; i < schema.results().size(); i++) {
      components.add(
          new ResultType.Component(
              ResultType.javaType(schema.results().get(i).type()), componentName(schema, i)));
    }
    String name = Names.upperCamel(schema.name().replaceAll("_$", "")) + "Result";
    ResultType known = records.get(name);
    if (known != null && !known.components().equals(components)) {
      name = Names.upperCamel(schema.name() + "_" + schema.overload()) + "Result";
    }
    ResultType type = new ResultType(name, List.copyOf(components));
    records.put(name, type);
    operators.putIfAbsent(name, schema.name().replaceAll("_$", ""));
    return type;
  }

  /// The records, sorted by name.
  List<ResultType> records() {
    return List.copyOf(records.values());
  }

  /// The operator that a record is named after.
  String operator(ResultType record) {
    return operators.get(record.javaType());
  }

  private String componentName(Schema schema, int index) {
    String given = schema.results().get(index).name();
    List<String> known = names.get(schema.name());
    if (!given.isEmpty() && known == null) {
      return Names.variable(given);
    }
    if (known == null || known.size() != schema.results().size()) {
      throw new IllegalStateException(
          "result-names.txt lacks names for the results of " + schema.text());
    }
    return Names.variable(known.get(index));
  }
}
