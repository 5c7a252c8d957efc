package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;

/// Parses the text of one operator schema, such as `add.Tensor(Tensor self, Tensor other, *, Scalar
/// alpha=1) -> Tensor`.
///
/// A recursive descent over the characters. What it does not know it refuses, so that a libtorch
/// with a new type or a new piece of syntax stops the build instead of producing a wrong call.
final class SchemaParser {
  private final String text;
  private int at;

  private SchemaParser(String text) {
    this.text = text;
  }

  static Schema parse(String text) {
    return new SchemaParser(text).schema();
  }

  private Schema schema() {
    String name = word();
    String overload = take(".") ? word() : "";
    expect("(");
    var arguments = new ArrayList<Argument>();
    boolean keywordOnly = false;
    while (!take(")")) {
      if (take("*")) {
        keywordOnly = true;
      } else {
        arguments.add(argument(keywordOnly));
      }
      take(", ");
    }
    expect(" -> ");
    List<Schema.Result> results = results();
    if (at != text.length()) {
      throw error("the end");
    }
    return new Schema(name, overload, List.copyOf(arguments), results, text);
  }

  private Argument argument(boolean keywordOnly) {
    Type type = type();
    expect(" ");
    String name = word();
    return new Argument(type, name, take("=") ? defaultValue() : null, keywordOnly);
  }

  private List<Schema.Result> results() {
    if (!take("(")) {
      return List.of(result());
    }
    var results = new ArrayList<Schema.Result>();
    while (!take(")")) {
      results.add(result());
      take(", ");
    }
    return List.copyOf(results);
  }

  private Schema.Result result() {
    Type type = type();
    return new Schema.Result(type, take(" ") ? word() : "");
  }

  private Type type() {
    var base = Type.Base.of(word());
    String alias = take("(") ? until(")") : "";
    boolean optional = take("?");
    if (!take("[")) {
      return new Type(base, false, false, 0, optional, alias);
    }
    String size = until("]");
    return new Type(
        base, optional, true, size.isEmpty() ? 0 : Integer.parseInt(size), take("?"), alias);
  }

  /// A default runs to the next comma or closing parenthesis outside brackets and quotes.
  private String defaultValue() {
    int start = at;
    int depth = 0;
    char quote = 0;
    for (; at < text.length(); at++) {
      char c = text.charAt(at);
      if (quote != 0) {
        if (c == '\\') {
          at++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
      } else if (depth == 0 && (c == ',' || c == ')')) {
        break;
      }
    }
    return text.substring(start, at);
  }

  private String word() {
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    if (start == at) {
      throw error("a name");
    }
    return text.substring(start, at);
  }

  private String until(String end) {
    int stop = text.indexOf(end, at);
    if (stop < 0) {
      throw error("'" + end + "'");
    }
    String between = text.substring(at, stop);
    at = stop + end.length();
    return between;
  }

  private boolean take(String piece) {
    boolean found = text.startsWith(piece, at);
    if (found) {
      at += piece.length();
    }
    return found;
  }

  private void expect(String piece) {
    if (!take(piece)) {
      throw error("'" + piece + "'");
    }
  }

  private IllegalArgumentException error(String wanted) {
    return new IllegalArgumentException(
        "expected " + wanted + " at character " + at + " of schema: " + text);
  }
}
