package dev.pantorch.jit;

import dev.pantorch.Device;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The options of {@link Jit#load}, under Python's names.
///
/// ```java
/// Map<String, String> extra = new HashMap<>(Map.of("labels.txt", ""));
/// ScriptModule model = Jit.load(path, o -> o.mapLocation(Device.CPU).extraFiles(extra));
/// String labels = extra.get("labels.txt");
/// ```
public final class LoadOptions {
  @Nullable Device mapLocation;
  Map<String, String> extraFiles = new LinkedHashMap<>();
  Map<String, byte[]> extraFilesAsBytes = new LinkedHashMap<>();

  LoadOptions() {}

  /// The device that all tensors are loaded to. Unless set, where they were saved from.
  ///
  /// @param mapLocation a device
  /// @return these options
  public LoadOptions mapLocation(Device mapLocation) {
    this.mapLocation = mapLocation;
    return this;
  }

  /// Texts that were saved beside the module, to be read with it.
  ///
  /// @param extraFiles its keys are the files' names; their texts become the values, and names of
  ///   which there is no file are removed
  /// @return these options
  public LoadOptions extraFiles(Map<String, String> extraFiles) {
    this.extraFiles = extraFiles;
    return this;
  }

  /// Files that were saved beside the module and are no texts, to be read with it.
  ///
  /// @param extraFilesAsBytes its keys are the files' names; their bytes become the values, and
  ///   names of which there is no file are removed
  /// @return these options
  public LoadOptions extraFilesAsBytes(Map<String, byte[]> extraFilesAsBytes) {
    this.extraFilesAsBytes = extraFilesAsBytes;
    return this;
  }
}
