package dev.pantorch.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.ffi.generated.pantorch_h;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The committed stubs are those of the committed headers. Needs no jextract.
class StubsTest {
  private static final Path HEADERS = Path.of("../native/include/pantorch");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/");
  private static final Pattern FUNCTION =
      Pattern.compile("PT_API ([a-z0-9_ *]+?) ?\\b(pt_\\w+)\\(([^)]*)\\);");
  private static final Pattern FUNCTION_POINTER =
      Pattern.compile("\\w+ \\(\\*(\\w+)\\)\\([^)]*\\)");
  private static final Pattern PARAMETER_NAME = Pattern.compile(" ?\\w+$");

  @Test
  void should_be_generated_from_these_headers() throws IOException, NoSuchAlgorithmException {
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest(declarations().getBytes(StandardCharsets.UTF_8));

    assertThat(HexFormat.of().formatHex(hash))
        .as("the headers changed since the stubs were made; run bindings/jextract/generate.sh")
        .isEqualTo(Files.readString(Path.of("src/generated/HEADER_SHA256")).strip());
  }

  /// The hash alone could be corrected by hand, so the signatures are compared too.
  @Test
  void should_have_every_function_of_the_headers_with_its_types() throws IOException {
    Map<String, String> wanted = new TreeMap<>();
    FUNCTION
        .matcher(FUNCTION_POINTER.matcher(declarations()).replaceAll("void* $1"))
        .results()
        .forEach(function -> wanted.put(function.group(2), signature(function)));
    Map<String, String> found = new TreeMap<>();
    for (Method method : pantorch_h.class.getMethods()) {
      if (method.getName().matches("pt_[a-z0-9_]+")) {
        found.put(method.getName(), signature(method));
      }
    }

    assertThat(wanted).hasSizeGreaterThan(50);
    assertThat(found).isEqualTo(wanted);
  }

  /// The headers in the order of their names, without comments and in one line, as generate.sh
  /// hashes them.
  private static String declarations() throws IOException {
    try (Stream<Path> files = Files.list(HEADERS)) {
      List<Path> headers = files.filter(file -> file.toString().endsWith(".h")).sorted().toList();
      var all = new StringBuilder();
      for (Path header : headers) {
        all.append(Files.readString(header));
      }
      String line = all.toString().replace('\n', ' ').replace('\t', ' ');
      return COMMENT.matcher(line).replaceAll(" ").replaceAll(" +", " ").strip();
    }
  }

  private static String signature(MatchResult function) {
    String parameters = function.group(3).strip();
    return javaType(function.group(1).strip())
        + (parameters.isEmpty() || parameters.equals("void")
            ? "()"
            : Arrays.stream(parameters.split(", ?"))
                .map(parameter -> PARAMETER_NAME.matcher(parameter).replaceFirst("").strip())
                .map(StubsTest::javaType)
                .collect(Collectors.joining(", ", "(", ")")));
  }

  private static String signature(Method method) {
    return method.getReturnType().getSimpleName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String javaType(String type) {
    return switch (type) {
      case "void" -> "void";
      case "int32_t" -> "int";
      case "double" -> "double";
      case "int64_t", "uint64_t" -> "long";
      default ->
          type.endsWith("*") || type.endsWith("_callback")
              ? MemorySegment.class.getSimpleName()
              : type.startsWith("pt_") ? "long" : "no Java type for " + type;
    };
  }
}
