package dev.pantorch.examples;

import dev.pantorch.data.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A mail as text. Bytes are read as Latin-1, which never fails; only ASCII letters make words.
///
/// Of the headers only the subject is used: the others tell how and when a mail was collected, and
/// with that whether it is in the collection of spam.
///
/// @param spam whether it is spam
/// @param subject the header of that name
/// @param body the text of all parts, decoded, HTML without its tags
record Mail(boolean spam, String subject, String body) {
  private static final int MAX_DEPTH = 4;
  private static final int MAX_SIGNS = 3;
  private static final String HTML_SIGN = "<html>";
  private static final Tokenizer TOKENIZER =
      Tokenizer.matching(
              Pattern.compile(
                  "<html>|(?:https?://|www\\.)[^\\s<>\"]+|[^\\s<>\"@]+@[^\\s<>\"@]+|\\d[\\d.,:/-]*"
                      + "|[A-Za-z]+(?:'[A-Za-z]+)?|[!$%?#*]+"))
          .map(token -> sign(token).toLowerCase(Locale.ROOT));
  private static final Pattern BOUNDARY =
      Pattern.compile("boundary *= *(?:\"([^\"]*)\"|([^\\s;]+))", Pattern.CASE_INSENSITIVE);
  private static final Pattern UNSEEN =
      Pattern.compile(
          "<!--.*?-->|<(style|script)\\b.*?</\\1>", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final Pattern HTML =
      Pattern.compile("<html|<body|<table|<font", Pattern.CASE_INSENSITIVE);
  private static final Pattern TAG = Pattern.compile("<[^>]*>");
  private static final Pattern ENTITY = Pattern.compile("&[A-Za-z0-9#]+;");
  private static final Pattern FOLD = Pattern.compile("\n[ \t]+");
  private static final Pattern QUOTED = Pattern.compile("=([0-9A-Fa-f]{2})");
  private static final Pattern NOT_BASE64 = Pattern.compile("[^A-Za-z0-9+/]");
  private static final Pattern MEDIA_TYPE = Pattern.compile("[a-z]+/.*", Pattern.DOTALL);

  /// Headers by lower-case name, the first of each, and what follows them.
  private record Message(Map<String, String> headers, String body) {
    static Message parse(String raw) {
      String text = raw.replace("\r\n", "\n").replace('\r', '\n');
      if (text.startsWith("\n")) return new Message(Map.of(), text.substring(1));
      int end = text.indexOf("\n\n");
      String head = end < 0 ? text : text.substring(0, end);
      var headers = new HashMap<String, String>();
      for (String line : FOLD.matcher(head).replaceAll(" ").split("\n", -1)) {
        int colon = line.indexOf(':');
        if (colon < 0) continue;
        headers.putIfAbsent(
            line.substring(0, colon).toLowerCase(Locale.ROOT), trim(line.substring(colon + 1)));
      }
      return new Message(headers, end < 0 ? "" : text.substring(end + 2));
    }

    private static String trim(String value) {
      int from = 0;
      int to = value.length();
      while (from < to && isBlank(value.charAt(from))) from++;
      while (to > from && isBlank(value.charAt(to - 1))) to--;
      return value.substring(from, to);
    }

    private static boolean isBlank(char c) {
      return c == ' ' || c == '\t';
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }

    /// The text that a reader sees, of all parts.
    String content(int depth) {
      String kind = headers.getOrDefault("content-type", "text/plain");
      String type = kind.toLowerCase(Locale.ROOT);
      if (type.startsWith("multipart/") && depth < MAX_DEPTH) {
        Matcher boundary = BOUNDARY.matcher(kind);
        if (boundary.find()) return parts(boundary.toMatchResult(), depth);
      }
      if (type.startsWith("message/") && depth < MAX_DEPTH) return parse(body).content(depth + 1);
      if (MEDIA_TYPE.matcher(type).matches()
          && !type.startsWith("text/")
          && !type.startsWith("multipart/")) {
        return "";
      }
      String text =
          switch (header("content-transfer-encoding").toLowerCase(Locale.ROOT)) {
            case "quoted-printable" -> unquote(body);
            case "base64" -> decode(body);
            default -> body;
          };
      return HTML.matcher(text).find() ? unhtml(text) : text;
    }

    private String parts(MatchResult boundary, int depth) {
      String mark = boundary.group(1) != null ? boundary.group(1) : boundary.group(2);
      var line =
          Pattern.compile(
              "^--" + Pattern.quote(mark) + "(?:--)?[ \t]*$",
              Pattern.MULTILINE | Pattern.UNIX_LINES);
      String[] parts = line.split(body, -1);
      var texts = new ArrayList<String>();
      // What stands before the first boundary is for readers that know nothing of parts.
      for (int i = 1; i < parts.length; i++) {
        String part = parts[i].startsWith("\n") ? parts[i].substring(1) : parts[i];
        texts.add(parse(part).content(depth + 1));
      }
      return String.join("\n", texts);
    }
  }

  /// Reads a mail in the form in which it was sent.
  static Mail read(boolean spam, byte[] raw) {
    var message = Message.parse(new String(raw, StandardCharsets.ISO_8859_1));
    return new Mail(spam, message.header("subject"), message.content(0));
  }

  private static String unquote(String text) {
    return QUOTED
        .matcher(text.replace("=\n", ""))
        .replaceAll(hex ->
            Matcher.quoteReplacement(Character.toString(Integer.parseInt(hex.group(1), 16))));
  }

  private static String decode(String text) {
    String digits = NOT_BASE64.matcher(text).replaceAll("");
    byte[] bytes = Base64.getDecoder().decode(digits.substring(0, digits.length() / 4 * 4));
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /// HTML without tags, after a sign that it was HTML.
  private static String unhtml(String text) {
    String seen = TAG.matcher(UNSEEN.matcher(text).replaceAll("")).replaceAll(" ");
    return HTML_SIGN + " " + ENTITY.matcher(seen).replaceAll(" ");
  }

  /// Subject, then body: words, and signs that stand for what differs from mail to mail.
  List<String> tokens() {
    return TOKENIZER.tokenize(subject + "\n" + body);
  }

  private static String sign(String token) {
    if (token.startsWith("http://") || token.startsWith("https://") || token.startsWith("www.")) {
      return "<url>";
    }
    if (token.indexOf('@') >= 0) return "<address>";
    char first = token.charAt(0);
    if (first >= '0' && first <= '9') return "<number>";
    boolean word = Character.isLetter(first) || token.equals(HTML_SIGN);
    return word ? token : token.substring(0, Math.min(MAX_SIGNS, token.length()));
  }
}
