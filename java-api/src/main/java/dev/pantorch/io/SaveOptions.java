package dev.pantorch.io;

/// How {@link dev.pantorch.Torch#save} writes.
///
/// ```java
/// Torch.save(model.stateDict(), Path.of("model.pt"), o -> o.useNewZipfileSerialization(false));
/// ```
public final class SaveOptions {
  private boolean zip = true;

  /// For {@link dev.pantorch.Torch#save} to make.
  public SaveOptions() {}

  /// Whether the file is a zip archive, as Python writes since 1.6 (the default), or has the older
  /// format, Python's `_use_new_zipfile_serialization=False`.
  ///
  /// @param zip whether it is a zip archive
  /// @return these options
  public SaveOptions useNewZipfileSerialization(boolean zip) {
    this.zip = zip;
    return this;
  }

  boolean isZip() {
    return zip;
  }
}
