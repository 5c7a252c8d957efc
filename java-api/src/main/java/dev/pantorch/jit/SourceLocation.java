package dev.pantorch.jit;

/// Where in a program an operator was called.
///
/// ```java
/// for (Node node : traced.graph().nodes()) {
///   SourceLocation source = node.source();
///   if (source != null) System.out.println(source.file() + ":" + source.line());
/// }
/// ```
///
/// @param file the name of the file
/// @param line the line, from 1 on
/// @param stack the calls that led there, innermost first, one a line; for a loaded script the code
public record SourceLocation(String file, long line, String stack) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
