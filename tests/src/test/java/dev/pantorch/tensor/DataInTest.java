package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// `Torch.tensor(...)`.
class DataInTest {
  static Stream<Arguments> everyJavaType() {
    return Stream.of(
        Arguments.of(Torch.tensor(1f, -2.5f), DType.FLOAT32, "tensor([ 1.0000, -2.5000])"),
        Arguments.of(
            Torch.tensor(1.0, -2.5),
            DType.FLOAT64,
            "tensor([ 1.0000, -2.5000], dtype=torch.float64)"),
        Arguments.of(Torch.tensor(1, -2), DType.INT32, "tensor([ 1, -2], dtype=torch.int32)"),
        Arguments.of(Torch.tensor(1L, -2L), DType.INT64, "tensor([ 1, -2])"),
        Arguments.of(
            Torch.tensor(new short[] {1, -2}), DType.INT16, "tensor([ 1, -2], dtype=torch.int16)"),
        Arguments.of(
            Torch.tensor(new byte[] {1, -2}), DType.INT8, "tensor([ 1, -2], dtype=torch.int8)"),
        Arguments.of(Torch.tensor(true, false), DType.BOOL, "tensor([ True, False])"));
  }

  @ParameterizedTest
  @MethodSource("everyJavaType")
  void should_take_the_dtype_from_the_java_type(Tensor tensor, DType dtype, String printed) {
    try (tensor) {
      assertThat(tensor.dtype()).isEqualTo(dtype);
      assertThat(tensor.shape()).containsExactly(2);
      assertThat(tensor).hasToString(printed);
    }
  }

  @Test
  void should_make_scalars_without_dimensions() {
    assertThat(Torch.tensor(2.5f)).hasToString("tensor(2.5000)");
    assertThat(Torch.tensor(2.5)).hasToString("tensor(2.5000, dtype=torch.float64)");
    assertThat(Torch.tensor(3)).hasToString("tensor(3, dtype=torch.int32)");
    assertThat(Torch.tensor(3L)).hasToString("tensor(3)");
    assertThat(Torch.tensor(true)).hasToString("tensor(True)");
    assertThat(Torch.tensor(new Complex(1, -2)))
        .hasToString("tensor(1.-2.j, dtype=torch.complex128)");
    assertThat(Torch.tensor(DType.FLOAT16, 2.5)).hasToString("tensor(2.5000, dtype=torch.float16)");
  }

