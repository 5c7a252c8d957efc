package dev.pantorch.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pantorch.testing.ChildJvm;
import dev.pantorch.testing.ProcessResult;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Where the libraries cannot be loaded, the message says why and what to do: each in a process of
/// its own that runs the doctor, or {@link LoadingRun}.
@EnabledOnOs(OS.LINUX)
class LoadingTest {
  private static final String GRANTED = "--enable-native-access=ALL-UNNAMED";
  private static final Path LIBTORCH = Path.of(System.getProperty("pantorch.libtorch.home"));

  @TempDir private Path folder;

  private final List<Path> links = new ArrayList<>();

  /// JUnit warns of each that leads out of the folder.
  @AfterEach
  void deleteLinks() throws IOException {
    for (Path link : links) Files.deleteIfExists(link);
  }

  /// The lines of the problem, from its title on.
  private static String problem(ProcessResult result) {
    String output = result.output();
    int at = output.indexOf("problem\n");
    assertThat(at).as(output).isNotNegative();
    return output.substring(at + "problem\n".length());
  }

  private ChildJvm jvm(String main, String... options) {
    return ChildJvm.plain(main)
        .flags("-Xmx64m")
        .flags(options)
        .directory(folder)
        .environment("LIBTORCH_HOME", null)
        .environment("XDG_CACHE_HOME", null);
  }

  private ProcessResult doctor(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    ChildJvm jvm = jvm("dev.pantorch.Doctor", options);
    environment.forEach(jvm::environment);
    return jvm.run();
  }

  private ProcessResult run(Object... arguments) throws IOException, InterruptedException {
    return jvm(LoadingRun.class.getName(), GRANTED, home(LIBTORCH)).arguments(arguments).run();
  }

  private static String home(Object path) {
    return "-Dpantorch.libtorch.home=" + path;
  }

  /// A libtorch of links to the real one's files.
  private Path linked(Path at) throws IOException {
    Path lib = Files.createDirectories(at.resolve("lib"));
    try (DirectoryStream<Path> libraries = Files.newDirectoryStream(LIBTORCH.resolve("lib"))) {
      for (Path library : libraries) {
        links.add(Files.createSymbolicLink(lib.resolve(library.getFileName()), library));
      }
    }
    Files.writeString(at.resolve("build-version"), "2.13.0+cpu\n");
    return at;
  }

  private static Path replaced(Path libtorch, String library, byte[] content) throws IOException {
    Path file = libtorch.resolve("lib").resolve(library);
    Files.delete(file);
    return Files.write(file, content);
  }

