package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.BFloat16;
import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Arrays, buffers and single elements from tensors.
class DataOutTest {
  @Test
  void should_give_the_elements_in_row_major_order_whatever_the_strides() {
    Tensor transposed = Torch.arange(6).reshape(2, 3).t();

    assertThat(transposed.toLongArray()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(Torch.tensor(1f).expand(3).toFloatArray()).containsExactly(1, 1, 1);
    assertThat(Torch.eye(2).toSparse().toFloatArray()).containsExactly(1, 0, 0, 1);
    assertThat(Torch.zeros(0, 3).toFloatArray()).isEmpty();
  }

  @Test
  void should_resolve_lazy_conjugates_and_negatives() {
    Tensor conjugate = Torch.tensor(new Complex(1, 2)).reshape(1).conj();

    assertThat(Torch.viewAsReal(conjugate.resolveConj()).toDoubleArray()).containsExactly(1, -2);
    // The imaginary part of a lazy conjugate is a lazy negative.
    assertThat(Torch.imag(conjugate).isNeg()).isTrue();
    assertThat(Torch.imag(conjugate).toDoubleArray()).containsExactly(-2);
  }

  @Test
  void should_read_zeros_that_have_no_memory() {
    Tensor zeros =
        Torch.op("aten::_efficientzerotensor")
            .callTensor(List.of(2L), DType.FLOAT32, null, Device.CPU, null);

    assertThat(zeros.toFloatArray()).containsExactly(0, 0);
    assertThat(zeros).hasToString("tensor([0., 0.])");
    assertThatThrownBy(() -> zeros.data(Arena.ofAuto()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "data: float32[2] on cpu are zeros that have no memory; use clone(null).data(arena)");
  }

  @Test
  void should_read_tensors_that_require_gradients_and_leave_no_trace() {
    Tensor leaf = Torch.tensor(DType.FLOAT16.requiresGrad(true), 1f, 2f);

    assertThat(leaf.toFloatArray()).containsExactly(1, 2);
    assertThat(leaf.grad()).isNull();
    assertThat(leaf.gradFn()).isNull();
  }

  @Test
  void should_widen_what_fits_exactly() {
    assertThat(Torch.tensor(DType.FLOAT16, 0.1).toDoubleArray()).containsExactly(0.0999755859375);
    assertThat(Torch.tensor(DType.BFLOAT16, 1f, -2f).toFloatArray()).containsExactly(1, -2);
    assertThat(Torch.tensor(DType.FLOAT8_E5M2, 0.5f).toFloatArray()).containsExactly(0.5f);
    assertThat(Torch.tensor(new short[] {-5}).toIntArray()).containsExactly(-5);
    assertThat(Torch.tensor(DType.UINT8, 200).toShortArray()).containsExactly((short) 200);
    assertThat(Torch.tensor(DType.UINT8, 200).toByteArray()).containsExactly((byte) 200);
    assertThat(Torch.tensor(DType.UINT32, 4294967295L).toLongArray()).containsExactly(4294967295L);
    assertThat(Torch.tensor(7).toDoubleArray()).containsExactly(7);
  }

  @Test
  void should_refuse_to_lose_anything_silently() {
    assertThatThrownBy(() -> Torch.tensor(1.0).toFloatArray())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toFloatArray: not every element of torch.float64 is a float; to have them converted,"
                + " call to(DType.FLOAT32) first");
    assertThatThrownBy(() -> Torch.tensor(1f).toIntArray())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toIntArray: not every element of torch.float32 is an int; to have them converted, call"
                + " to(DType.INT32) first");
    assertThatThrownBy(() -> Torch.tensor(1L).toDoubleArray())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toDoubleArray: not every element of torch.int64 is a double; to have them converted,"
                + " call to(DType.FLOAT64) first");
    assertThatThrownBy(() -> Torch.tensor(new Complex(1, 2)).toDoubleArray())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toDoubleArray: not every element of torch.complex128 is a double; use Torch.real,"
                + " Torch.imag or Torch.viewAsReal first");
    assertThatThrownBy(() -> Torch.tensor(1).toBooleanArray())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toBooleanArray: not every element of torch.int32 is a boolean; to have them converted,"
                + " call to(DType.BOOL) first");
  }

  @Test
  void should_refuse_tensors_without_elements_to_read() {
    assertThatThrownBy(() -> Torch.zeros(Device.META, 2).toFloatArray())
        .isInstanceOf(TorchException.class)
        .hasMessageContaining("Cannot copy out of meta tensor; no data!");
  }

  @Test
  void should_give_nested_arrays() {
    Tensor x = Torch.arange(12).reshape(2, 3, 2);

    assertThat(x.toArray(long[][][].class))
        .isDeepEqualTo(new long[][][] {{{0, 1}, {2, 3}, {4, 5}}, {{6, 7}, {8, 9}, {10, 11}}});
    assertThat(x.float32().get(0).toArray(float[][].class))
        .isDeepEqualTo(new float[][] {{0, 1}, {2, 3}, {4, 5}});
    assertThat(x.gt(3).get(0).toArray(boolean[][].class))
        .isDeepEqualTo(new boolean[][] {{false, false}, {false, false}, {true, true}});
    assertThat(Torch.zeros(2, 0).toArray(float[][].class)).isDeepEqualTo(new float[2][0]);
    assertThatThrownBy(() -> x.toArray(long[][].class))
        .isInstanceOf(ShapeException.class)
        .hasMessage("toArray: a tensor of 3 dimensions does not fit long[][], which has 2");
    assertThatThrownBy(() -> x.toArray(String[].class))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "toArray: java.lang.String[] is no array of a primitive type; expected a class such as"
                + " float[][].class");
  }

  @Test
  void should_copy_into_arrays_buffers_and_segments() {
    Tensor x = Torch.tensor(1f, 2f, 3f);
    float[] array = {9, 9, 9, 9};
    x.copyTo(array);
    assertThat(array).containsExactly(1, 2, 3, 9);

    FloatBuffer bigEndian = ByteBuffer.allocate(20).asFloatBuffer().position(1);
    x.copyTo(bigEndian);
    assertThat(bigEndian.position()).isEqualTo(4);
    assertThat(bigEndian.get(1)).isEqualTo(1);
    assertThat(bigEndian.get(3)).isEqualTo(3);

    short[] bits = new short[3];
    x.float16().copyTo(MemorySegment.ofArray(bits));
    assertThat(bits).containsExactly(0x3c00, 0x4000, 0x4200);

    assertThatThrownBy(() -> x.copyTo(new float[2]))
        .isInstanceOf(ShapeException.class)
        .hasMessage("copyTo: the target has room for 2 elements, but float32[3] on cpu has 3");
    assertThatThrownBy(() -> x.copyTo(MemorySegment.ofArray(new short[5])))
        .isInstanceOf(ShapeException.class)
        .hasMessage("copyTo: the target has room for 2 elements, but float32[3] on cpu has 3");
  }

  @Test
  void should_give_one_element_exactly() {
    assertThat(Torch.tensor(0.1f).item()).isEqualTo(0.10000000149011612);
    assertThat(Torch.tensor(DType.BFLOAT16, 3f).reshape(1, 1).item()).isEqualTo(3);
    assertThat(Torch.tensor(-7).item()).isEqualTo(-7);
    assertThat(Torch.tensor(Long.MIN_VALUE).itemLong()).isEqualTo(Long.MIN_VALUE);
    assertThat(Torch.tensor(3.0).itemLong()).isEqualTo(3);
    assertThat(Torch.tensor(true).itemBoolean()).isTrue();
    assertThat(Torch.tensor(new Complex(1, -2)).itemComplex()).isEqualTo(new Complex(1, -2));
    assertThat(Torch.tensor(2.5).itemComplex()).isEqualTo(new Complex(2.5, 0));
    assertThat(Torch.tensor(2.5f).itemNumber()).isEqualTo(2.5);
    assertThat(Torch.tensor(5).itemNumber()).isEqualTo(5L);
  }

  @Test
  void should_refuse_an_item_that_does_not_fit() {
    assertThatThrownBy(() -> Torch.tensor(9007199254740993L).item())
        .isInstanceOf(TypeException.class)
        .hasMessage("item: 9007199254740993 does not fit a double exactly; use itemLong()");
    assertThatThrownBy(() -> Torch.tensor(Long.MAX_VALUE).item())
        .isInstanceOf(TypeException.class)
        .hasMessage("item: 9223372036854775807 does not fit a double exactly; use itemLong()");
    assertThatThrownBy(() -> Torch.tensor(true).item())
        .isInstanceOf(TypeException.class)
        .hasMessage("item: the element is torch.bool; use itemBoolean()");
    assertThatThrownBy(() -> Torch.tensor(2.5).itemLong())
        .isInstanceOf(TypeException.class)
        .hasMessage("itemLong: 2.5 is no long; use item()");
    assertThatThrownBy(() -> Torch.tensor(Double.NaN).itemLong())
        .isInstanceOf(TypeException.class)
        .hasMessage("itemLong: NaN is no long; use item()");
    assertThatThrownBy(() -> Torch.tensor(1).itemBoolean())
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "itemBoolean: the element is torch.int32; use itemNumber(), or a comparison as ne(0)");
    assertThatThrownBy(() -> Torch.tensor(1f, 2f).item())
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "aten::item: a Tensor with 2 elements cannot be converted to Scalar [self: float32[2]"
                + " on cpu]");
  }

  @Test
  void should_convert_bfloat16_bits_as_libtorch_does() {
    float[] values = {0, -0f, 1, 1 + 0x1p-8f, 1 + 0x3p-8f, 3.4e38f, -1e-40f, 1 / 0f};
    short[] bits = Torch.tensor(values).bfloat16().view(DType.INT16).toShortArray();

    for (int i = 0; i < values.length; i++) {
      assertThat(BFloat16.fromFloat(values[i])).as("%s", values[i]).isEqualTo(bits[i]);
      assertThat(BFloat16.toFloat(bits[i]))
          .isEqualTo(Torch.tensor(values[i]).bfloat16().toFloatArray()[0]);
    }
    assertThat(BFloat16.toFloat(BFloat16.fromFloat(Float.NaN))).isNaN();
  }
}
