package dev.pantorch.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Files that Python wrote, read here to the last bit, and written again as Python would.
class CheckpointParityTest {
  private static final JsonNode FILES = files();

  @TempDir private Path folder;

  private static JsonNode files() {
    try {
      return new ObjectMapper().readTree(TestFiles.fixture("checkpoints.json").toFile());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Path file(String name) {
    return TestFiles.fixture("checkpoints/" + name + ".pt");
  }

  private static Stream<Map.Entry<String, JsonNode>> files(String field) {
    return FILES.properties().stream().filter(each -> each.getValue().has(field));
  }

  @TestFactory
  Stream<DynamicTest> should_read_what_python_wrote() {
    return files("value")
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
  private static void assertSame(Object value, JsonNode expected) {
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
}
