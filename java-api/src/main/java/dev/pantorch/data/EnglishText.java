package dev.pantorch.data;

import java.util.List;
import java.util.regex.Pattern;

/// The rules of torchtext's `basic_english`, and Python's idea of white space.
final class EnglishText {
  // str.split() also splits at the separators U+001C to U+001F, which Java's \s does not.
  private static final Pattern SPACE =
      Pattern.compile("[\\x1c-\\x1f\\s]+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern BREAK = Pattern.compile("<br />|[;:]");
  private static final Pattern SIGN = Pattern.compile("[.,()!?']");

  private EnglishText() {}

  static List<String> split(String text) {
    return SPACE.splitAsStream(text).filter(token -> !token.isEmpty()).toList();
  }

  static String normalize(String lower) {
    String unquoted = BREAK.matcher(lower.replace("\"", "")).replaceAll(" ");
    return SIGN.matcher(unquoted).replaceAll(" $0 ");
  }
}
