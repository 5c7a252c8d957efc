package dev.pantorch.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Wrong calls get a clear exception, whole messages asserted, and the JVM lives on.
class MisuseTest {
  /// What varies from run to run: identities of objects and figures of memory.
  private static String normalized(Throwable thrown) {
    String text = thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
    return text.replaceAll("tensor @[0-9a-f]+", "tensor @*")
        .replaceAll("Live: .*", "Live: *")
        .replace("\n", "\\n");
  }

  @TestFactory
  Stream<DynamicTest> should_answer_a_wrong_call_with_a_clear_exception() throws IOException {
    Map<String, String> expected = expectations();
    return Misuses.all().entrySet().stream()
        .map(misuse ->
            DynamicTest.dynamicTest(
                misuse.getKey(),
                () ->
                    assertThat(answer(misuse.getValue()))
                        .isEqualTo(expected.get(misuse.getKey()))));
  }

  private static String answer(Runnable call) {
    try (var scope = TensorScope.open()) {
      Throwable thrown = catchThrowable(call::run);
      assertThat(Torch.ones(2).add(1).numel()).as("the library works on").isEqualTo(2);
      return thrown == null ? "nothing was thrown" : normalized(thrown);
    }
  }

  @Test
  void should_expect_an_answer_for_each_and_at_least_a_hundred() throws IOException {
    assertThat(expectations().keySet()).containsExactlyElementsOf(Misuses.all().keySet());
    assertThat(expectations()).hasSizeGreaterThanOrEqualTo(100);
  }

  /// Lines of `name | ExceptionClass: message`.
  private static Map<String, String> expectations() throws IOException {
    Map<String, String> expected = new LinkedHashMap<>();
    try (InputStream in = MisuseTest.class.getResourceAsStream("misuses.txt")) {
      assertThat(in).isNotNull();
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> {
            int bar = line.indexOf(" | ");
            expected.put(line.substring(0, bar), line.substring(bar + 3));
          });
    }
    return expected;
  }
}
