package dev.pantorch.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FuzzVerdictTest {
  /// An empty column is what was not found out.
  @ParameterizedTest
  @CsvSource({
    // No end within the limit: Python has one, or has none, or the machine was busy.
    "hung, hung, returned, true",
    "hung, hung, RuntimeError no, true",
    "hung, hung, hung, false",
    "hung, returned, , false",
    // One call of an operator that upstream lets run for ever was made again for all.
    "hung, , , false",
    // A call of closed tensors is none for Python.
    "hung, hung, , true",
    "SIGSEGV, SIGSEGV, SIGSEGV, false",
    "SIGSEGV, SIGABRT, hung, false",
    "SIGSEGV, SIGSEGV, returned, true",
    "SIGSEGV, SIGSEGV, exit 1, true",
    // What has spoilt memory before was not found.
    "SIGSEGV, returned, , true",
  })
  void should_blame_only_what_ends_in_python(
      String end, @Nullable String alone, @Nullable String python, boolean fault) {
    ObjectNode found = JsonNodeFactory.instance.objectNode().put("end", end);
    if (alone != null) found.put("alone", alone);
    if (python != null) found.put("python", python);
    assertThat(FuzzVerdict.isFault(found)).isEqualTo(fault);
  }
}
