package dev.pantorch.io;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Files that Python wrote, read here to the last bit, and written again as Python would.
/// tests/python/checkpoints.py makes them.
class CheckpointParityTest {
  private static final JsonNode FILES = TestFiles.checkpoints();

  @TempDir private Path folder;

  private static Path file(String name) {
    return TestFiles.fixture("checkpoints/" + name + ".pt");
  }

  private static Stream<Map.Entry<String, JsonNode>> files(String field) {
    return FILES.properties().stream().filter(each -> each.getValue().has(field));
  }

  @TestFactory
  Stream<DynamicTest> should_read_what_python_wrote() {
    return files("value")
        .filter(each -> each.getValue().get("file").asText().endsWith(".pt"))
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey(), () -> check(each.getKey(), each.getValue().get("value"))));
  }

  private void check(String name, JsonNode expected) throws IOException {
    Path ours = folder.resolve(name + ".pt");
    boolean zip = !name.endsWith("-legacy");
    try (var scope = TensorScope.open()) {
      Object value = Torch.load(file(name)).value();
      assertSame(value, expected);
      Torch.save(value, ours, o -> o.useNewZipfileSerialization(zip));
      assertSame(Torch.load(ours).value(), expected);
      assertSame(Torch.load(ours, o -> o.mmap(true)).value(), expected);
    }
  }

  /// As texts: JSON makes no difference between ints and longs, Jackson does.
  private static void assertSame(@Nullable Object value, JsonNode expected) {
    assertThat(ValueText.describe(value).toString()).isEqualTo(expected.toString());
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_what_is_no_value_by_its_name() {
    return files("names")
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey(),
                () ->
                    assertThatThrownBy(() -> Torch.load(file(each.getKey())))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(
                            "cannot be loaded: the pickle names %s, which is neither tensor,"
                                + " container nor number.",
                            each.getValue().get("names").asText())));
  }

  @Test
  void should_write_the_pickle_that_python_wrote() throws IOException {
    for (String name : new String[] {"state-dict", "optimizer", "dtypes", "views", "tensor"}) {
      Path ours = folder.resolve(name + ".pt");
      try (var scope = TensorScope.open()) {
        Torch.save(Torch.load(file(name)).value(), ours);
      }
      try (ZipFile java = new ZipFile(ours.toFile());
          ZipFile python = new ZipFile(file(name).toFile())) {
        String folder = name + "/";
        assertThat(java.stream().map(Object::toString))
            .isEqualTo(python.stream().map(Object::toString).toList());
        for (String record : new String[] {"data.pkl", "byteorder", "version", "data/0"}) {
          if (java.getEntry(folder + record) == null) continue;
          assertThat(java.getInputStream(java.getEntry(folder + record)))
              .as(name + "/" + record)
              .hasSameContentAs(python.getInputStream(python.getEntry(folder + record)));
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> should_read_arrays_that_numpy_wrote() {
    return files("value")
        .filter(each -> each.getValue().get("file").asText().matches(".*np[yz]"))
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey(), () -> checkNumpy(each.getKey(), each.getValue())));
  }

  private void checkNumpy(String name, JsonNode expected) throws IOException {
    String file = expected.get("file").asText();
    Path python = TestFiles.fixture("checkpoints/" + file);
    Path java = folder.resolve(file);
    try (var scope = TensorScope.open()) {
      if (file.endsWith(".npy")) {
        Tensor tensor = Numpy.load(python);
        assertSame(tensor, expected.get("value"));
        Numpy.save(java, tensor);
      } else {
        Map<String, Tensor> tensors = Numpy.loadz(python);
        Map<String, Tensor> listed = new LinkedHashMap<>(tensors);
        listed.remove("many"); // too many to be written out
        assertSame(listed, expected.get("value"));
        if (name.equals("npz-compressed")) {
          assertThat(requireNonNull(tensors.get("many"))).hasShape(100, 1000);
          Numpy.savezCompressed(java, tensors);
          assertThat(Files.size(java)).isLessThan(8000);
          assertSame(
              new LinkedHashMap<>(Numpy.loadz(java)),
              ValueText.describe(new LinkedHashMap<>(tensors)));
          return;
        }
        Numpy.savez(java, tensors);
      }
    }
    // In another byte order or version there is nothing to write here.
    if (name.startsWith("npy-big") || name.startsWith("npy-version")) return;
    assertThat(java).hasSameBinaryContentAs(python);
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_arrays_that_are_no_tensors() {
    return files("refused")
        .map(each ->
            DynamicTest.dynamicTest(
                each.getKey(),
                () ->
                    assertThatThrownBy(() ->
                            Numpy.load(
                                TestFiles.fixture(
                                    "checkpoints/" + each.getValue().get("file").asText())))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining(
                            "cannot be loaded: " + each.getValue().get("refused").asText())));
  }

  @Test
  void should_read_and_write_a_model_in_several_files() throws IOException {
    Path index = TestFiles.fixture("checkpoints/sharded.safetensors.index.json");
    Path ours = folder.resolve("sharded.safetensors.index.json");
    JsonNode expected = FILES.get("sharded").get("value");
    try (var scope = TensorScope.open()) {
      Map<String, Tensor> tensors = Safetensors.load(index);
      assertSame(new LinkedHashMap<>(tensors), expected);
      assertThat(Safetensors.map(index).keySet()).isEqualTo(tensors.keySet());

      Safetensors.saveSharded(ours, tensors, 64, Map.of("format", "pt"));
    }
    List<String> names =
        List.of(
            "sharded.safetensors.index.json",
            "sharded-00001-of-00003.safetensors",
            "sharded-00002-of-00003.safetensors",
            "sharded-00003-of-00003.safetensors");
    for (String name : names) {
      assertThat(folder.resolve(name)).hasSameBinaryContentAs(index.resolveSibling(name));
    }
  }

  @Test
  void should_put_tensors_where_the_program_wants_them() throws IOException {
    Path path = file("from-cuda");

    for (Checkpoint read :
        List.of(
            Torch.load(path, o -> o.mapLocation(Device.CPU)),
            Torch.load(path, o -> o.mapLocation(Map.of("cuda:1", "cpu", "cuda:0", "cuda:1"))),
            Torch.load(path, o -> o.mapLocation(name -> name.equals("cuda:1") ? Device.CPU : null)),
            Torch.load(path, o -> o.mapLocation(Device.CPU).mmap(true)))) {
      assertThat(read.tensor("x")).isOn(Device.CPU).hasValues(0, 1, 2);
    }
    assertThat(Torch.load(path, o -> o.mapLocation(Device.META)).tensor("x"))
        .isOn(Device.META)
        .hasShape(3);
  }

  @Test
  void should_say_what_to_do_where_a_device_is_missing() {
    assumeThat(Torch.cuda().isAvailable()).isFalse();

    assertThatThrownBy(() -> Torch.load(file("from-cuda")))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "Attempting to deserialize object on a CUDA device but Torch.cuda().isAvailable() is"
                + " false. If you are running on a CPU-only machine, please use Torch.load(path, o"
                + " -> o.mapLocation(Device.CPU)) to map your storages to the CPU.");
  }
}
