package dev.pantorch.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The sources that programs compile against, and the pages about them.
final class Sources {
  private static final Path ROOT = Path.of("..");
  private static final List<Path> JAVA =
      Stream.of(
              "java-api/src/main/java",
              "java-api/train/src/main/java",
              "java-api/onnx/src/main/java")
          .map(ROOT::resolve)
          .toList();

  private Sources() {}

  /// All files that have documentation.
  static Stream<Path> documented() {
    return Stream.concat(
        JAVA.stream().flatMap(folder -> files(folder, ".java")),
        Stream.concat(files(ROOT.resolve("docs"), ".md"), Stream.of(ROOT.resolve("README.md"))));
  }

  /// The packages that programs may name.
  static Stream<String> packages() {
    return names()
        .filter(name -> name.endsWith(".package-info"))
        .map(name -> name.replace(".package-info", ""));
  }

  /// The public top-level classes of these packages.
  static Stream<Class<?>> publicClasses() {
    return names()
        .filter(name -> !name.endsWith("-info"))
        .<Class<?>>map(Sources::load)
        .filter(type -> Modifier.isPublic(type.getModifiers()));
  }

  /// What is written above a class.
  static String comment(Class<?> type) {
    Path file = Path.of(type.getName().replace('.', '/') + ".java");
    String text =
        JAVA.stream()
            .map(folder -> folder.resolve(file))
            .filter(Files::exists)
            .map(Sources::read)
            .findFirst()
            .orElseThrow();
    return text.substring(0, text.indexOf("\npublic "));
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> names() {
    return JAVA.stream()
        .flatMap(folder -> files(folder, ".java").map(folder::relativize))
        .map(file -> file.toString().replace(".java", "").replaceAll("\\W(?!info)", "."))
        .filter(name -> !name.startsWith("dev.pantorch.internal"));
  }

  private static Stream<Path> files(Path folder, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, Sources.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
