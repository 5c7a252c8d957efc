package dev.pantorch.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ArgumentChecksTest {
  private static final List<Schema> SCHEMAS =
      Stream.of(
              "gru_cell(Tensor input, Tensor hx) -> Tensor",
              "lcm(Tensor self, Tensor other) -> Tensor",
              "lcm_(Tensor(a!) self, Tensor other) -> Tensor(a!)",
              "lcm.out(Tensor self, Tensor other, *, Tensor(a!) out) -> Tensor(a!)",
              "lcm.other_out(Tensor self, int other, *, Tensor(a!) out) -> Tensor(a!)",
              "_fused_sgd_(Tensor(a!)[] self, float[] weights) -> ()",
              "add.Tensor(Tensor self, Tensor other) -> Tensor")
          .map(SchemaParser::parse)
          .toList();

  private static ArgumentChecks checks(String... lines) {
    return new ArgumentChecks(new PatternTable("checks.txt", List.of(lines)), SCHEMAS);
  }

  @Test
  void should_call_a_check_with_the_arguments_of_the_operator() {
    ArgumentChecks checks =
        checks("check_cell(Gates::kGru, ...)", "  gru_cell", "check_lcm(...)", "  lcm_?");

    assertThat(SCHEMAS)
        .filteredOn(checks::covers)
        .extracting(schema -> checks.call(schema, List.of("a", "b")))
        .containsExactly(
            "check_cell(Gates::kGru, a, b)",
            "check_lcm(a, b)",
            "check_lcm(a, b)",
            "check_lcm(a, b)");
  }

  @Test
  void should_check_an_out_variant_by_what_it_does_not_write() {
    ArgumentChecks checks = checks("check_lcm(...)", "  lcm");

    assertThat(SCHEMAS)
        .filteredOn(checks::covers)
        .extracting(Schema::nameWithOverload, s -> checks.call(s, List.of("a", "b", "out")))
        .containsExactly(tuple("lcm", "check_lcm(a, b)"), tuple("lcm.out", "check_lcm(a, b)"));
  }

  @Test
  void should_refuse_rows_that_name_no_operator() {
    assertThatThrownBy(() -> checks("check_lcm(...)", "  lcm", "  lcm_outside", "  lcm"))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("checks.txt names no operator of this libtorch: [lcm_outside, lcm]");
  }

  @Test
  void should_refuse_headings_that_are_no_call_with_the_arguments() {
    assertThatThrownBy(() -> checks("check_lcm(", "  lcm"))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("expected a call that ends in ...), got check_lcm(");
  }

  @Test
  void should_write_the_table_of_the_boxed_dispatcher() {
    ArgumentChecks checks = checks("check_lcm(...)", "  lcm_?");
    var writer = new BoxedTableWriter(checks, schema -> schema.name().startsWith("_fused_"));

    assertThat(writer.table(SCHEMAS))
        .isEqualTo(
            """
            // Written by native/codegen: do not edit.
            void check_of_lcm(const Stack& s) {
              check_lcm(Unboxed<at::Tensor>(s, 0).get(), Unboxed<at::Tensor>(s, 1).get());
            }

            // Sorted by name, byte by byte.
            constexpr BoxedEntry kBoxedEntries[] = {
                {"aten::_fused_sgd_", nullptr, true},
                {"aten::lcm", check_of_lcm, false},
                {"aten::lcm.out", check_of_lcm, false},
                {"aten::lcm_", check_of_lcm, false},
            };
            """);
  }
}
