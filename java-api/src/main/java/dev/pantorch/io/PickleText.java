package dev.pantorch.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The texts of protocol 0, which are written in ASCII with escapes.
final class PickleText {
  private PickleText() {}

  /// A text in quotes, with Python's escapes.
  static String quoted(String line, long at) throws IOException {
    int last = line.length() - 1;
    if (last < 1 || line.charAt(0) != line.charAt(last) || "'\"".indexOf(line.charAt(0)) < 0) {
      throw Unpickler.broken(at, "%s is no text in quotes".formatted(shortened(line)));
    }
    return unescape(line.substring(1, last), true, at);
  }

  /// A text in which only what is no Latin-1 is escaped.
  static String rawUnicode(byte[] line, long at) throws IOException {
    return unescape(new String(line, StandardCharsets.ISO_8859_1), false, at);
  }

  private static String unescape(String text, boolean all, long at) throws IOException {
    if (text.indexOf('\\') < 0) return text;
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\' || i + 1 == text.length()) {
        plain.append(c);
        continue;
      }
      char kind = text.charAt(i + 1);
      int digits = kind == 'x' && all ? 2 : kind == 'u' && !all ? 4 : kind == 'U' && !all ? 8 : 0;
      if (digits > 0) {
        plain.appendCodePoint(codePoint(text, i + 2, digits, at));
        i += 1 + digits;
      } else if (all) {
        int known = "\\'\"nrtabfv".indexOf(kind);
        if (known < 0) throw Unpickler.broken(at, "a text has an unknown escape \\" + kind);
        plain.append("\\'\"\n\r\t\u0007\b\f\u000b".charAt(known));
        i++;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static int codePoint(String text, int from, int digits, long at) throws IOException {
    String hex = text.substring(from, Math.min(text.length(), from + digits));
    if (hex.length() == digits && hex.matches("[0-9a-fA-F]+")) {
      long value = Long.parseLong(hex, 16);
      if (value <= Character.MAX_CODE_POINT) return (int) value;
    }
    throw Unpickler.broken(at, "a text has an escape that is cut off");
  }

  /// The beginning of a text, for a message.
  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
