package dev.pantorch.data;

/// Strings as Python compares them: by code points. Java compares halves of surrogate pairs, which
/// puts an emoji before U+FF01.
final class CodePoints {
  private CodePoints() {}

  static int compare(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x == y) continue;
      boolean pair = Character.isSurrogate(x);
      if (pair != Character.isSurrogate(y)) return pair ? 1 : -1;
      return Character.compare(x, y);
    }
    return Integer.compare(a.length(), b.length());
  }
}
