package dev.pantorch.io;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Files that want to do harm get a clear answer, and no memory.
class HostileCheckpointTest {
  private static final String STORAGE =
      "(X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\0000X\u0003\0\0\0cpuK%ctQ";

  @TempDir private Path folder;

  /// Pickles in Latin-1, without their protocol and their stop.
  @TestFactory
  Stream<DynamicTest> should_refuse_pickles_that_lie() {
    Map<String, String> pickles = new LinkedHashMap<>();
    pickles.put("cposix\nsystem\n(X\u0002\0\0\0lstR", "the pickle names posix.system");
    pickles.put("c__builtin__\neval\n(X\u0001\0\0\0001tR", "the pickle names builtins.eval");
    pickles.put("ctorch._utils\n_import_dotted_name\n", "the pickle names torch._utils._import");
    pickles.put("ctorch\nload\n", "the pickle names torch.load");
    pickles.put("(ios\nsystem\n", "it makes an object of a class in a way only old programs do");
    pickles.put("ctorch\nFloatStorage\n", "a StorageClass is a value in it");
    pickles.put("ctorch\nSize\n", "torch.Size itself is a value in it");
    pickles.put(storage(2), "a storage is a value in it; save the tensor in its place");
    pickles.put(storage(9), "the pickle wants 36 bytes of storage '0', which has 8");
    pickles.put("X\u0001\0\0\0001Q", "what the pickle refers to outside of it is no storage");
    pickles.put(
        tensor(2, "K\u0000", "K\u0003\u0085", "K\u0001\u0085"),
        "a tensor of torch.float32 with sizes [3], strides [1] and offset 0 does not lie in its"
            + " storage of 8 bytes");
    pickles.put(
        tensor(2, "K\u0001", "K\u0002\u0085", "K\u0001\u0085"), "does not lie in its storage");
    pickles.put(
        tensor(2, "J\u00ff\u00ff\u00ff\u00ff", "K\u0001\u0085", "K\u0001\u0085"),
        "does not lie in its storage");
    pickles.put(
        tensor(2, "K\0", "K\u0002\u0085", "J\u00ff\u00ff\u00ff\u00ff\u0085"), "a size is -1");
    pickles.put(
        tensor(2, "K\0", "\u008a\u0008\0\0\0\0\0\0\0@\u0085", "K\0\u0085"),
        "shape [4611686018427387904] is more than there can be");
    pickles.put(
        tensor(2, "K\0", "K\u0001K\u0001\u0086", "K\u0001\u0085"),
        "a tensor has the sizes [1, 1] and the strides [1]");
    pickles.put("]q\0h\0a", "a container of it contains itself");
    pickles.put("}q\0X\u0001\0\0\0ah\0s", "a container of it contains itself");
    pickles.put("]".repeat(1500) + "a".repeat(1499), "its containers are nested more than 1000");
    pickles.put("K\u0001" + "\u0085".repeat(1500), "its containers are nested more than 1000");
    pickles.put(bomb(), "its containers share each other so often that nobody can list them");
    pickles.put("}]K\u0001s", "a ArrayList is a key");
    pickles.put(
        "}K\u0001" + "\u0085".repeat(60) + "K\u0001s",
        "a key is a tuple of tuples that is too deep");
    pickles.put("h\u0005", "it recalls value 5, which it never kept");
    pickles.put("K\u0001K\u0002", "it ends with 2 values instead of one");
    pickles.put("t", "its stack has no mark");
    pickles.put("0", "its stack is empty");
    pickles.put("(K\u0001", "it ends with 1 values instead of one");
    pickles.put("X\u00ff\u00ff\u00ff\u007fabc", "the pickle wants 2147483647 bytes at byte");
    pickles.put("X\u0001\0\0\0\u00ff", "a text is no valid UTF-8");
    pickles.put("\u00ee", "there is no opcode 0xee");
    pickles.put("K", "the pickle ends at byte");
    pickles.put("L" + "9".repeat(5000) + "L\n", "is no integer");
    pickles.put("N".repeat(200_000) + "K\u0001", "its pickle makes more than 100000 values");
    return pickles.entrySet().stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.getValue(), () -> assertRefused(each.getKey(), each.getValue())));
  }

  private static String storage(int count) {
    return STORAGE.replace("%c", String.valueOf((char) count));
  }

  private static String tensor(int count, String offset, String sizes, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n("
        + storage(count)
        + offset
        + sizes
        + strides
        + "\u0089}tR";
  }

  /// Each list has the one before it twice: 2^60 values in a few hundred bytes.
  private static String bomb() {
    StringBuilder text = new StringBuilder("]q\0");
    for (char i = 0; i < 60; i++)
      text.append("](h").append(i).append('h').append(i).append("eq").append((char) (i + 1));
    return "(" + text + "l";
  }

  private void assertRefused(String pickle, String message) throws IOException {
    assertThatThrownBy(() -> Torch.load(zip(pickle), o -> o.maxValues(100_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(" cannot be loaded: ")
        .hasMessageContaining(message);
  }

  private Path zip(String pickle) throws IOException {
    Path path = folder.resolve("bad.pt");
    try (FileChannel file =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ZipWriter zip = new ZipWriter(file);
      byte[] program = ("\u0080\u0002" + pickle + ".").getBytes(StandardCharsets.ISO_8859_1);
      // Without its stop where the pickle is to be cut off.
      zip.write("bad/data.pkl", pickle.equals("K") ? new byte[] {'K'} : program);
      zip.write("bad/data/0", new byte[8]);
      zip.write("bad/version", new byte[] {'3', '\n'});
      zip.finish();
    }
    return path;
  }

  @Test
  void should_read_what_is_odd_but_right() throws IOException {
    assertThat(Torch.load(zip("(lp0\nI01\naI00\naL12L\naF1.5\naS'a\\nb'\naV\\u00e9\na")).value())
        .isEqualTo(List.of(true, false, 12, 1.5, "a\nb", "é"));
    Tensor x =
        (Tensor)
            requireNonNull(
                Torch.load(zip(tensor(2, "K\0", "K\u0002\u0085", "K\u0001\u0085"))).value());
    assertThat(x.shape()).containsExactly(2);
  }

  @Test
  void should_refuse_archives_that_lie() throws IOException {
    byte[] good = Files.readAllBytes(zip("K\u0001"));
    int directory = indexOf(good, 0x02014b50);

    assertFile(edit(good, b -> b.put(64, (byte) 0)), "record 'bad/data.pkl' has the checksum");
    assertFile(
        edit(good, b -> b.putInt(directory + 24, 1 << 30)), "is said to have 1073741824 bytes");
    assertFile(
        edit(good, b -> b.putInt(directory + 20, 1 << 30).putInt(directory + 24, 1 << 30)),
        "record 'bad/data.pkl' is said to have 1073741824 bytes where");
    assertFile(
        edit(good, b -> b.putShort(directory + 10, (short) 8).putInt(directory + 24, 1 << 30)),
        "compressed to 5, which cannot be");
    assertFile(edit(good, b -> b.putShort(directory + 8, (short) 1)), "is encrypted");
    assertFile(edit(good, b -> b.putShort(directory + 10, (short) 12)), "by method 12");
    assertFile(Arrays.copyOf(good, good.length - 30), "it was probably cut off");
    assertFile(edit(good, b -> b.put(34, (byte) 'X')), "there is no record 'bad/data.pkl' at 0");
  }

  @Test
  void should_refuse_two_records_of_one_name_and_records_that_share_bytes() throws IOException {
    Path path = folder.resolve("twice.pt");
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      ZipWriter zip = new ZipWriter(file);
      zip.write("x/data.pkl", new byte[] {'N', '.'});
      zip.write("x/data.pkl", new byte[] {'N', '.'});
      zip.finish();
    }
    assertThatThrownBy(() -> Torch.load(path))
        .hasMessage(path + " cannot be loaded: record 'x/data.pkl' is there twice");

    byte[] good = Files.readAllBytes(zip("K\u0001"));
    int first = indexOf(good, 0x02014b50);
    int second = indexOf(good, first + 1, 0x02014b50);
    assertFile(edit(good, b -> b.putInt(second + 42, 0)), "bytes where 0 are");
  }

  @Test
  void should_read_compressed_records_and_no_bombs() throws IOException {
    Path path = folder.resolve("deflated.pt");
    try (var zip = new ZipOutputStream(Files.newOutputStream(path))) {
      zip.putNextEntry(new ZipEntry("x/data.pkl"));
      zip.write("N.".getBytes(StandardCharsets.US_ASCII));
    }
    assertThat(Torch.load(path).value()).isNull();
  }

  @Test
  void should_explain_other_formats() throws IOException {
    assertFile(new byte[3], "it has 3 bytes, too few for any format");
    assertFile(new byte[1000], "it is neither a zip archive nor in PyTorch's older format");
    byte[] tar = new byte[1024];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    assertFile(tar, "it is in the tar format that PyTorch wrote before 0.1.10");
    ByteArrayOutputStream script = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(script)) {
      zip.putNextEntry(new ZipEntry("m/constants.pkl"));
    }
    assertFile(script.toByteArray(), "it is a TorchScript archive");
  }

  private void assertFile(byte[] bytes, String message) throws IOException {
    Path path = Files.write(folder.resolve("edited.pt"), bytes);
    assertThatThrownBy(() -> Torch.load(path))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(path + " cannot be loaded: ")
        .hasMessageContaining(message);
  }

  private interface Edit {
    void apply(ByteBuffer bytes);
  }

  private static byte[] edit(byte[] bytes, Edit edit) {
    byte[] copy = bytes.clone();
    edit.apply(ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN));
    return copy;
  }

  private static int indexOf(byte[] bytes, int signature) {
    return indexOf(bytes, 0, signature);
  }

  private static int indexOf(byte[] bytes, int from, int signature) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i <= bytes.length - 4; i++) {
      if (buffer.getInt(i) == signature) return i;
    }
    throw new AssertionError("no signature");
  }
}
