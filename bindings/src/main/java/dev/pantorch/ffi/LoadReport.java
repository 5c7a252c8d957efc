package dev.pantorch.ffi;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What loading the libraries found.
///
/// @param platform as in `linux-x86_64`
/// @param wantedLibtorch the libtorch version that this build of Pantorch is for
/// @param attempts every place looked at and every library loaded, in order
/// @param libtorch the libtorch that was found
/// @param shim the file of libpantorch
/// @param failure why the libraries could not be loaded, or null when they are loaded
public record LoadReport(
    String platform,
    String wantedLibtorch,
    List<Attempt> attempts,
    @Nullable Libtorch libtorch,
    @Nullable Path shim,
    @Nullable UnsatisfiedLinkError failure) {
  /// Makes the list unmodifiable.
  public LoadReport {
    attempts = List.copyOf(attempts);
  }
}
