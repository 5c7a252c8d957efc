package dev.pantorch.codegen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads what libtorch's headers say about operators.
final class Headers {
  private static final Pattern SCHEMA = Pattern.compile("schema_str = \"(.*)\";$");
  private static final Pattern CALLED_OPERATOR = Pattern.compile("at::_ops::(\\w+)::call\\(");

  private final Path include;

  Headers(Path include) {
    this.include = include;
  }

  /// Every schema of `ATen/ops/*_ops.h`, sorted by name and overload.
  List<Schema> schemas() throws IOException {
    var schemas = new ArrayList<Schema>();
    try (var files = Files.newDirectoryStream(include.resolve("ATen/ops"), "*_ops.h")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          var matcher = SCHEMA.matcher(line);
          if (matcher.find()) {
            schemas.add(SchemaParser.parse(unescape(matcher.group(1))));
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw new NoSuchFileException(
          include + " holds no ATen/ops: --headers takes libtorch's include directory");
    }
    schemas.sort(Comparator.comparing(Schema::name).thenComparing(Schema::overload));
    return schemas;
  }

  /// The `at::_ops` structs that `at::Tensor` has a method for.
  Set<String> methodStructs() throws IOException {
    return calledOperators(include.resolve("ATen/core/TensorBody.h"));
  }

  /// The `at::_ops` structs that namespace `at` has a free function for: `NAME.h` beside
  /// `NAME_ops.h`.
  Set<String> functionStructs() throws IOException {
    Path operators = include.resolve("ATen/ops");
    var structs = new HashSet<String>();
    try (var files = Files.newDirectoryStream(operators, "*_ops.h")) {
      for (Path file : files) {
        String functions = file.getFileName().toString().replaceAll("_ops[.]h$", ".h");
        structs.addAll(calledOperators(operators.resolve(functions)));
      }
    }
    return structs;
  }

  /// The names of the operators that are made of others in at least one overload.
  Set<String> composites() throws IOException {
    String end = "_compositeimplicitautograd_dispatch.h";
    var names = new HashSet<String>();
    try (var files = Files.newDirectoryStream(include.resolve("ATen/ops"), "*" + end)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        names.add(name.substring(0, name.length() - end.length()));
      }
    }
    return names;
  }

  private static Set<String> calledOperators(Path header) throws IOException {
    var structs = new HashSet<String>();
    var matcher = CALLED_OPERATOR.matcher(Files.readString(header));
    while (matcher.find()) {
      structs.add(matcher.group(1));
    }
    return structs;
  }

  /// Undoes the escapes of a C++ string literal; only quotes and backslashes occur.
  private static String unescape(String literal) {
    return literal.replaceAll("\\\\(.)", "$1");
  }
}
