package dev.pantorch.codegen;

/// One argument of a schema.
///
/// @param defaultValue the text after `=`, null where the caller must give the argument
/// @param keywordOnly whether it stands after the `*`
record Argument(Type type, String name, String defaultValue, boolean keywordOnly) {

  boolean hasDefault() {
    return defaultValue != null;
  }
}
