package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Index;
import dev.pantorch.IndexException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `x.get(...)` and `x.set(...)`. Their values are compared with Python's in IndexingParityTest.
class IndexingTest {
  private static Tensor x() {
    return Torch.arange(24).reshape(2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1              | [3, 4]
          -1, 0          | [4]
          :              | [2, 3, 4]
          :, 1:          | [2, 2, 4]
          :, :-1, ::2    | [2, 2, 2]
          ..., 1:4:2     | [2, 3, 2]
          None, 0        | [1, 3, 4]
          ..., None      | [2, 3, 4, 1]
          0, ..., -1     | [3]
          5:             | [0, 3, 4]
          True, 0        | [1, 3, 4]
          False          | [0, 2, 3, 4]
          None:1:None,   | [1, 3, 4]
          """)
  void should_read_indices_as_python_writes_them(String text, String shape) {
    assertThat(Arrays.toString(x().get(text).shape())).isEqualTo(shape);
    assertThat(x().get(Index.parse(text)).equal(x().get(text))).isTrue();
  }

  @Test
  void should_spell_every_index() {
    assertThat(Index.parse("2, :, 1:, :5, 1:5, 1:5:2, ::2, ..., None, True"))
        .containsExactly(
            Index.at(2),
            Index.all(),
            Index.from(1),
            Index.to(5),
            Index.slice(1, 5),
            Index.slice(1, 5, 2),
            Index.all().step(2),
            Index.ellipsis(),
            Index.newAxis(),
            Index.of(true));
  }

  @Test
  void should_give_views_for_positions_slices_and_new_axes() {
    Tensor x = x();
    x.get("1, :, ::2").fill_(-1);
    x.get(0, 0, 0).fill_(-2);
    x.get(Index.newAxis(), Index.at(0), Index.at(1)).zero_();

    assertThat(x.get(1, 2).toLongArray()).containsExactly(-1, 21, -1, 23);
    assertThat(x.get(0).toArray(long[][].class))
        .isDeepEqualTo(new long[][] {{-2, 1, 2, 3}, {0, 0, 0, 0}, {8, 9, 10, 11}});
  }

  @Test
  void should_give_copies_for_masks_and_positions_in_tensors() {
    Tensor x = x();
    x.get(x.gt(20)).zero_();
    x.get(Torch.tensor(0L, 1L)).zero_();
    x.get(Index.of(true)).zero_();

    assertThat(x.sum().itemLong()).isEqualTo(276);
  }

  @Test
  void should_combine_tensors_with_other_indices() {
    Tensor x = x();
    Tensor mask = Torch.tensor(true, false, true);

    assertThat(x.get(Index.all(), mask, Index.at(-1)).toArray(long[][].class))
        .isDeepEqualTo(new long[][] {{3, 11}, {15, 23}});
    assertThat(x.get(Index.ellipsis(), Torch.tensor(3, 0)).shape()).containsExactly(2, 3, 2);
  }

  @Test
  void should_assign_numbers_and_tensors() {
    Tensor x = x();
    assertThat(x.set(0, "..., 1:")).isSameAs(x);
    x.set(7, 1, -1, 0).set(Torch.tensor(-1L, -2L, -3L), "0, :, 0");
    x.set(2.9, x.eq(12));

    assertThat(x.get("..., 0").toArray(long[][].class))
        .isDeepEqualTo(new long[][] {{-1, -2, -3}, {2, 16, 7}});
    assertThat(x.get("..., 1:").abs().sum().itemLong()).isZero();
  }

  @Test
  void should_assign_truth_values() {
    Tensor mask = Torch.zeros(DType.BOOL, 2, 2);
    mask.set(true, 0, 1).set(true, "1").set(false, Index.at(-1), Index.at(0));

    assertThat(mask.toArray(boolean[][].class))
        .isDeepEqualTo(new boolean[][] {{false, true}, {false, true}});
    assertThat(Torch.zeros(2).set(true, 0)).hasToString("tensor([1., 0.])");
  }

  @Test
  void should_record_assignments_for_gradients() {
    Tensor x = Torch.tensor(DType.FLOAT32.requiresGrad(true), 1f, 2f, 3f);
    Tensor y = x.mul(2).set(0, 1).set(x.get(2), 0);
    y.sum().backward();

    // y = [x2, 0, 2 * x2]
    assertThat(x.grad()).hasToString("tensor([0., 0., 3.])");
    assertThatThrownBy(() -> x.set(1, 0))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "a view of a leaf Variable that requires grad is being used in an in-place operation.");
  }

  @Test
  void should_refuse_positions_that_do_not_exist() {
    assertThatThrownBy(() -> x().get(2))
        .isInstanceOf(IndexException.class)
        .hasMessage("index 2 is out of bounds for dimension 0 with size 2");
    assertThatThrownBy(() -> x().get(0, -4))
        .isInstanceOf(IndexException.class)
        .hasMessage("index -4 is out of bounds for dimension 1 with size 3");
    assertThatThrownBy(() -> x().get(Long.MIN_VALUE))
        .isInstanceOf(IndexException.class)
        .hasMessage("index -9223372036854775808 is out of bounds for dimension 0 with size 2");
    assertThatThrownBy(() -> x().get(0, 0, 0, 0))
        .isInstanceOf(IndexException.class)
        .hasMessage("too many indices for tensor of dimension 3");
    assertThatThrownBy(() -> Torch.tensor(1f).get(5))
        .isInstanceOf(IndexException.class)
        .hasMessage("invalid index of a 0-dim tensor. Use item() to get its number");
    assertThatThrownBy(() -> x().get("..., ..., 0"))
        .isInstanceOf(IndexException.class)
        .hasMessage("an index can have only one ellipsis ('...')");
    assertThatThrownBy(() -> x().get(Torch.tensor(5L)))
        .isInstanceOf(IndexException.class)
        .hasMessage("index 5 is out of bounds for dimension 0 with size 2");
    assertThatThrownBy(() -> x().get(Torch.tensor(5L, 0L)))
        .isInstanceOf(IndexException.class)
        .hasMessage("index 5 is out of bounds for dimension 0 with size 2");
    assertThatThrownBy(() -> x().get(Torch.tensor(true, false, true)))
        .isInstanceOf(IndexException.class)
        .hasMessage(
            "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor"
                + " [2, 3, 4] at index 0");
  }

  @Test
  void should_refuse_texts_that_are_no_index() {
    for (String text : new String[] {"", "1:a", "1:2:3:4", "x", "1, , 2", "1.5"}) {
      assertThatThrownBy(() -> x().get(text))
          .isInstanceOf(IndexException.class)
          .hasMessageStartingWith("cannot read '")
          .hasMessageEndingWith(
              "in the index \"%s\"; expected numbers, slices as 1:5:2, ..., None, True or False,"
                  + " with commas between them",
              text);
    }
    assertThatThrownBy(() -> x().get("::-1"))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "slice step must be greater than zero, not -1; use flip() for the opposite order");
  }

  @Test
  void should_refuse_values_that_do_not_fit() {
    assertThatThrownBy(() -> x().set(Torch.tensor(1L, 2L), "0, 0"))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "The expanded size of the tensor (4) must match the existing size (2) at non-singleton"
                + " dimension 0.  Target sizes: [4].  Tensor sizes: [2]");
    assertThatThrownBy(() -> x().set(Torch.tensor(1L, 2L), Torch.tensor(true, true)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "shape mismatch: value tensor of shape [2] cannot be broadcast to indexing result of"
                + " shape [2, 3, 4]");
    assertThatThrownBy(() -> x().set(new Complex(0, 1), 0))
        .isInstanceOf(TorchException.class)
        .hasMessage("value cannot be converted to type int64_t without overflow");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void should_name_what_is_null() {
    assertThatThrownBy(() -> x().get(Index.at(0), null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("index 1 is null; use Index.newAxis() for a new dimension");
    assertThatThrownBy(() -> x().set((Tensor) null, 0))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the value to assign is null; expected a tensor or a number");
  }

  @Test
  void should_index_leaves_without_losing_their_graph() {
    Tensor x = Torch.tensor(TensorOptions.defaults().requiresGrad(true), 1f, 2f);
    x.get(x.gt(1)).sum().backward();

    assertThat(x.grad()).hasToString("tensor([0., 1.])");
  }
}
