package dev.pantorch.operators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.operators.WrongCalls.WrongCall;
import dev.pantorch.parity.TypedOperators;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
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
