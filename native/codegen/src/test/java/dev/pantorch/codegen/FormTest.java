package dev.pantorch.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The signatures that one operator gets.
class FormTest {

  private static List<String> signatures(String schema) {
    return Form.of(Param.of(SchemaParser.parse(schema))).stream()
        .map(form ->
            form.parts().stream()
                .map(part -> part.javaType() + " " + part.param().name())
                .collect(Collectors.joining(", ")))
        .toList();
  }

  @Test
  void should_drop_defaults_from_the_end() {
    assertThat(signatures("add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor"))
        .containsExactly("Tensor input, Tensor other, Number alpha", "Tensor input, Tensor other");
  }

  @Test
  void should_take_one_number_for_a_list_that_Python_repeats() {
    assertThat(signatures("amax(Tensor self, int[1] dim=[], bool keepdim=False) -> Tensor"))
        .containsExactly(
            "Tensor input, long[] dim, boolean keepdim",
            "Tensor input, long dim, boolean keepdim",
            "Tensor input, long... dim",
            "Tensor input, long dim",
            "Tensor input");
  }

  @Test
  void should_take_a_primitive_for_an_optional_number() {
    assertThat(signatures("argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor"))
        .containsExactly(
            "Tensor input, @Nullable Long dim, boolean keepdim",
            "Tensor input, long dim, boolean keepdim",
            "Tensor input, @Nullable Long dim",
            "Tensor input, long dim",
            "Tensor input");
  }

  @Test
  void should_let_the_size_end_a_call_of_a_factory() {
    assertThat(
            signatures(
                "zeros(SymInt[] size, *, ScalarType? dtype=None, Layout? layout=None, Device?"
                    + " device=None, bool? pin_memory=None) -> Tensor"))
        .containsExactly(
            "long[] size, TensorOptions options",
            "long... size",
            "TensorOptions options, long... size");
  }

  @Test
  void should_take_a_list_of_tensors_as_arguments() {
    assertThat(signatures("cat(Tensor[] tensors, int dim=0) -> Tensor"))
        .containsExactly(
            "List<Tensor> tensors, long dim", "List<Tensor> tensors", "Tensor... tensors");
  }

  @Test
  void should_take_a_truth_value_for_a_fill_value() {
    assertThat(signatures("fill_.Scalar(Tensor(a!) self, Scalar value) -> Tensor(a!)"))
        .containsExactly("Tensor input, Number value", "Tensor input, boolean value");
  }

  @Test
  void should_see_which_variable_arity_calls_are_ambiguous() {
    Form high =
        Form.of(Param.of(SchemaParser.parse("r(int high, int[] size) -> Tensor"))).getFirst();
    Form low =
        Form.of(Param.of(SchemaParser.parse("r.low(int low, int high, int[] size) -> Tensor")))
            .getFirst();

    assertThat(high.isAmbiguousWith(low)).isTrue();
    assertThat(low.isAmbiguousWith(high)).isFalse();
    assertThat(high.withoutVarargs().isAmbiguousWith(low)).isFalse();
  }
}
