package dev.pantorch.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A size as the compiler writes it in C++: `5L*s25`, `(1.0/2.0)*arg0_1_size_0`.
final class SizeExpression {
  private static final Pattern TOKEN =
      Pattern.compile("\\d+(?:\\.\\d+)?|[A-Za-z_][\\w:]*(?:\\[\\d+\\])?|\\S");
  private static final String FLOOR_DIVISION = "c10::div_floor_integer";
  private static final int LONGEST = 1000;

  private final List<String> tokens;
  private final Map<String, Long> sizes;
  private int at;

  private SizeExpression(List<String> tokens, Map<String, Long> sizes) {
    this.tokens = tokens;
    this.sizes = sizes;
  }

  /// What an expression comes to; null if something in it is not known.
  static @Nullable Long evaluate(String text, Map<String, Long> sizes) {
    if (text.length() > LONGEST) return null;
    List<String> tokens = new ArrayList<>();
    String plain = text.replace("static_cast<int64_t>", "").replaceAll("(?<=\\d)L\\b", "");
    for (Matcher matcher = TOKEN.matcher(plain); matcher.find(); ) tokens.add(matcher.group());
    SizeExpression expression = new SizeExpression(tokens, sizes);
    double value = expression.sum();
    boolean known = !Double.isNaN(value) && expression.at == tokens.size();
    return known ? (Long) (long) value : null;
  }

  private boolean take(String token) {
    boolean there = at < tokens.size() && tokens.get(at).equals(token);
    if (there) at++;
    return there;
  }

  private double sum() {
    double value = product();
    while (true) {
      if (take("+")) value += product();
      else if (take("-")) value -= product();
      else return value;
    }
  }

  private double product() {
    double value = factor();
    while (true) {
      if (take("*")) value *= factor();
      else if (take("/")) value /= factor();
      else return value;
    }
  }

  private double factor() {
    if (at == tokens.size()) return Double.NaN;
    String token = tokens.get(at++);
    if (token.equals("-")) return -factor();
    if (token.equals("(")) return closed(sum());
    if (Character.isDigit(token.charAt(0))) return Double.parseDouble(token);
    if (token.equals(FLOOR_DIVISION) && take("(")) {
      double dividend = sum();
      return take(",") ? closed(Math.floor(dividend / sum())) : Double.NaN;
    }
    Long size = sizes.get(token);
    return size == null ? Double.NaN : size;
  }

  private double closed(double value) {
    return take(")") ? value : Double.NaN;
  }
}
