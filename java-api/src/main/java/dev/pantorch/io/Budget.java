package dev.pantorch.io;

import java.io.IOException;

/// How much may be made of a file: a few bytes of a pickle can ask for a value of many bytes, and a
/// few megabytes of them for more memory than there is.
final class Budget {
  private final long most;
  private long spent;

  Budget(long most) {
    this.most = most;
  }

  /// Counts values.
  ///
  /// @throws IOException if there are too many
  void spend(long values) throws IOException {
    spent += values;
    if (spent > most) {
      throw new IOException(
          "its pickle makes more than %d values; if that is right, raise the limit with o -> o.maxValues(...)"
              .formatted(most));
    }
  }
}
