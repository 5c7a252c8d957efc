package dev.pantorch.ffi;

/// The one shape of every message about a library that cannot be used.
final class Problem {
  private Problem() {}

  /// An error whose message gives each of these on its own line.
  ///
  /// It is an `Error` of the JDK's, so that it comes out of a static initializer as itself, and
  /// every caller knows its type already.
  static UnsatisfiedLinkError of(
      String what, String path, String found, String wanted, String remedy) {
    return new UnsatisfiedLinkError(
        """
        %s.
          path:   %s
          found:  %s
          wanted: %s
          remedy: %s\
        """
            .formatted(what, path, found, wanted, remedy));
  }
}
