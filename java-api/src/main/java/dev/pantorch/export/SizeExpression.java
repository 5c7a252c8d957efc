package dev.pantorch.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A size as the compiler writes it in C++: `5L*s25`, `(1.0/2.0)*arg0_1_size_0`.
@FunctionalInterface
interface SizeExpression {
  /// What it comes to.
  ///
  /// @param sizes the values of the names
  double of(long[] sizes);

  /// Reads an expression.
  ///
  /// @param places which of the sizes each name stands for
  /// @return null if something in it is not known
  static @Nullable SizeExpression parse(String text, Map<String, Integer> places) {
    return text.length() > Parser.LONGEST ? null : new Parser(text, places).parse();
  }

  /// A parser by recursive descent; null is what is not known.
  final class Parser {
    private static final Pattern TOKEN =
        Pattern.compile("\\d+(?:\\.\\d+)?|[A-Za-z_][\\w:]*(?:\\[\\d+\\])?|\\S");
    private static final String FLOOR_DIVISION = "c10::div_floor_integer";
    private static final int LONGEST = 1000;

    private final List<String> tokens = new ArrayList<>();
    private final Map<String, Integer> places;
    private int at;

    private Parser(String text, Map<String, Integer> places) {
      this.places = places;
      String plain = text.replace("static_cast<int64_t>", "").replaceAll("(?<=\\d)L\\b", "");
      for (Matcher matcher = TOKEN.matcher(plain); matcher.find(); ) tokens.add(matcher.group());
    }

    private @Nullable SizeExpression parse() {
      SizeExpression whole = sum();
      return at == tokens.size() ? whole : null;
    }

    private boolean take(String token) {
      boolean there = at < tokens.size() && tokens.get(at).equals(token);
      if (there) at++;
      return there;
    }

    private @Nullable SizeExpression sum() {
      SizeExpression value = product();
      while (true) {
        if (take("+")) value = both(value, product(), (a, b) -> a + b);
        else if (take("-")) value = both(value, product(), (a, b) -> a - b);
        else return value;
      }
    }

    private @Nullable SizeExpression product() {
      SizeExpression value = factor();
      while (true) {
        if (take("*")) value = both(value, factor(), (a, b) -> a * b);
        else if (take("/")) value = both(value, factor(), (a, b) -> a / b);
        else return value;
      }
    }

    private @Nullable SizeExpression factor() {
      if (at == tokens.size()) return null;
      String token = tokens.get(at++);
      if (token.equals("-")) return both(sizes -> 0, factor(), (a, b) -> a - b);
      if (token.equals("(")) return closed(sum());
      if (Character.isDigit(token.charAt(0))) {
        double number = Double.parseDouble(token);
        return sizes -> number;
      }
      if (token.equals(FLOOR_DIVISION) && take("(")) {
        SizeExpression dividend = sum();
        return take(",") ? closed(both(dividend, sum(), (a, b) -> Math.floor(a / b))) : null;
      }
      Integer place = places.get(token);
      return place == null ? null : sizes -> sizes[place];
    }

    private @Nullable SizeExpression closed(@Nullable SizeExpression value) {
      return take(")") ? value : null;
    }

    private static @Nullable SizeExpression both(
        @Nullable SizeExpression left,
        @Nullable SizeExpression right,
        DoubleBinaryOperator operator) {
      if (left == null || right == null) return null;
      return sizes -> operator.applyAsDouble(left.of(sizes), right.of(sizes));
    }
  }
}
