package dev.pantorch.operators;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.operators.WrongCalls.WrongCall;
import dev.pantorch.parity.Schemas;
import dev.pantorch.parity.TypedOperators;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What the generator's list of checks names is refused by the operator's method and by its name.
class ArgumentCheckTest {
  private final TypedOperators operators = new TypedOperators();

  @TestFactory
  Stream<DynamicTest> should_refuse_a_wrong_call_by_method_and_by_name() {
    TensorScope scope = TensorScope.open();
    return WrongCalls.all().entrySet().stream()
        .flatMap(entry -> tests("aten::" + entry.getKey(), entry.getValue()))
        .onClose(scope::close);
  }

  private Stream<DynamicTest> tests(String operator, WrongCall wrong) {
    DynamicTest byName =
        DynamicTest.dynamicTest(
            operator + " by name",
            () -> refused(wrong, () -> Torch.op(operator).call(wrong.arguments().toArray())));
    DynamicTest byMethod =
        DynamicTest.dynamicTest(
            operator, () -> refused(wrong, () -> operators.call(operator, 0, wrong.arguments())));
    return operators.has(operator) ? Stream.of(byMethod, byName) : Stream.of(byName);
  }

  /// These have no method. They take what the operator takes, and tensors to write to.
  @TestFactory
  Stream<DynamicTest> should_refuse_the_same_of_out_variants() throws IOException {
    Map<String, String> schemas = new LinkedHashMap<>();
    for (String list : List.of("operators.tsv", "left-out.tsv")) {
      OperatorListTest.rows(list).forEach(row -> schemas.put(row[0], row[1]));
    }
    TensorScope scope = TensorScope.open();
    List<DynamicTest> tests = new ArrayList<>();
    WrongCalls.all()
        .forEach((name, wrong) -> {
          List<String> taken = types(requireNonNull(schemas.get("aten::" + name)));
          String overloads = "aten::" + name.replaceFirst("\\..*", "") + ".";
          schemas.forEach((other, schema) -> {
            List<String> types = Schemas.argumentTypes(schema);
            int count = taken.size();
            if (other.startsWith(overloads)
                && types.size() > count
                && types(schema).subList(0, count).equals(taken)
                && types.stream().skip(count).allMatch(type -> type.contains("!"))) {
              tests.add(outVariant(other, wrong, types.subList(count, types.size())));
            }
          });
        });
    assertThat(tests).hasSizeGreaterThan(90);
    return tests.stream().onClose(scope::close);
  }

  private static DynamicTest outVariant(String operator, WrongCall wrong, List<String> written) {
    List<@Nullable Object> arguments = new ArrayList<>(wrong.arguments());
    for (String type : written) {
      Tensor tensor = Torch.ones(1);
      arguments.add(type.endsWith("[]") ? List.of(tensor) : tensor);
    }
    return DynamicTest.dynamicTest(
        operator, () -> refused(wrong, () -> Torch.op(operator).call(arguments.toArray())));
  }

  private static List<String> types(String schema) {
    return Schemas.argumentTypes(schema).stream()
        .map(type -> type.replaceFirst("\\(.*\\)", ""))
        .toList();
  }

  private static void refused(WrongCall wrong, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(TorchException.class)
        .extracting(ArgumentCheckTest::core)
        .isEqualTo(wrong.message());
  }

  /// The message without the operator in front and the tensors behind.
  private static String core(Throwable thrown) {
    return String.valueOf(thrown.getMessage())
        .replaceFirst("^aten::\\S+: ", "")
        .replaceFirst(" \\[\\w+(\\[\\d+])?: .*", "");
  }

  @Test
  void should_have_a_wrong_call_for_each_row_of_the_list() throws IOException {
    Set<String> names;
    try (var scope = TensorScope.open()) {
      names = WrongCalls.all().keySet();
    }
    List<String> rows = rows();

    assertThat(rows)
        .hasSizeGreaterThan(100)
        .allMatch(row -> names.stream().anyMatch(name -> name.matches(row)));
    assertThat(names).allMatch(name -> rows.stream().anyMatch(name::matches));
  }

  private static List<String> rows() throws IOException {
    try (InputStream in =
        ArgumentCheckTest.class.getResourceAsStream("/dev/pantorch/codegen/argument-checks.txt")) {
      assertThat(in).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(" "))
          .map(String::strip)
          .toList();
    }
  }
}
