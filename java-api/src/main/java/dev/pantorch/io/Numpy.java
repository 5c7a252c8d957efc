package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.internal.FileBytes;
import dev.pantorch.internal.StorageMemory;
import dev.pantorch.internal.ZipReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.CRC32;

/// Reads and writes numpy's files: one array in `.npy`, several by name in `.npz`. `numpy.load`
/// reads what this class writes, and the other way round.
///
/// ```java
/// Numpy.save(Path.of("x.npy"), x);
/// Tensor same = Numpy.load(Path.of("x.npy"));
///
/// Numpy.savez(Path.of("data.npz"), Map.of("x", x, "y", y));
/// Map<String, Tensor> data = Numpy.loadz(Path.of("data.npz"));
/// ```
///
/// Elements are those that numpy and PyTorch both have: `bool`, integers of 8 to 64 bits with and
/// without sign, `float16` to `float64`, `complex64` and `complex128`. Arrays of Python objects,
/// texts, dates and structures are refused by name. What is written is, byte for byte, what
/// `numpy.save` and `numpy.savez` write.
///
/// [The format](https://numpy.org/doc/2.4/reference/generated/numpy.lib.format.html)
public final class Numpy {
  private static final String SUFFIX = ".npy";

  private Numpy() {}

  // Reading.

