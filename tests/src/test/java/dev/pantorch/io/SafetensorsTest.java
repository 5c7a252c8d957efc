package dev.pantorch.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.LSTM;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Files of Python's come back byte for byte, and no file that lies is believed.
class SafetensorsTest {
  @TempDir private Path folder;

  @Test
  void should_write_the_bytes_that_python_wrote() throws IOException, URISyntaxException {
    for (String name : new String[] {"training", "layers", "indexing"}) {
      var resource = requireNonNull(getClass().getResource("/fixtures/" + name + ".safetensors"));
      Path python = Path.of(resource.toURI());
      Path java = folder.resolve(name);
      try (var scope = TensorScope.open()) {
        Safetensors.save(java, Safetensors.load(python));
      }

      assertThat(Files.mismatch(python, java)).as(name).isEqualTo(-1);
    }
  }

  @Test
  @SuppressWarnings("MisleadingEscapedSpace") // the header is padded with spaces
  void should_lay_every_dtype_out_as_python_does() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z", Torch.zeros(2, 3));
    tensors.put("b", Torch.zeros(DType.FLOAT64, 2));
    tensors.put("a", Torch.zeros(DType.INT64));
    tensors.put("u", Torch.zeros(DType.UINT8, 3));
    tensors.put("o", Torch.zeros(DType.BOOL, 3));
    tensors.put("e", Torch.zeros(0, 3));
    tensors.put("h", Torch.zeros(DType.FLOAT16, 2));
    tensors.put("bf", Torch.zeros(DType.BFLOAT16, 2));
    tensors.put("i16", Torch.zeros(DType.INT16, 2));
    tensors.put("i8", Torch.zeros(DType.INT8, 2));
    tensors.put("c", Torch.zeros(DType.COMPLEX64, 2));
    tensors.put("i32", Torch.zeros(DType.INT32, 1));
    tensors.put("u32", Torch.zeros(DType.UINT32, 1));
    Path path = folder.resolve("dtypes");

    Safetensors.save(path, tensors, Map.of("k", "v"));

    // printed by safetensors 0.8.0 for the same tensors
    String header =
        """
        {"__metadata__":{"k":"v"},\
        "a":{"dtype":"I64","shape":[],"data_offsets":[0,8]},\
        "b":{"dtype":"F64","shape":[2],"data_offsets":[8,24]},\
        "c":{"dtype":"C64","shape":[2],"data_offsets":[24,40]},\
        "e":{"dtype":"F32","shape":[0,3],"data_offsets":[40,40]},\
        "z":{"dtype":"F32","shape":[2,3],"data_offsets":[40,64]},\
        "u32":{"dtype":"U32","shape":[1],"data_offsets":[64,68]},\
        "i32":{"dtype":"I32","shape":[1],"data_offsets":[68,72]},\
        "bf":{"dtype":"BF16","shape":[2],"data_offsets":[72,76]},\
        "h":{"dtype":"F16","shape":[2],"data_offsets":[76,80]},\
        "i16":{"dtype":"I16","shape":[2],"data_offsets":[80,84]},\
        "i8":{"dtype":"I8","shape":[2],"data_offsets":[84,86]},\
        "u":{"dtype":"U8","shape":[3],"data_offsets":[86,89]},\
        "o":{"dtype":"BOOL","shape":[3],"data_offsets":[89,92]}}\
        """
            + " ".repeat(3);
    assertThat(Files.readAllBytes(path)).isEqualTo(file(header, new byte[92]));
    assertThat(Safetensors.metadata(path)).containsExactly(Map.entry("k", "v"));
    Map<String, Tensor> loaded = Safetensors.load(path);
    assertThat(loaded.keySet()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach((name, tensor) -> {
      Tensor same = requireNonNull(loaded.get(name));
      assertThat(same.dtype()).as(name).isEqualTo(tensor.dtype());
      assertThat(same.shape()).as(name).isEqualTo(tensor.shape());
    });
  }

