package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.DeviceType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.StorageMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Brings the bytes of storages from a file into the memory of tensors, each storage once.
abstract class StorageReader implements TorchVocabulary.Storages {
  private final FileChannel file;
  private final LoadOptions options;
  private final Map<String, TorchVocabulary.Storage> known = new HashMap<>();
  private @Nullable MemorySegment mapped;

  StorageReader(FileChannel file, LoadOptions options) {
    this.file = file;
    this.options = options;
  }

  /// Bytes of the file.
  ///
  /// @param position where they are, or -1 if they have to be unpacked
  /// @param swapped whether the numbers are of the other byte order
  record Place(long position, long bytes, boolean swapped) {}

  /// Where a storage is.
  abstract Place find(String key, DType dtype) throws IOException;

  /// Fills memory with the bytes of a storage, and checks them if the file has a checksum.
  abstract void fill(String key, Place place, MemorySegment memory) throws IOException;

  @Override
  public TorchVocabulary.Storage get(DType dtype, String key, String location, long bytes)
      throws IOException {
    TorchVocabulary.Storage storage = known.get(key);
    if (storage == null) {
      Place place = find(key, dtype);
      checkLength(key, bytes, place.bytes);
      Device device = checked(options.device(location));
      storage = new TorchVocabulary.Storage(dtype, read(key, dtype, place, device), 0, place.bytes);
      known.put(key, storage);
    }
    checkLength(key, bytes, storage.length());
    return storage;
  }

  private static void checkLength(String key, long wanted, long there) throws IOException {
    if (wanted > there) {
      throw new IOException(
          "the pickle wants %d bytes of storage '%s', which has %d".formatted(wanted, key, there));
    }
  }

  private Tensor read(String key, DType dtype, Place place, Device device) throws IOException {
    if (device.type() == DeviceType.META) return Torch.empty(DType.UINT8.on(device), place.bytes);
    int unit = place.swapped ? ByteSwap.unit(dtype) : 1;
    if (options.isMapped() && place.position % dtype.itemSize() == 0 && unit == 1) {
      return onDevice(mapped(place), device);
    }
    Tensor memory = Torch.empty(DType.UINT8.on(Device.CPU), place.bytes);
    if (place.bytes > 0) {
      StorageMemory.use(
          memory,
          segment -> {
            fill(key, place, segment);
            ByteSwap.swap(segment.asSlice(0, place.bytes / unit * unit), unit);
          });
    }
    return onDevice(memory, device);
  }

  private Tensor mapped(Place place) throws IOException {
    if (place.bytes == 0) return Torch.empty(DType.UINT8.on(Device.CPU), 0);
    if (mapped == null) mapped = file.map(MapMode.PRIVATE, 0, file.size(), Arena.ofAuto());
    return Torch.fromMemory(mapped.asSlice(place.position, place.bytes), DType.UINT8, place.bytes);
  }

  private static Tensor onDevice(Tensor memory, Device device) {
    if (device.isCpu()) return memory;
    try {
      return memory.to(device);
    } catch (TorchException e) {
      var exception =
          new DeviceException(
              "tensors were saved on %s, where they cannot be put: %s; use Torch.load(path, o -> o.mapLocation(Device.CPU))"
                  .formatted(device, e.getMessage()));
      exception.initCause(e);
      throw exception;
    }
  }

  /// The device, if there is one.
  ///
  /// @throws DeviceException if not; says what to do
  static Device checked(Device device) {
    if (device.isCuda() && !Torch.cuda().isAvailable()) {
      throw new DeviceException(
          "Attempting to deserialize object on a CUDA device but Torch.cuda().isAvailable() is"
              + " false. If you are running on a CPU-only machine, please use"
              + " Torch.load(path, o -> o.mapLocation(Device.CPU)) to map your storages to the"
              + " CPU.");
    }
    return device;
  }
}
