package dev.pantorch.core;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Libraries of custom operators, which the native tests build (native/test/library).
class CustomLibraryTest {
  @TempDir private Path folder;

  private static Path library(String name) {
    Path built = Path.of("../native/target/cmake/native/test/library", System.mapLibraryName(name));
    assumeThat(built).as("the native tests are built").exists();
    return built;
  }

  private static boolean linux() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");
  }

  @Test
  void should_call_operators_of_a_library() throws IOException {
    Torch.loadLibrary(library("pantorch_custom_ops"));
    Tensor x = Torch.tensor(new float[] {1, 2});
    Tensor y = Torch.tensor(new float[] {10, 20});
    Operator scaleAdd = Torch.op("pantorch_test::scale_add");
    assertThat(scaleAdd.schema())
        .isEqualTo("pantorch_test::scale_add(Tensor x, Tensor y, *, float scale=2.) -> Tensor");
    assertThat(scaleAdd.callTensor(x, y)).hasValues(12, 24);
    assertThat((Tensor) scaleAdd.call(List.of(x, y), Map.of("scale", 3)).getFirst())
        .hasValues(13, 26);
    assertThatThrownBy(() -> scaleAdd.callTensor(x, Torch.ones(3)))
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("scale_add: x is [2], but y is [3]");
  }

  @Test
  void should_load_a_library_once() throws IOException {
    Path library = library("pantorch_custom_ops");
    Torch.loadLibrary(library);
    Torch.loadLibrary(library);
    Path copy = Files.copy(library, folder.resolve("copy.so"));
    Torch.loadLibrary(copy);
    assertThat(Torch.op("pantorch_test::scale_add").callTensor(Torch.ones(1), Torch.ones(1)))
        .hasValues(3);
  }

  @Test
  void should_refuse_another_version_of_a_loaded_library() throws IOException {
    assumeThat(linux()).as("the symbols of ELF tell").isTrue();
    Path library = library("pantorch_custom_ops");
    Path again = library("pantorch_custom_ops_again");
    Torch.loadLibrary(library);
    assertThatThrownBy(() -> Torch.loadLibrary(again))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "%s cannot be loaded: it defines the operators of 'pantorch_test', which %s has defined already; a process loads one version of a library, so restart it for another, or use TORCH_LIBRARY_FRAGMENT for several parts"
                .formatted(again, library));
  }

  @Test
  void should_say_what_a_library_lacks() {
    assumeThat(linux()).as("the dynamic linker's words").isTrue();
    Path library = library("pantorch_unresolved_ops");
    assertThatThrownBy(() -> Torch.loadLibrary(library))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "%s cannot be loaded: %s: undefined symbol: _ZN3c1016of_no_such_buildEv; it was built with another version of libtorch: build it with 2.13.0"
                .formatted(library, library.toAbsolutePath()));
  }

  @Test
  void should_refuse_what_is_no_library() throws IOException {
    Path none = folder.resolve("none.so");
    assertThatThrownBy(() -> Torch.loadLibrary(none))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("there is no library " + none);
    assumeThat(linux()).as("other systems' linkers have words of their own").isTrue();
    Path text = Files.writeString(folder.resolve("text.so"), "no library at all, but a text");
    assertThatThrownBy(() -> Torch.loadLibrary(text))
        .isInstanceOf(TorchException.class)
        .hasMessage(text + " cannot be loaded: no library: it does not begin as an ELF file");
  }

  /// The dynamic linker itself dies of such a file.
  @Test
  void should_refuse_parts_of_a_library() throws IOException {
    assumeThat(linux()).as("other systems' linkers look themselves").isTrue();
    byte[] whole = Files.readAllBytes(library("pantorch_custom_ops"));
    for (int length : new int[] {3, 63, 64, 200, 3000, whole.length / 2}) {
      Path part = folder.resolve(length + ".so");
      Files.write(part, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Torch.loadLibrary(part))
          .as("%d bytes", length)
          .isInstanceOf(TorchException.class)
          .hasMessageStartingWith(part + " cannot be loaded: ");
    }
  }
}