  @Test
  void should_fill_the_shape_in_row_major_order() {
    Tensor tensor = Torch.tensor(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    assertThat(tensor).hasToString("tensor([[1., 2., 3.],\n        [4., 5., 6.]])");
    assertThat(Torch.tensor(new int[6], 3, -1).shape()).containsExactly(3, 2);
    assertThat(Torch.tensor(new long[] {7}, new long[0]).shape()).isEmpty();
    assertThat(Torch.tensor(new double[0], 0, 5).shape()).containsExactly(0, 5);
  }

  @Test
  void should_convert_values_as_python_does() {
    // torch.tensor([2.7, -2.7], dtype=torch.int64), ...(dtype=torch.bool), ...(dtype=torch.uint8)
    assertThat(Torch.tensor(DType.INT64, 2.7, -2.7).toLongArray()).containsExactly(2, -2);
    assertThat(Torch.tensor(DType.BOOL, 0.0, -0.5).toBooleanArray()).containsExactly(false, true);
    assertThat(Torch.tensor(DType.UINT8, new byte[] {-1, 5}).toIntArray()).containsExactly(255, 5);
    assertThat(Torch.tensor(DType.BFLOAT16, 1 + 0x1p-8f, 3f).toFloatArray())
        .containsExactly(1f, 3f);
    assertThat(Torch.tensor(DType.COMPLEX64, 1f).itemComplex()).isEqualTo(new Complex(1, 0));
  }

  @Test
  void should_honour_device_and_requires_grad() {
    Tensor leaf = Torch.tensor(DType.FLOAT64.requiresGrad(true), new int[] {1, 2}, 2, 1);

    assertThat(leaf.requiresGrad()).isTrue();
    assertThat(leaf.isLeaf()).isTrue();
    assertThat(leaf.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(Torch.tensor(Device.META, 1f, 2f).device()).isEqualTo(Device.META);
    assertThat(Torch.zeros(TensorOptions.defaults().requiresGrad(true), 2).requiresGrad()).isTrue();
    assertThat(Torch.zeros(2).requiresGrad()).isFalse();
  }

  @Test
  void should_read_nested_arrays_of_any_depth() {
    assertThat(Torch.tensor(new float[][] {{1, 2}, {3, 4}, {5, 6}}))
        .hasToString("tensor([[1., 2.],\n        [3., 4.],\n        [5., 6.]])");
    Tensor deep = Torch.tensor(new long[][][] {{{1}, {2}, {3}}, {{4}, {5}, {6}}});
    assertThat(deep.shape()).containsExactly(2, 3, 1);
    assertThat(deep.toLongArray()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(Torch.tensor(new boolean[][] {{true}, {false}}).toBooleanArray())
        .containsExactly(true, false);
    assertThat(Torch.tensor(DType.FLOAT32, new int[][] {{1}, {2}}).dtype())
        .isEqualTo(DType.FLOAT32);
    assertThat(Torch.tensor(new float[2][0]).shape()).containsExactly(2, 0);
    assertThat(Torch.tensor(new float[0][]).shape()).containsExactly(0, 0);
  }

  @Test
  void should_name_the_place_where_nested_arrays_are_no_box() {
    assertThatThrownBy(() -> Torch.tensor(new float[][] {{1, 2}, {3}}))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "data[1] has 1 elements, but data[0] has 2: arrays of one level must be equally long");
    assertThatThrownBy(() -> Torch.tensor(new int[][][] {{{1}, {2}}, {{3}, {4, 5}}}))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "data[1][1] has 2 elements, but data[0][0] has 1: arrays of one level must be equally"
                + " long");
    assertThatThrownBy(() -> Torch.tensor(new int[][] {{1}, null}))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("data[1] is null; expected an array");
  }

  @Test
  void should_refuse_elements_without_a_dtype() {
    assertThatThrownBy(() -> Torch.tensor(new char[][] {{'a'}}))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "elements of type char have no dtype; expected byte, short, int, long, float, double or"
                + " boolean");
    assertThatThrownBy(() -> Torch.tensor(CharBuffer.wrap("a")))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "elements of type char have no dtype; expected byte, short, int, long, float, double or"
                + " boolean");
    assertThatThrownBy(() -> Torch.tensor(new Float[] {1f}))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "data of type java.lang.Float[] cannot become a tensor; expected arrays of a primitive"
                + " type, as float[][]");
  }

  @Test
  void should_refuse_shapes_that_the_data_do_not_fill() {
    assertThatThrownBy(() -> Torch.tensor(new float[5], 2, 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage("5 elements do not fill the shape [2, 3]");
    assertThatThrownBy(() -> Torch.tensor(new float[5], -1, 3))
        .isInstanceOf(ShapeException.class)
        .hasMessage("5 elements do not fill the shape [-1, 3]");
    assertThatThrownBy(() -> Torch.tensor(new float[6], -1, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "size -1 of dimension 1 in shape [-1, -1] is negative; one -1 may stand for what"
                + " follows from the others");
    // 2^32 * 2^32 is 0 in 64 bits.
    assertThatThrownBy(() -> Torch.tensor(new float[0], 1L << 32, 1L << 32))
        .isInstanceOf(ShapeException.class)
        .hasMessage("0 elements do not fill the shape [4294967296, 4294967296]");
    assertThatThrownBy(() -> Torch.tensor(DType.FLOAT32.layout(Layout.SPARSE), 1f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "data can be given to a tensor of layout strided only, not sparse_coo; convert it"
                + " afterwards");
  }

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void should_name_what_is_null() {
    assertThatThrownBy(() -> Torch.tensor((float[]) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the data is null; expected an array");
    assertThatThrownBy(() -> Torch.tensor((TensorOptions) null, 1f))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("the options are null");
  }

  @Test
  void should_read_buffers_between_position_and_limit_in_their_byte_order() {
    ByteBuffer heap = ByteBuffer.allocate(16); // big-endian, as buffers are at first
    heap.asFloatBuffer().put(new float[] {1, 2, 3, 4});
    FloatBuffer swapped = heap.asFloatBuffer().position(1).limit(3);
    assertThat(Torch.tensor(swapped).toFloatArray()).containsExactly(2, 3);
    assertThat(swapped.position()).isEqualTo(1);

    LongBuffer direct = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder()).asLongBuffer();
    direct.put(new long[] {1, 2, 3, Long.MIN_VALUE}).flip();
    assertThat(Torch.tensor(direct, 2, 2).toLongArray()).containsExactly(1, 2, 3, Long.MIN_VALUE);

    assertThat(Torch.tensor(heap.asReadOnlyBuffer()).dtype()).isEqualTo(DType.INT8);
    assertThat(Torch.tensor(DType.FLOAT64, FloatBuffer.wrap(new float[] {1, 2})).toDoubleArray())
        .containsExactly(1, 2);
  }

  @Test
  void should_copy_segments_of_any_kind() {
    MemorySegment heap = MemorySegment.ofArray(new float[] {1, 2, 3});
    assertThat(Torch.tensor(heap, DType.FLOAT32).toFloatArray()).containsExactly(1, 2, 3);
    // 0x3c00 is 1 and 0xc000 is -2 in half precision.
    MemorySegment halves = MemorySegment.ofArray(new short[] {0x3c00, (short) 0xc000});
    assertThat(Torch.tensor(halves.asReadOnly(), DType.FLOAT16, 2, 1))
        .hasToString("tensor([[ 1.],\n        [-2.]], dtype=torch.float16)");
    assertThatThrownBy(() -> Torch.tensor(heap, DType.FLOAT64))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "12 bytes are no whole number of elements of torch.float64, which have 8 bytes each");
    assertThatThrownBy(() -> Torch.tensor(heap, DType.QINT8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("torch.qint8 has no elements that could be given as bytes");
  }
}
