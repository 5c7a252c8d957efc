package dev.pantorch.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Operator;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorByNameTest {
  @Test
  void should_call_with_positional_arguments_and_defaults() {
    try (var scope = TensorScope.open()) {
      Tensor sum = Torch.op("aten::add.Tensor").callTensor(Torch.ones(3), Torch.ones(3));
      assertThat(sum.sum().item()).isEqualTo(6);
    }
  }

  @Test
  void should_call_with_named_arguments() {
    try (var scope = TensorScope.open()) {
      List<Object> results =
          Torch.op("aten::add.Tensor")
              .call(List.of(Torch.ones(3), Torch.ones(3)), Map.of("alpha", 4));
      assertThat(((Tensor) results.getFirst()).sum().item()).isEqualTo(15);
    }
  }

  @Test
  void should_pass_arrays_dtypes_and_lists() {
    try (var scope = TensorScope.open()) {
      Tensor made =
          (Tensor)
              Torch.op("aten::zeros")
                  .call(List.of(new int[] {2, 3}), Map.of("dtype", DType.INT64))
                  .getFirst();
      assertThat(made.dtype()).isEqualTo(DType.INT64);
      assertThat(made.shape()).containsExactly(2, 3);
      Tensor joined = Torch.op("aten::cat").callTensor(List.of(made, made), 1);
      assertThat(joined.shape()).containsExactly(2, 6);
    }
  }

  @Test
  void should_return_several_results_numbers_and_lists() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.arange(6).reshape(2, 3);
      assertThat(Torch.op("aten::max.dim").call(x, 1)).hasSize(2);
      assertThat(Torch.op("aten::item").call(x.sum())).containsExactly(15L);
      assertThat(Torch.op("aten::is_floating_point").call(x)).containsExactly(false);
      assertThat((List<?>) Torch.op("aten::split.Tensor").call(x, 1, 1).getFirst()).hasSize(3);
      Tensor complex = Torch.full(new long[] {}, new Complex(1, -2));
      assertThat(Torch.op("aten::item").call(complex)).containsExactly(new Complex(1, -2));
    }
  }

  @Test
  void should_follow_the_grad_mode() {
    try (var scope = TensorScope.open()) {
      Tensor w = Torch.ones(2).requiresGrad_();
      Operator mul = Torch.op("aten::mul.Tensor");
      assertThat(mul.callTensor(w, w).requiresGrad()).isTrue();
      try (var mode = Torch.noGrad()) {
        assertThat(mul.callTensor(w, w).requiresGrad()).isFalse();
      }
    }
  }

  @Test
  void should_refuse_one_tensor_where_there_are_two() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(2, 3);
      assertThatThrownBy(() -> Torch.op("aten::max.dim").callTensor(x, 1))
          .isExactlyInstanceOf(TypeException.class)
          .hasMessage(
              "'aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor"
                  + " indices)' does not return one tensor; use call(...)");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "aten::view.dtype, 200",
    "aten::view.dtype, -1",
    "aten::_to_copy, 100",
    "aten::contiguous, 100",
    "aten::sparse_coo_tensor.size, 100"
  })
  void should_refuse_numbers_that_are_no_dtype_layout_or_memory_format(String name, long number) {
    try (var scope = TensorScope.open()) {
      Object first = name.contains("sparse") ? new long[] {2} : Torch.ones(2);
      assertThatThrownBy(() -> Torch.op(name).call(first, number))
          .isExactlyInstanceOf(ValueException.class)
          .hasMessage("no such dtype, layout or memory format: " + number);
    }
  }

  @Test
  void should_refuse_a_number_that_is_no_layout() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(2);
      assertThatThrownBy(() -> Torch.op("aten::_to_copy").call(x, null, 100))
          .isExactlyInstanceOf(ValueException.class)
          .hasMessage("no such dtype, layout or memory format: 100");
    }
  }

  @Test
  void should_give_the_native_stack_trace_on_demand() {
    try (var scope = TensorScope.open()) {
      Tensor x = Torch.ones(2, 3);
      assertThatThrownBy(() -> x.matmul(x))
          .isExactlyInstanceOf(ShapeException.class)
          .satisfies(e ->
              assertThat(((TorchException) e).nativeStackTrace())
                  .contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)")
                  .contains("Exception raised from"));
    }
  }
}