  @Test
  void should_write_tensors_as_they_are_read_whatever_their_memory() throws IOException {
    Tensor matrix = Torch.arange(6).reshape(2, 3);
    Tensor complex = Torch.tensor(DType.COMPLEX64, new Complex(1, 2)).conj();
    Path path = folder.resolve("views");

    Safetensors.save(
        path,
        Map.of(
            "transposed", matrix.t(),
            "expanded", Torch.ones(1).expand(4),
            "conjugate", complex,
            "trained", Torch.ones(2).requiresGrad_()));
    Map<String, Tensor> loaded = Safetensors.load(path);

    assertThat(requireNonNull(loaded.get("transposed")).equal(matrix.t())).isTrue();
    assertThat(requireNonNull(loaded.get("expanded")).equal(Torch.ones(4))).isTrue();
    assertThat(requireNonNull(loaded.get("conjugate")).itemComplex()).isEqualTo(new Complex(1, -2));
    assertThat(requireNonNull(loaded.get("trained")).requiresGrad()).isFalse();
  }

  @Test
  void should_restore_a_module() throws IOException {
    LSTM saved = new LSTM(3, 4, o -> o.numLayers(2));
    LSTM restored = new LSTM(3, 4, o -> o.numLayers(2));
    Path path = folder.resolve("model.safetensors");

    Safetensors.save(path, saved.stateDict());
    restored.loadStateDict(Safetensors.load(path));

    Tensor x = Torch.randn(5, 1, 3);
    assertThat(restored.forward(x).output().equal(saved.forward(x).output())).isTrue();
  }

  @Test
  void should_map_tensors_without_writing_to_the_file() throws IOException {
    Path path = folder.resolve("mapped");
    Tensor values = Torch.randn(1000);
    Safetensors.save(
        path, Map.of("values", values, "scalar", Torch.tensor(2.5), "none", Torch.zeros(0, 2)));
    byte[] before = Files.readAllBytes(path);

    Map<String, Tensor> mapped = Safetensors.map(path);
    Tensor same = requireNonNull(mapped.get("values"));
    assertThat(same.equal(values)).isTrue();
    assertThat(requireNonNull(mapped.get("scalar")).shape()).isEmpty();
    assertThat(requireNonNull(mapped.get("scalar")).item()).isEqualTo(2.5);
    assertThat(requireNonNull(mapped.get("none")).shape()).containsExactly(0, 2);
    same.zero_();

    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    Safetensors.save(path, Map.of("values", Torch.ones(1)));
    assertThat(same.equal(Torch.zeros(1000))).as("the old file lives on for the map").isTrue();
  }

  @Test
  void should_copy_mapped_tensors_that_are_not_aligned() throws IOException {
    // A header that is not padded, which other writers may leave so.
    byte[] bytes =
        file("{\"x\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}", bits(1.5));
    assertThat((bytes.length - 8) % 8).isNotZero();
    Path path = Files.write(folder.resolve("unaligned"), bytes);

    assertThat(requireNonNull(Safetensors.map(path).get("x")).item()).isEqualTo(1.5);
    assertThat(requireNonNull(Safetensors.load(path).get("x")).item()).isEqualTo(1.5);
  }

