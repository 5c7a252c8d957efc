package dev.pantorch.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.CpuMemory;
import dev.pantorch.Device;
import dev.pantorch.DeviceType;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.internal.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files with random changes are read, or refused by an {@link IOException}; nothing else happens,
/// and no memory is taken that the file does not fill. A few thousand changes each time; millions
/// by
///
/// ```
/// mvn verify -P fuzz
/// ```
class FileFuzzTest {
  private static final long MUTATIONS = Long.getLong("pantorch.fuzz.mutations", 3000);

  private static final long SEED = Long.getLong("pantorch.fuzz.seed", 20_250_101);

  /// What a changed file of a few kilobytes may take.
  private static final long MEMORY = 256L << 20;

  private static final long[] INTERESTING = {
    0, 1, -1, 127, 128, 255, 65535, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, 1L << 40
  };

  @TempDir private Path folder;

  /// A file to change.
  ///
  /// @param rewrapped the records of an archive whose pickle is changed inside, so that checksums
  ///   are right; empty for the bytes as they are
  @SuppressWarnings("ArrayRecordComponent") // for this class only
  private record Seed(String name, byte[] bytes, Map<String, byte[]> rewrapped) {}

  @Test
  void should_read_or_refuse_any_change() throws IOException {
    List<Seed> seeds = seeds();
    Random random = new Random(SEED);
    Map<String, long[]> outcomes = new TreeMap<>();
    Path path = folder.resolve("fuzz");
    // What the index of a model in several files lists.
    for (int shard = 1; shard <= 3; shard++) {
      String name = "sharded-0000%d-of-00003.safetensors".formatted(shard);
      Files.copy(TestFiles.fixture("checkpoints/" + name), folder.resolve(name));
    }
    CpuMemory.setLimit(CpuMemory.memoryAllocated() + MEMORY);
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.READ)) {
      for (long i = 0; i < MUTATIONS; i++) {
        Seed seed = seeds.get((int) (i % seeds.size()));
        byte[] changed = write(file, seed, random);
        boolean read = check(path, seed, changed, i);
        outcomes.computeIfAbsent(kind(seed), _ -> new long[2])[read ? 0 : 1]++;
      }
    } finally {
      CpuMemory.setLimit(-1);
    }
    outcomes.forEach((kind, counts) ->
        System.out.printf(Locale.ROOT, "%s: %,d read, %,d refused%n", kind, counts[0], counts[1]));
    long total = outcomes.values().stream().mapToLong(counts -> counts[0] + counts[1]).sum();
    assertThat(total).isEqualTo(MUTATIONS);
    // Changes that are always refused, or never, would say nothing.
    assertThat(outcomes.values())
        .allMatch(counts -> counts[1] > 0 && (counts[0] > 0 || counts[1] < 80));
  }

  private static String kind(Seed seed) {
    String kind = seed.name.substring(seed.name.lastIndexOf('.') + 1);
    if (seed.name.endsWith("-legacy.pt")) return "pt, older format";
    return seed.rewrapped.isEmpty() ? kind : kind + ", pickle inside";
  }

  private static List<Seed> seeds() throws IOException {
    List<Seed> seeds = new ArrayList<>();
    try (var files = Files.list(TestFiles.fixture("checkpoints"))) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length > 20_000 || name.startsWith("trained")) continue;
        seeds.add(new Seed(name, bytes, Map.of()));
        if (name.endsWith(".pt") && bytes[0] == 'P') {
          Map<String, byte[]> records = new LinkedHashMap<>();
          try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
              records.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
          }
          seeds.add(new Seed(name, bytes, records));
        }
      }
    }
    assertThat(seeds).hasSizeGreaterThan(40);
    return seeds;
  }

  /// Writes a changed seed over the file.
  private static byte[] write(FileChannel file, Seed seed, Random random) throws IOException {
    file.truncate(0);
    file.position(0);
    byte[] changed;
    if (seed.rewrapped.isEmpty()) {
      changed = change(seed.bytes, random);
      FileBytes.write(file, ByteBuffer.wrap(changed));
      return changed;
    }
    ZipWriter zip = new ZipWriter(file);
    changed = new byte[0];
    for (var record : seed.rewrapped.entrySet()) {
      byte[] bytes = record.getValue();
      if (record.getKey().endsWith("data.pkl")) {
        changed = change(bytes, random);
        bytes = changed;
      }
      zip.write(record.getKey(), bytes);
    }
    zip.finish();
    return changed;
  }

  private static byte[] change(byte[] bytes, Random random) {
    byte[] changed = bytes.clone();
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times && changed.length > 8; i++) {
      int at = random.nextInt(changed.length);
      int length = Math.min(changed.length - at, 1 + random.nextInt(8));
      ByteBuffer buffer = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
      long value = INTERESTING[random.nextInt(INTERESTING.length)];
      switch (random.nextInt(8)) {
        case 0 -> changed[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> changed[at] = (byte) random.nextInt(256);
        case 2 -> changed[at] = (byte) value;
        case 3 -> {
          if (at + 4 <= changed.length) buffer.putInt(at, (int) value);
        }
        case 4 -> {
          if (at + 8 <= changed.length) buffer.putLong(at, value);
        }
        case 5 -> changed = Arrays.copyOf(changed, at);
        case 6 -> {
          int from = random.nextInt(changed.length - length + 1);
          System.arraycopy(bytes, Math.min(from, bytes.length - length), changed, at, length);
        }
        default -> {
          byte[] shifted = new byte[changed.length + length];
          System.arraycopy(changed, 0, shifted, 0, at);
          System.arraycopy(changed, at, shifted, at + length, changed.length - at);
          changed = shifted;
        }
      }
    }
    return changed;
  }

  /// Reads the file; true if it could be read.
  private boolean check(Path path, Seed seed, byte[] changed, long number) throws IOException {
    Path named = path;
    try (var scope = TensorScope.open()) {
      use(load(named, seed.name));
      return true;
    } catch (IOException e) {
      assertThat(e.getMessage()).isNotBlank();
      return false;
    } catch (Throwable e) {
      Path kept = Files.write(Path.of("target/fuzz-" + number), changed);
      throw new AssertionError(
          "change %d of %s (%s, kept as %s)".formatted(number, seed.name, kind(seed), kept), e);
    }
  }

  private static Object load(Path path, String name) throws IOException {
    if (name.endsWith(".npy")) return Numpy.load(path);
    if (name.endsWith(".npz")) return Numpy.loadz(path);
    if (name.endsWith(".safetensors")) return Safetensors.load(path);
    if (name.endsWith(".json")) {
      Path index = path.resolveSibling("fuzz.safetensors.index.json");
      Files.write(index, Files.readAllBytes(path));
      return Safetensors.load(index);
    }
    return Torch.load(path, o -> o.mapLocation(Device.CPU).maxValues(100_000));
  }

  /// Touches all memory that a loaded tensor says it has.
  private static void use(Object value) throws IOException {
    Object inside = value instanceof Checkpoint checkpoint ? checkpoint.value() : value;
    for (Tensor tensor : ValueWalk.tensors(inside)) {
      if (tensor.device().type() == DeviceType.META || tensor.numel() > 100_000) continue;
      if (tensor.isQuantized()) {
        tensor.intRepr(); // clone() does not know every scheme
      } else if (tensor.layout() == Layout.STRIDED) {
        tensor.detach().clone(null);
      } else {
        assertThat(tensor.detach().clone(null).toString()).isNotEmpty();
      }
    }
  }
}