  /// Reads a `.npy` file, `torch.from_numpy(numpy.load(path))`. Arrays in Fortran's order come with
  /// such strides, those of the other byte order in this machine's.
  ///
  /// @param path the file
  /// @return the tensor, on the CPU
  /// @throws IOException if it cannot be read, is no such file, or has elements that no tensor can
  ///   have
  public static Tensor load(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path)) {
      FileInput input = new FileInput(file, 0, file.size());
      return read(input);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException | TorchException e) {
      throw invalid(path, e);
    }
  }

  /// Reads a `.npz` file, compressed or not.
  ///
  /// @param path the file
  /// @return the tensors by name, on the CPU, in the order of the file
  /// @throws IOException if it cannot be read, is no such file, or has elements that no tensor can
  ///   have
  public static SequencedMap<String, Tensor> loadz(Path path) throws IOException {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    try (FileChannel file = FileChannel.open(path)) {
      ZipReader zip = new ZipReader(file);
      for (ZipReader.Entry entry : zip.entries().values()) {
        if (!entry.name().endsWith(SUFFIX)) {
          throw new IOException(
              "record '%s' is no array".formatted(PickleText.shortened(entry.name())));
        }
        String name = entry.name().substring(0, entry.name().length() - SUFFIX.length());
        tensors.put(name, read(file, zip, entry));
      }
      return tensors;
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException | TorchException e) {
      tensors.values().forEach(Tensor::close);
      throw invalid(path, e);
    }
  }

  private static IOException invalid(Path path, Exception cause) {
    return new IOException("%s cannot be loaded: %s".formatted(path, cause.getMessage()), cause);
  }

  private static Tensor read(FileChannel file, ZipReader zip, ZipReader.Entry entry)
      throws IOException {
    try {
      if (!entry.deflated()) {
        FileInput input = new FileInput(file, zip.position(entry), entry.bytes());
        Tensor tensor = read(input);
        input.expectEnd();
        zip.checkCrc(entry, input.crc);
        return tensor;
      }
      try (ZipReader.DeflatedInput input = zip.open(entry)) {
        CRC32 crc = new CRC32();
        long[] left = {entry.bytes()};
        Tensor tensor =
            read(
                new Input() {
                  @Override
                  public long left() {
                    return left[0];
                  }

                  @Override
                  public void read(MemorySegment target) throws IOException {
                    input.read(target, crc);
                    left[0] -= target.byteSize();
                  }
                });
        if (left[0] != 0) throw tooLong(left[0]);
        input.expectEnd();
        zip.checkCrc(entry, crc);
        return tensor;
      }
    } catch (IOException e) {
      throw new IOException("array '%s': %s".formatted(entry.name(), e.getMessage()), e);
    }
  }

  private static IOException tooLong(long bytes) {
    return new IOException("%d bytes follow its elements".formatted(bytes));
  }

  /// Bytes in order.
  private interface Input {
    long left();

    void read(MemorySegment target) throws IOException;
  }

  private static final class FileInput implements Input {
    private final FileChannel file;
    private final CRC32 crc = new CRC32();
    private long position;
    private long left;

    FileInput(FileChannel file, long position, long left) {
      this.file = file;
      this.position = position;
      this.left = left;
    }

    @Override
    public long left() {
      return left;
    }

    @Override
    public void read(MemorySegment target) throws IOException {
      FileBytes.read(file, position, target, crc);
      position += target.byteSize();
      left -= target.byteSize();
    }

    void expectEnd() throws IOException {
      if (left != 0) throw tooLong(left);
    }
  }

  private static Tensor read(Input input) throws IOException {
    NpyHeader header =
        NpyHeader.read(count -> {
          if (count > input.left()) throw new IOException("it ends within its header");
          byte[] bytes = new byte[count];
          input.read(MemorySegment.ofArray(bytes));
          return bytes;
        });
    long bytes = header.bytes();
    if (bytes > input.left()) {
      throw new IOException(
          "its shape and type want %d bytes, but %d follow".formatted(bytes, input.left()));
    }
    return Shapes.ordered(
        header.shape(),
        header.fortran(),
        sizes -> {
          Tensor tensor = Torch.empty(header.type().dtype().on(Device.CPU), sizes);
          if (bytes > 0) StorageMemory.use(tensor, memory -> fill(input, header, memory));
          return tensor;
        });
  }

  private static void fill(Input input, NpyHeader header, MemorySegment memory) throws IOException {
    input.read(memory);
    if (header.type().isSwapped()) ByteSwap.swap(memory, ByteSwap.unit(header.type().dtype()));
  }

  // Writing.

  /// Writes a tensor to a `.npy` file, `numpy.save(path, tensor.numpy())`. One whose first
  /// dimension runs fastest is written in Fortran's order, as numpy does.
  ///
  /// @param path the file, replaced if it exists
  /// @param tensor any dense tensor, of any device
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if numpy has no such dtype
  public static void save(Path path, Tensor tensor) throws IOException {
    try (Array array = new Array("the tensor", tensor)) {
      AtomicFile.write(
          path,
          file -> {
            FileBytes.write(file, MemorySegment.ofArray(array.header), null);
            FileBytes.write(file, array.elements, null);
          });
    }
  }

  /// Writes tensors to a `.npz` file, `numpy.savez(path, **tensors)`.
  ///
  /// @param path the file, replaced if it exists
  /// @param tensors dense tensors by name, of any device
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if numpy has no such dtype
  public static void savez(Path path, Map<String, Tensor> tensors) throws IOException {
    savez(path, tensors, false);
  }

  /// The same compressed, `numpy.savez_compressed(path, **tensors)`.
  ///
  /// @param path the file, replaced if it exists
  /// @param tensors dense tensors by name, of any device
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if numpy has no such dtype
  public static void savezCompressed(Path path, Map<String, Tensor> tensors) throws IOException {
    savez(path, tensors, true);
  }

  private static void savez(Path path, Map<String, Tensor> tensors, boolean compressed)
      throws IOException {
    tensors.forEach((name, tensor) -> checkType("tensor '%s'".formatted(name), tensor));
    AtomicFile.write(
        path,
        file -> {
          NpzWriter zip = new NpzWriter(file, compressed);
          for (var each : tensors.entrySet()) {
            try (Array array = new Array(each.getKey(), each.getValue())) {
              zip.write(each.getKey() + SUFFIX, array.header, array.elements);
            }
          }
          zip.finish();
        });
  }

  private static void checkType(String what, Tensor tensor) {
    DType dtype = tensor.dtype();
    if (NumpyTypes.name(dtype) == null) {
      throw new IllegalArgumentException(
          "%s has dtype %s, which numpy has not; convert it, as with to(DType.FLOAT32), or use Torch.save"
              .formatted(what, dtype));
    }
  }

  /// A tensor's header and elements, ready to be written.
  private static final class Array implements AutoCloseable {
    private final TensorScope scope = TensorScope.open();
    private final Arena arena = Arena.ofConfined();
    private final byte[] header;
    private final MemorySegment elements;

    Array(String what, Tensor tensor) {
      try (var mode = Torch.noGrad()) {
        checkType(what, tensor);
        long[] shape = tensor.shape();
        Tensor plain = tensor.detach().resolveConj().resolveNeg().to(Device.CPU);
        long[] reversed = new long[shape.length];
        for (int i = 0; i < shape.length; i++) reversed[i] = shape.length - 1L - i;
        Tensor turned = plain.permute(reversed);
        boolean fortran = !plain.isContiguous() && turned.isContiguous();
        header = NpyHeader.format(tensor.dtype(), fortran, shape);
        elements = (fortran ? turned : plain.contiguous()).data(arena);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    @Override
    public void close() {
      arena.close();
      scope.close();
    }
  }
}
