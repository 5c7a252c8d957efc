package dev.pantorch.docs;

import static java.util.stream.Collectors.joining;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.SimpleJavaFileObject;

/// A piece of Java in the documentation, and the class around it that is compiled.
///
/// A snippet that begins with a modifier, an annotation or the head of a method is a member of that
/// class. All others are statements of a method that may throw anything; classes among them are
/// local. Both see the names of {@link SnippetContext}. One thing a snippet may leave out: the body
/// `{ ... }` is empty.
final class Snippet extends SimpleJavaFileObject {
  private static final Pattern MEMBER =
      Pattern.compile(
          "(public|protected|private|static|abstract|sealed|@\\w+|(?!new |return )[\\w<>\\[\\], ]+"
              + " \\w+\\([^;=]*\\) (throws \\w+ )?\\{).*");
  private static final String IMPORTS =
      Stream.concat(
              Sources.packages().map(name -> name + ".*"),
              Stream.of(
                  "dev.pantorch.nn.Module", // not java.lang's
                  "java.lang.foreign.*",
                  "java.nio.file.*",
                  "java.time.*",
                  "java.time.format.*",
                  "java.util.*",
                  "java.util.function.*",
                  "java.util.stream.*",
                  "org.junit.jupiter.api.*",
                  "org.junit.jupiter.api.extension.*",
                  "static dev.pantorch.nn.utils.ClipGrad.*",
                  "static dev.pantorch.nn.utils.ConvertParameters.*",
                  "static dev.pantorch.nn.utils.Parametrizations.*",
                  "static dev.pantorch.nn.utils.Parametrize.*",
                  "static dev.pantorch.nn.utils.Stateless.*"))
          .map(name -> "import " + name + "; ")
          .collect(joining());

  private final Path file;
  private final int line;
  private final List<String> code;

  private Snippet(Path file, int line, List<String> code) {
    super(URI.create("string:///" + className(file, line) + ".java"), Kind.SOURCE);
    this.file = file;
    this.line = line;
    this.code = code;
  }

  private static String className(Path file, int line) {
    return "Snippet" + file.normalize().toString().replaceAll("\\W", "_") + "_" + line;
  }

  /// The snippets of a page, or of the comments in a Java file.
  static List<Snippet> of(Path file) {
    boolean java = file.toString().endsWith(".java");
    List<Snippet> snippets = new ArrayList<>();
    List<String> code = null;
    int number = 0;
    for (String line : Sources.read(file).lines().toList()) {
      number++;
      if (java && !line.strip().startsWith("///")) continue;
      String text = java ? line.strip().replaceFirst("/// ?", "") : line;
      if (text.equals("```java")) {
        code = new ArrayList<>();
      } else if (text.equals("```") && code != null) {
        snippets.add(new Snippet(file, number - code.size(), code));
        code = null;
      } else if (code != null) {
        code.add(text);
      }
    }
    return snippets;
  }

  /// Where an error is in the documentation, and what the compiler says of it.
  static String describe(Diagnostic<?> error) {
    Snippet snippet = (Snippet) error.getSource();
    return "%s:%d %s"
        .formatted(
            snippet.file.normalize(),
            snippet.line + error.getLineNumber() - 2,
            error.getMessage(Locale.ROOT));
  }

  @Override
  public CharSequence getCharContent(boolean ignoreEncodingErrors) {
    String body = String.join("\n", code).replace("{ ... }", "{}");
    String first =
        code.stream()
            .filter(text -> !text.isBlank() && !text.startsWith("//"))
            .findFirst()
            .orElse("");
    if (!MEMBER.matcher(first).matches())
      body = "void run() throws Exception {\n%s\n}".formatted(body);
    else body = "\n" + body;
    // What is written about the inside may name what is inside.
    boolean inside = file.toString().matches(".*(internal.*|call-path\\.md)");
    // One line before the snippet, whatever it is.
    return "package dev.pantorch.docs; %s%sabstract class %s extends SnippetContext {%s\n}"
        .formatted(
            IMPORTS, inside ? "import dev.pantorch.internal.*; " : "", className(file, line), body);
  }
}
