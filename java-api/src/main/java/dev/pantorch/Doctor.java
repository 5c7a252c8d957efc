package dev.pantorch;

import dev.pantorch.ffi.NativeLibrary;

/// Prints what Pantorch found on this machine.
public final class Doctor {
  private Doctor() {}

  /// Prints the report.
  ///
  /// @param args none
  public static void main(String[] args) {
    NativeLibrary.load();
  }
}
