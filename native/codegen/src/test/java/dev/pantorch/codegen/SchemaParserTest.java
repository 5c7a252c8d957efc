package dev.pantorch.codegen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaParserTest {

  @Test
  void should_read_names_arguments_and_results() {
    Schema schema =
        SchemaParser.parse("add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor");

    assertThat(schema.qualifiedName()).isEqualTo("aten::add.Tensor");
    assertThat(schema.structName()).isEqualTo("add_Tensor");
    assertThat(schema.arguments())
        .extracting(a -> a.type() + " " + a.name() + " " + a.defaultValue() + " " + a.keywordOnly())
        .containsExactly(
            "Tensor self null false", "Tensor other null false", "Scalar alpha 1 true");
    assertThat(schema.results()).extracting(r -> r.type().toString()).containsExactly("Tensor");
    assertThat(schema.isInPlace()).isFalse();
    assertThat(schema.isOutVariant()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "Tensor, Tensor",
    "Tensor?, Tensor?",
    "Tensor(a!), Tensor",
    "Tensor(a!)?, Tensor?",
    "Tensor(a -> *), Tensor",
    "Tensor(a!)[], Tensor[]",
    "Tensor?[], Tensor?[]",
    "int[2], int[2]",
    "int[1]?, int[1]?",
    "SymInt[]?, SymInt[]?",
    "bool[3], bool[3]",
    "MemoryFormat?, MemoryFormat?",
  })
  void should_read_every_form_of_type(String text, String meaning) {
    Type type = SchemaParser.parse("f(" + text + " x) -> ()").arguments().getFirst().type();

    assertThat(type).hasToString(meaning);
    assertThat(type.isMutable()).isEqualTo(text.contains("!"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "int x=-1 | -1",
        "int[2] x=[0,1] | [0,1]",
        "int[] x=[] | []",
        "float x=1e-05 | 1e-05",
        "str x=\"a, b) c\" | \"a, b) c\"",
        "str x='\"\\'' | '\"\\''",
        "MemoryFormat x=contiguous_format | contiguous_format",
      })
  void should_read_defaults_to_their_end(String argument, String defaultValue) {
    Schema schema = SchemaParser.parse("f(" + argument + ", bool y=True) -> ()");

    assertThat(schema.arguments())
        .extracting(Argument::defaultValue)
        .containsExactly(defaultValue, "True");
  }

  @Test
  void should_read_named_and_unnamed_results() {
    Schema named =
        SchemaParser.parse(
            "max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)");
    Schema none = SchemaParser.parse("_assert_async(Tensor self) -> ()");
    Schema lists = SchemaParser.parse("f() -> (Tensor, Tensor[])");

    assertThat(named.results())
        .extracting(Schema.Result::name)
        .containsExactly("values", "indices");
    assertThat(none.results()).isEmpty();
    assertThat(lists.results())
        .extracting(r -> r.type() + r.name())
        .containsExactly("Tensor", "Tensor[]");
  }

  @Test
  void should_tell_in_place_operators_from_out_variants() {
    Schema inPlace = SchemaParser.parse("add_(Tensor(a!) self, Tensor other) -> Tensor(a!)");
    Schema out = SchemaParser.parse("abs.out(Tensor self, *, Tensor(a!) out) -> Tensor(a!)");
    Schema statistics = SchemaParser.parse("f(Tensor input, Tensor(a!) running_mean) -> Tensor");

    assertThat(inPlace.isInPlace()).isTrue();
    assertThat(inPlace.isOutVariant()).isFalse();
    assertThat(out.isOutVariant()).isTrue();
    assertThat(out.isInPlace()).isFalse();
    assertThat(statistics.isInPlace()).isFalse();
    assertThat(statistics.isOutVariant()).isFalse();
  }

  @Test
  void should_refuse_what_it_does_not_know() {
    assertThatThrownBy(() -> SchemaParser.parse("f(Quaternion q) -> Tensor"))
        .hasMessage("unknown schema type 'Quaternion'");
    assertThatThrownBy(() -> SchemaParser.parse("f(Tensor x) => Tensor"))
        .hasMessage("expected ' -> ' at character 11 of schema: f(Tensor x) => Tensor");
    assertThatThrownBy(() -> SchemaParser.parse("f(Tensor x) -> Tensor!"))
        .hasMessage("expected the end at character 21 of schema: f(Tensor x) -> Tensor!");
  }
}