  private static byte[] start(Path file, int bytes) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return in.readNBytes(bytes);
    }
  }

  @Test
  void should_run_without_the_flag_as_long_as_the_jvm_only_warns() throws Exception {
    ProcessResult result = doctor(Map.of("XDG_CACHE_HOME", folder.toString()), home(LIBTORCH));
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).contains("Use --enable-native-access=ALL-UNNAMED");
  }

  @Test
  void should_name_the_flag_where_the_jvm_insists_on_it() throws Exception {
    ProcessResult result = doctor(Map.of(), "--illegal-native-access=deny", home(LIBTORCH));
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .startsWith("native libraries may not be loaded.\n  path:   the JVM's options\n")
        .contains("  found:  Illegal native access from an unnamed module")
        .endsWith(
            "  wanted: native access for the module dev.pantorch.ffi\n  remedy: start Java with"
                + " --enable-native-access=ALL-UNNAMED if Pantorch is on the class path, with"
                + " --enable-native-access=dev.pantorch.ffi if it is on the module path\n");
  }

  @Test
  void should_ask_for_a_cache_that_can_be_written() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    ProcessResult result =
        doctor(Map.of("XDG_CACHE_HOME", file.toString()), GRANTED, home(LIBTORCH));
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .isEqualTo(
            """
            libpantorch cannot be unpacked.
              path:   %s/pantorch
              found:  java.nio.file.FileSystemException: %s/pantorch: Not a directory
              wanted: a folder that can be written
              remedy: make it so, let XDG_CACHE_HOME name another one, or name an unpacked library with the system property pantorch.library
            """
                .formatted(file, file));
  }

  /// As in a container whose user is a number only.
  @Test
  void should_not_make_a_folder_called_question_mark() throws Exception {
    ProcessResult result = doctor(Map.of(), GRANTED, "-Duser.home=?", home(LIBTORCH));
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .contains("no absolute path: has this user no home folder?")
        .contains("let XDG_CACHE_HOME name another one");
    assertThat(folder.resolve("?")).doesNotExist();
  }

  /// Maven starts the tests in such a locale.
  private static void assumeThatPathsCanBeSpelt() {
    assumeTrue("UTF-8".equals(System.getProperty("sun.jnu.encoding")));
  }

  @Test
  void should_run_from_paths_with_blanks_and_letters_of_any_script() throws Exception {
    assumeThatPathsCanBeSpelt();
    Path libtorch = linked(folder.resolve("mit Leerzeichen \u00fc \u706b"));
    Map<String, String> environment =
        Map.of(
            "LC_ALL", "C.UTF-8",
            "XDG_CACHE_HOME", folder.resolve("cache \u00fc \u706b").toString(),
            "LIBTORCH_HOME", libtorch.toString());
    ProcessResult result = doctor(environment, GRANTED);
    assertThat(result.code()).as(result.output()).isZero();
    assertThat(result.output()).contains("  path               " + libtorch + "\n");
  }

  @Test
  void should_name_the_locale_that_cannot_spell_a_path() throws Exception {
    assumeThatPathsCanBeSpelt();
    Map<String, String> environment =
        Map.of("LC_ALL", "C", "LIBTORCH_HOME", folder.resolve("\u00fc\u706b").toString());
    ProcessResult result = doctor(environment, GRANTED);
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .startsWith("a path cannot be spelt in this process's encoding.\n")
        .contains("in encoding ANSI_X3.4-1968")
        .contains("remedy: run Java in a UTF-8 locale, as by LC_ALL=C.UTF-8");
  }

  /// The dynamic linker dies of it: an interrupted copy, a full disk.
  @Test
  void should_notice_a_libtorch_that_was_cut_short() throws Exception {
    Path libtorch = linked(folder.resolve("libtorch"));
    byte[] cut = start(LIBTORCH.resolve("lib/libtorch_cpu.so"), 100_000);
    Path library = replaced(libtorch, "libtorch_cpu.so", cut);
    ProcessResult result = doctor(Map.of(), GRANTED, home(libtorch));
    assertThat(result.code()).as(result.output()).isEqualTo(1);
    assertThat(problem(result))
        .startsWith("libtorch cannot be loaded.\n  path:   " + library + "\n")
        .contains("  found:  it is cut short: 100,000 bytes of at least ")
        .endsWith(
            "  remedy: delete this libtorch and fetch it again; LIBTORCH_HOME names another one\n");
  }

  @Test
  void should_name_the_processor_that_a_library_is_for() throws Exception {
    Path libtorch = linked(folder.resolve("libtorch"));
    byte[] other = Files.readAllBytes(LIBTORCH.resolve("lib/libc10.so"));
    other[18] = 22;
    replaced(libtorch, "libc10.so", other);
    ProcessResult result = doctor(Map.of(), GRANTED, home(libtorch));
    assertThat(problem(result)).contains("  found:  it is for s390x, and this is ");
  }

  @Test
  void should_notice_a_shim_that_is_no_library() throws Exception {
    Path shim = Files.writeString(folder.resolve("libpantorch.so"), "broken");
    ProcessResult result = doctor(Map.of(), GRANTED, home(LIBTORCH), "-Dpantorch.library=" + shim);
    assertThat(problem(result))
        .isEqualTo(
            """
            libpantorch cannot be loaded.
              path:   %s
              found:  no library: it does not begin as an ELF file
              wanted: libpantorch for libtorch 2.13.0 on linux-%s
              remedy: build Pantorch again on this machine (mvn package)
            """
                .formatted(shim, System.getProperty("os.arch").replace("amd64", "x86_64")));
  }

  @Test
  void should_name_noexec() throws Exception {
    Path cache = Files.createDirectory(folder.resolve("cache"));
    List<String> noexec =
        List.of(
            "unshare",
            "-rm",
            "sh",
            "-c",
            "mount -t tmpfs -o noexec tmpfs " + cache + " && exec \"$@\"",
            "sh");
    List<String> probe = new ArrayList<>(noexec);
    probe.add("true");
    assumeTrue(canRun(probe), "may not mount");
    ProcessResult result =
        jvm("dev.pantorch.Doctor", GRANTED, home(LIBTORCH))
            .prefix(noexec)
            .environment("XDG_CACHE_HOME", cache.toString())
            .run();
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .contains("failed to map segment from shared object")
        .contains(
            "remedy: files there may not be executed: it may be on a file system that is mounted"
                + " noexec")
        .contains("let XDG_CACHE_HOME or the system property pantorch.library name a place");
  }

  private static boolean canRun(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void should_say_that_a_second_class_loader_cannot_have_it() throws Exception {
    ProcessResult result = run("twice");
    assertThat(result.output().lines())
        .contains("first: tensor([1., 1.])")
        .anyMatch(line -> line.contains("already loaded in another classloader"))
        .anyMatch(line -> line.contains("have one class loader load its jars for all"));
    // And again, not something about a class that could not be initialised.
    assertThat(result.output().split("already loaded in another classloader", -1)).hasSize(3);
  }

  @Test
  void should_refuse_to_load_beside_another_libtorch() throws Exception {
    Path other = Files.createDirectory(folder.resolve("other")).resolve("libc10.so");
    Files.copy(LIBTORCH.resolve("lib/libc10.so"), other);
    ProcessResult result = run("beside", other);
    assertThat(result.code()).isEqualTo(1);
    assertThat(problem(result))
        .isEqualTo(
            """
            another libtorch is in this process already.
              path:   %s
              found:  loaded by another library or another part of the program
              wanted: one libtorch in a process, %s
              remedy: run the two in processes of their own; or, if the other is libtorch 2.13.0 too, let LIBTORCH_HOME name its folder, so that both use it
            """
                .formatted(other, LIBTORCH));
  }

  @Test
  void should_run_where_the_same_libtorch_was_loaded_before() throws Exception {
    run("beside", LIBTORCH.resolve("lib/libc10.so")).expectSuccess();
  }

  /// C calls Java for the first time, which is linked only then.
  @Test
  void should_log_the_first_warning() throws Exception {
    ProcessResult result = run("warn");
    result.expectSuccess();
    assertThat(result.output()).contains("WARNING: std(): degrees of freedom is <= 0");
  }

  @Test
  void should_collect_for_the_first_allocation_that_fails() throws Exception {
    ProcessResult result = run("relieve");
    result.expectSuccess();
    assertThat(result.output()).isEqualTo("collections: 1\n");
  }

  /// While glibc loads a library, looking a function up waits for all of it.
  @Test
  void should_look_no_native_method_up_while_libtorch_is_loaded() throws Exception {
    ProcessResult result =
        jvm(
                LoadingRun.class.getName(),
                GRANTED,
                home(LIBTORCH),
                "-Xlog:class+load,jni+resolve=debug:stdout:tid")
            .arguments("warn")
            .run();
    result.expectSuccess();
    List<String> lines = result.output().lines().toList();
    int loading = indexOf(lines, "dev.pantorch.ffi.LibraryFile source:");
    int linked = indexOf(lines, "pt_runtime_await_need source:");
    String thread = lines.get(linked).substring(0, lines.get(linked).indexOf(']') + 1);
    assertThat(lines.subList(loading, linked))
        .filteredOn(line -> line.startsWith(thread))
        .isNotEmpty()
        .noneMatch(line -> line.contains("Dynamic-linking native method"));
  }

  private static int indexOf(List<String> lines, String part) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains(part)) return i;
    }
    throw new AssertionError("no line has '" + part + "'");
  }
}
