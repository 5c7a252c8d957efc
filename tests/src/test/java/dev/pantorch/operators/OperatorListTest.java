package dev.pantorch.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.ops.Overload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Pins which operators of libtorch 2.13.0 have a typed method, and why the others have none.
/// Another libtorch, or a change of the generator's tables, shows here.
class OperatorListTest {
  private static final int SCHEMAS_OF_LIBTORCH = 3101;

  @Test
  void should_generate_every_public_operator_and_the_kept_internal_ones() throws IOException {
    List<String[]> generated = rows("operators.tsv");

    assertThat(generated).hasSize(1704);
    assertThat(generated).filteredOn(row -> row[0].startsWith("aten::_")).hasSize(298);
    assertThat(generated).extracting(row -> row[0]).doesNotHaveDuplicates();
  }

  @Test
  void should_give_a_reason_for_every_operator_left_out() throws IOException {
    var counts = new TreeMap<String, Integer>();
    for (String[] row : rows("left-out.tsv")) {
      counts.merge(row[2], 1, Integer::sum);
    }

    assertThat(counts)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "out-variant", 1109,
                "internal", 256,
                "spelling of a Python operator", 20,
                "needs a DeviceIndex", 4,
                "needs a Storage", 4,
                "needs a QScheme", 1,
                "needs a Stream", 1,
                "needs a SymBool", 1,
                "unsafe", 1));
    assertThat(rows("operators.tsv").size() + rows("left-out.tsv").size())
        .isEqualTo(SCHEMAS_OF_LIBTORCH);
  }

  @Test
  void should_leave_out_no_public_operator_but_those_of_these_reasons() throws IOException {
    assertThat(rows("left-out.tsv"))
        .filteredOn(row -> !row[0].startsWith("aten::_") && !row[2].equals("out-variant"))
        .extracting(row -> row[0] + ": " + row[2])
        .containsExactlyInAnyOrder(
            "aten::mkldnn_rnn_layer_backward: unsafe",
            "aten::qscheme: needs a QScheme",
            "aten::record_stream: needs a Stream",
            "aten::set.source_Storage: needs a Storage",
            "aten::set.source_Storage_storage_offset: needs a Storage",
            "aten::set_.source_Storage: needs a Storage",
            "aten::set_.source_Storage_storage_offset: needs a Storage",
            "aten::sym_is_contiguous: needs a SymBool");
  }

  @Test
  void should_mark_the_method_of_every_operator() throws Exception {
    var methods = new HashMap<String, Map<String, List<Method>>>();
    for (String[] row : rows("operators.tsv")) {
      Map<String, List<Method>> ofClass = methods.computeIfAbsent(row[2], OperatorListTest::marked);
      List<Method> found = ofClass.getOrDefault(row[0], List.of());

      assertThat(found).as(row[0]).hasSize(1);
      Method method = found.getFirst();
      assertThat(method.getName()).as(row[0]).isEqualTo(row[3]);
      assertThat(Modifier.isStatic(method.getModifiers()))
          .as(row[0])
          .isEqualTo(row[4].equals("static"));
      assertThat(
              Arrays.stream(method.getParameterTypes())
                  .map(Class::getSimpleName)
                  .collect(Collectors.joining(",")))
          .as(row[0])
          .isEqualTo(row[5]);
    }
  }

  private static Map<String, List<Method>> marked(String className) {
    try {
      return Arrays.stream(Class.forName(className).getDeclaredMethods())
          .filter(method -> method.isAnnotationPresent(Overload.class))
          .collect(Collectors.groupingBy(m -> m.getAnnotation(Overload.class).value()));
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The rows of one of the generator's lists, which begin with name, schema.
  static List<String[]> rows(String list) throws IOException {
    var in =
        Objects.requireNonNull(OperatorListTest.class.getResourceAsStream("/dev/pantorch/" + list));
    try (var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return reader.lines().skip(1).map(line -> line.split("\t", -1)).toList();
    }
  }
}