  @Test
  void should_leave_the_old_file_where_saving_fails() throws IOException {
    Path path = folder.resolve("kept");
    Safetensors.save(path, Map.of("x", Torch.ones(1)));
    byte[] before = Files.readAllBytes(path);

    assertThatThrownBy(() -> Safetensors.save(path, Map.of("x", Torch.zeros(DType.COMPLEX128, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tensor 'x' has dtype torch.complex128, for which safetensors has no name");
    Tensor closed = Torch.ones(1);
    closed.close();
    assertThatThrownBy(() -> Safetensors.save(path, Map.of("x", closed)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(
            () -> Safetensors.save(folder.resolve("no/where"), Map.of("x", Torch.ones(1))))
        .isInstanceOf(NoSuchFileException.class);

    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such modes")
  void should_let_others_read_what_new_files_let_them_read() throws IOException {
    Path path = folder.resolve("shared");
    Safetensors.save(path, Map.of("x", Torch.ones(1)));
    Path plain = Files.write(folder.resolve("plain"), new byte[1]);

    assertThat(Files.getAttribute(path, "unix:mode"))
        .isEqualTo(Files.getAttribute(plain, "unix:mode"));
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_files_that_are_not_what_they_say() {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("", "the header is no JSON object");
    headers.put("[1]", "the header is no JSON object");
    headers.put(
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} {}",
        "text follows the header's JSON");
    headers.put("{\"x\":1}", "tensor 'x' is described by no object");
    headers.put("{\"__metadata__\":1}", "__metadata__ is no object");
    headers.put("{\"__metadata__\":{\"k\":1}}", "__metadata__ 'k' is no text");
    headers.put(entry("\"F33\"", "[2]", "[0,8]"), "tensor 'x' has dtype 'F33'; known are ");
    headers.put(entry("7", "[2]", "[0,8]"), "tensor 'x' has a dtype that is no text");
    headers.put(entry("\"F32\"", "2", "[0,8]"), "tensor 'x' has a shape that is no list");
    headers.put(
        entry("\"F32\"", "[2.0]", "[0,8]"),
        "tensor 'x' has a shape that has something else than whole numbers");
    headers.put(entry("\"F32\"", "[-2]", "[0,8]"), "tensor 'x' has a shape that has -2 in it");
    headers.put(
        entry("\"F32\"", "[99999999999999999999]", "[0,8]"),
        "tensor 'x' has a shape that has 99999999999999999999 in it");
    headers.put(
        entry("\"F32\"", "[4611686018427387904,4]", "[0,8]"),
        "tensor 'x' has shape [4611686018427387904, 4], which is more than there can be");
    headers.put(
        entry("\"F32\"", "[3]", "[0,8]"),
        "tensor 'x' has 8 bytes; its dtype and shape [3] want 12");
    headers.put(
        entry("\"F32\"", "[2]", "[8,0]"),
        "tensor 'x' has data_offsets [8, 0]; expected begin and end");
    headers.put(
        entry("\"F32\"", "[2]", "[0]"), "tensor 'x' has data_offsets [0]; expected begin and end");
    headers.put(
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "tensor 'x' lacks one of dtype, shape and data_offsets");
    headers.put(
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"more\":1}}",
        "tensor 'x' has an unknown field 'more'");
    headers.put(
        entry("\"F32\"", "[1]", "[4,8]"),
        "tensor 'x' begins at 4, but the one before it ends at 0");
    headers.put(
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "tensor 'y' begins at 4, but the one before it ends at 8");
    headers.put(
        entry("\"F32\"", "[3]", "[0,12]"), "the tensors have 12 bytes, but 8 follow the header");
    headers.put("{}", "the tensors have 0 bytes, but 8 follow the header");
    headers.put(
        "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"x\":{}}",
        "the header is no valid JSON: Duplicate field 'x'");
    headers.put("{\"x\":", "the header is no valid JSON: Unexpected end-of-input");
    return headers.entrySet().stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.getValue(),
                () -> assertRefused(file(each.getKey(), new byte[8]), each.getValue())));
  }

  private void assertRefused(byte[] bytes, String why) throws IOException {
    Path path = Files.write(folder.resolve("bad"), bytes);
    String message = path + " is no valid safetensors file: " + why;

    assertThatThrownBy(() -> Safetensors.load(path))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
    assertThatThrownBy(() -> Safetensors.map(path))
        .isExactlyInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void should_refuse_lengths_that_cannot_be() throws IOException {
    assertRefused(new byte[7], "it has 7 bytes, less than the length of a header");
    byte[] negative = new byte[16];
    Arrays.fill(negative, 0, 8, (byte) 0xff);
    assertRefused(
        negative, "its header has a length of 18446744073709551615 bytes; at most 8 are possible");
    byte[] beyond = new byte[16];
    beyond[0] = 9;
    assertRefused(beyond, "its header has a length of 9 bytes; at most 8 are possible");
  }

  @Test
  void should_refuse_or_read_a_damaged_file_but_nothing_worse() throws IOException {
    Path good = folder.resolve("good");
    Safetensors.save(good, Map.of("x", Torch.arange(4), "y", Torch.ones(2, 2)), Map.of("k", "v"));
    byte[] bytes = Files.readAllBytes(good);
    Path path = folder.resolve("damaged");
    Random random = new Random(1);
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged =
          Arrays.copyOf(bytes, i % 3 == 0 ? random.nextInt(bytes.length) : bytes.length);
      for (int j = 0; j < 2 && damaged.length > 0; j++) {
        damaged[random.nextInt(Math.min(damaged.length, 150))] = (byte) random.nextInt(256);
      }
      Files.write(path, damaged);
      try (var scope = TensorScope.open()) {
        Safetensors.load(path);
      } catch (IOException e) {
        assertThat(e).hasMessageStartingWith(path + " is no valid safetensors file: ");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(300);
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":%s,\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(dtype, shape, offsets);
  }

  private static byte[] bits(double value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array();
  }

  private static byte[] file(String header, byte[] data) {
    byte[] json = header.getBytes(UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }
}
