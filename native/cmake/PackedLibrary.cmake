# Tells the Java side what it need not read from the jar, after each linking of the shim:
#
#   cmake -DLIBRARY=FILE -DPLATFORM=linux-x86_64 -DVERSION=2.13.0 -DOUTPUT=PackedLibrary.java -P PackedLibrary.cmake
file(SHA256 "${LIBRARY}" hash)
file(SIZE "${LIBRARY}" bytes)
file(WRITE "${OUTPUT}" "// Written by native/cmake/PackedLibrary.cmake: do not edit.
package dev.pantorch.ffi;

/// The shim that was built with these classes. Methods, since a compiler copies constants.
final class PackedLibrary {
  private PackedLibrary() {}

  /// The libtorch that it is for, as `2.13.0`.
  static String libtorchVersion() {
    return \"${VERSION}\";
  }

  /// As {@link Platform#toString} says it.
  static String platform() {
    return \"${PLATFORM}\";
  }

  /// SHA-256 of its file.
  static String hash() {
    return \"${hash}\";
  }

  /// The length of its file.
  static long bytes() {
    return ${bytes}L;
  }
}
")
