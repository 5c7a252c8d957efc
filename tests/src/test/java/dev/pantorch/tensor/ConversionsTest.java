package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.MemoryFormat;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// `to(...)` and its short forms.
class ConversionsTest {
  @Test
  void should_have_a_method_for_every_common_dtype() {
    Map<DType, UnaryOperator<Tensor>> methods = new LinkedHashMap<>();
    methods.put(DType.FLOAT32, Tensor::float32);
    methods.put(DType.FLOAT64, Tensor::float64);
    methods.put(DType.FLOAT16, Tensor::float16);
    methods.put(DType.BFLOAT16, Tensor::bfloat16);
    methods.put(DType.INT64, Tensor::int64);
    methods.put(DType.INT32, Tensor::int32);
    methods.put(DType.INT16, Tensor::int16);
    methods.put(DType.INT8, Tensor::int8);
    methods.put(DType.UINT8, Tensor::uint8);
    methods.put(DType.BOOL, Tensor::bool);
    methods.put(DType.COMPLEX64, Tensor::complex64);
    methods.put(DType.COMPLEX128, Tensor::complex128);
    Tensor x = Torch.tensor(0f, 2.75f);

    methods.forEach((dtype, method) -> {
      Tensor converted = method.apply(x);
      assertThat(converted.dtype()).isEqualTo(dtype);
      assertThat(converted.ne(0).toBooleanArray()).containsExactly(false, true);
    });
    assertThat(x.half().dtype()).isEqualTo(DType.FLOAT16);
    assertThat(x.int64().toLongArray()).containsExactly(0, 2);
  }

  @Test
  void should_share_memory_where_nothing_changes() {
    Tensor x = Torch.tensor(1f, 2f);
    x.to(DType.FLOAT32).cpu().mul_(2);
    assertThat(x.toFloatArray()).containsExactly(2, 4);

    x.to(DType.FLOAT32, false, true, null).mul_(2);
    assertThat(x.toFloatArray()).containsExactly(2, 4);
  }

  @Test
  void should_take_dtype_and_device_together_or_from_another_tensor() {
    Tensor x = Torch.tensor(1f, 2f);
    Tensor moved = x.to(DType.INT32.on(Device.META));
    assertThat(moved.dtype()).isEqualTo(DType.INT32);
    assertThat(moved.device()).isEqualTo(Device.META);

    assertThat(x.to(Torch.tensor(1L)).dtype()).isEqualTo(DType.INT64);
    assertThat(x.to(moved).device()).isEqualTo(Device.META);
  }

  @Test
  void should_order_memory_as_asked() {
    Tensor images = Torch.zeros(2, 3, 4, 5);
    Tensor channelsLast = images.to(DType.FLOAT32, false, false, MemoryFormat.CHANNELS_LAST);

    assertThat(channelsLast.strides()).containsExactly(60, 1, 15, 3);
  }

  @Test
  void should_let_gradients_through() {
    Tensor x = Torch.tensor(DType.FLOAT32.requiresGrad(true), 1f, 2f);
    x.float64().mul(3).sum().backward();

    assertThat(x.grad()).hasToString("tensor([3., 3.])");
    assertThatThrownBy(() -> x.to(DType.FLOAT64.requiresGrad(true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "to() records gradients for its result when the tensor has them; call requiresGrad_()"
                + " instead of setting requiresGrad in the options");
  }

  @Test
  void should_name_a_device_that_cannot_be_used() {
    assertThatThrownBy(() -> Torch.tensor(1f).to(Device.of("ipu:1")))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "device 'ipu:1' was asked for, but this libtorch finds no ipu device; check with"
                + " Torch.accelerator(), or use Device.CPU");
    assertThatThrownBy(() -> Torch.tensor(1f).cuda(-2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "device index -2 is out of range; expected 0 to 127, or -1 for the current device");
  }
}
