package dev.pantorch.io;

import dev.pantorch.Device;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How {@link dev.pantorch.Torch#load} reads.
///
/// ```java
/// Checkpoint checkpoint = Torch.load(path, o -> o.mapLocation(Device.CPU).mmap(true));
/// ```
public final class LoadOptions {
  private Function<String, @Nullable Device> location = _ -> null;
  private boolean mmap;
  private long maxValues = 10_000_000;

  /// For {@link dev.pantorch.Torch#load} to make.
  public LoadOptions() {}

  /// Puts all tensors on one device, wherever they were saved. Without this they return to the
  /// device that the file names.
  ///
  /// @param device the device; {@link Device#META} reads shapes and dtypes alone
  /// @return these options
  public LoadOptions mapLocation(Device device) {
    location = _ -> device;
    return this;
  }

  /// Replaces some of the devices that the file names by others.
  ///
  /// @param devices from names such as `cuda:1` to the names of other devices
  /// @return these options
  public LoadOptions mapLocation(Map<String, String> devices) {
    Map<String, String> known = Map.copyOf(devices);
    location = name -> known.containsKey(name) ? Device.of(known.get(name)) : null;
    return this;
  }

  /// Decides the device of each storage.
  ///
  /// @param location from the name in the file, such as `cuda:1`, to a device, or null to go by the
  ///   name
  /// @return these options
  public LoadOptions mapLocation(Function<String, @Nullable Device> location) {
    this.location = location;
    return this;
  }

  /// Whether the file is mapped into memory: tensors come at once, and their pages are read when
  /// they are used. They can be changed, but that does not reach the file, and their checksums are
  /// not checked. The file must not be cut or changed in place while a tensor is in use, or the
  /// process may crash; replacing it, as {@link dev.pantorch.Torch#save} does, is safe. A file that
  /// may not be written is read, since the JDK maps so only what may be.
  ///
  /// @param mmap whether it is mapped; false by default
  /// @return these options
  public LoadOptions mmap(boolean mmap) {
    this.mmap = mmap;
    return this;
  }

  /// The most values (numbers, texts, lists, ...; a tensor counts as 16) that are made of a file,
  /// so that a small hostile one cannot fill the memory.
  ///
  /// @param values the limit; 10 million by default
  /// @return these options
  public LoadOptions maxValues(long values) {
    maxValues = values;
    return this;
  }

  /// The device of a storage that the file says to be at `name`.
  Device device(String name) {
    Device mapped = location.apply(name);
    return mapped != null ? mapped : Device.of(name);
  }

  boolean isMapped() {
    return mmap;
  }

  Budget budget() {
    return new Budget(maxValues);
  }
}
