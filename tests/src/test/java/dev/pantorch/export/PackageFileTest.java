package dev.pantorch.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are no packages, or none that can be loaded here: each is explained, none gets far
/// enough to run, and nothing of them stays.
class PackageFileTest {
  private static final String MODEL = "m/data/aotinductor/model/";
  private static final String MACHINE =
      """
      {"AOTI_DEVICE_KEY": "cpu", "AOTI_CPU_ISA": "", "author": "a test"}\
      """;

  @TempDir private Path folder;

  private static Path fixture(String name) {
    return Path.of("src/test/resources/fixtures").resolve(name);
  }

  private Path zip(Map<String, String> records) throws IOException {
    Path path = folder.resolve("made.pt2");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(path))) {
      for (Map.Entry<String, String> each : records.entrySet()) {
        out.putNextEntry(new ZipEntry(each.getKey()));
        out.write(each.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return path;
  }

  private Path packaged(Map<String, String> changed) throws IOException {
    Map<String, String> records = new LinkedHashMap<>();
    records.put(MODEL + "c.wrapper.cpp", Files.readString(fixture("packages/dynamic.wrapper.cpp")));
    records.put(MODEL + "c.wrapper_metadata.json", MACHINE);
    records.put(
        MODEL + "c.wrapper.so", "no library at all, but a text of some length, for the header");
    records.putAll(changed);
    return zip(records);
  }

  private static void assertRefused(Path path, String why) throws IOException {
    List<Path> before = Unpacked.folders();
    assertThatThrownBy(() -> AOTInductor.loadPackage(path))
        .isInstanceOfAny(IOException.class, TorchException.class)
        .hasMessage(path + " cannot be loaded: " + why);
    assertThat(Unpacked.folders()).isEqualTo(before);
  }

  @Test
  void should_say_what_a_file_is_instead() throws IOException {
    assertRefused(
        fixture("packages/exported.pt2"),
        "it is what torch.export.save writes, a program without compiled code, which libtorch runs"
            + " in Python only; compile it there:"
            + " torch._inductor.aoti_compile_and_package(torch.export.load(\"model.pt2\"),"
            + " package_path=\"compiled.pt2\")");
    assertRefused(
        fixture("scripts/lstm_traced.pt"), "it is a TorchScript archive; load it with Jit.load");
    Path checkpoint = folder.resolve("checkpoint.pt");
    Torch.save(Map.of("weight", Torch.ones(2)), checkpoint);
    assertRefused(checkpoint, "it is a checkpoint of torch.save; load it with Torch.load");
    assertRefused(
        zip(Map.of("a/b", "c")),
        "it is a zip archive, but no package: it has no folder data/aotinductor");
    assertRefused(Files.writeString(folder.resolve("text.pt2"), "a text"), "it is no zip archive");
    Path none = folder.resolve("none.pt2");
    assertThatThrownBy(() -> AOTInductor.loadPackage(none))
        .isInstanceOf(FileNotFoundException.class)
        .hasMessage("there is no package " + none);
  }

  @Test
  void should_read_names_and_metadata_without_loading() throws IOException {
    Path path = packaged(Map.of("m/data/aotinductor/other/c_metadata.json", "{}"));
    assertThat(AOTInductor.modelNames(path)).containsExactly("model", "other");
    assertThat(AOTInductor.loadMetadata(path, "model"))
        .containsOnly(
            Map.entry("AOTI_DEVICE_KEY", "cpu"),
            Map.entry("AOTI_CPU_ISA", ""),
            Map.entry("author", "a test"));
    assertThatThrownBy(() -> AOTInductor.loadMetadata(path, "third"))
        .isInstanceOf(IOException.class)
        .hasMessage(path + " cannot be loaded: it has no model 'third'; it has [model, other]");
    assertThatThrownBy(() -> AOTInductor.loadPackage(path, o -> o.modelName("other")))
        .isInstanceOf(IOException.class)
        .hasMessage(
            path
                + " cannot be loaded: model 'other' has only sources"
                + " (aot_inductor.package_cpp_only); compile them into a library, or leave that"
                + " setting out");
  }

  @Test
  void should_refuse_names_that_lead_out_of_the_folder() throws IOException {
    for (String name :
        List.of(
            "m/data/aotinductor/model/../../../../evil.so",
            "../evil",
            "/etc/evil",
            "m/data/aotinductor/../model/x.so",
            "m\\..\\evil",
            "C:/evil",
            "m//evil",
            "m/./evil")) {
      assertRefused(
          packaged(Map.of(name, "evil")),
          "record '%s' has a name that could lead out of its folder".formatted(name));
    }
  }

  @Test
  void should_refuse_what_another_machine_runs() throws IOException {
    Path path =
        packaged(
            Map.of(
                MODEL + "c.wrapper_metadata.json",
                """
                {"AOTI_DEVICE_KEY": "cpu", "AOTI_PLATFORM": "plan9", "AOTI_MACHINE": "mips"}\
                """));
    assertThatThrownBy(() -> AOTInductor.loadPackage(path))
        .isInstanceOf(TorchException.class)
        .hasMessageStartingWith(path + " was compiled for plan9 on mips; this is ")
        .hasMessageEndingWith(": compile it on a machine like this one");
    assertThatThrownBy(() ->
            Machine.checkInstructions(
                path,
                "AVX512 AVX512_VNNI",
                Set.of("avx2", "avx512_f", "avx512_dq", "avx512_vl", "avx512_bw")))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            path
                + " was compiled for a processor with AVX512 AVX512_VNNI; this one lacks"
                + " [avx512_vnni]: compile it on a machine like this one, or with"
                + " ATEN_CPU_CAPABILITY=avx2 in the environment");
    Machine.checkInstructions(path, "AVX2", Set.of("avx2", "fma3"));
    Path elsewhere =
        packaged(Map.of(MODEL + "c.wrapper_metadata.json", "{\"AOTI_DEVICE_KEY\": \"hpu\"}"));
    assertThatThrownBy(() -> AOTInductor.loadPackage(elsewhere))
        .isInstanceOf(dev.pantorch.DeviceException.class)
        .hasMessageStartingWith(
            elsewhere + " was compiled for hpu, but this libtorch finds no hpu device;");
  }

  @Test
  void should_refuse_broken_packages() throws IOException {
    assertRefused(packaged(Map.of()), "no library: it does not begin as an ELF file");
    assertRefused(
        packaged(Map.of(MODEL + "c.wrapper_metadata.json", "{\"a\": 1}")),
        "record '" + MODEL + "c.wrapper_metadata.json' has a 'a' that is no text");
    assertRefused(
        packaged(Map.of(MODEL + "c.wrapper_metadata.json", "[1]")),
        "record '" + MODEL + "c.wrapper_metadata.json' is no JSON object");
    byte[] whole = Files.readAllBytes(packaged(Map.of()));
    List<Path> before = Unpacked.folders();
    Path broken = folder.resolve("broken.pt2");
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(broken, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> AOTInductor.loadPackage(broken))
          .as("%d bytes", length)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith(broken + " cannot be loaded: ");
    }
    for (int at = 0; at < whole.length; at += 31) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x55;
      Files.write(broken, changed);
      assertThatThrownBy(() -> AOTInductor.loadPackage(broken))
          .as("byte %d", at)
          .isInstanceOfAny(IOException.class, TorchException.class);
    }
    assertThat(Unpacked.folders()).isEqualTo(before);
  }
}
