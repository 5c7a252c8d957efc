package dev.pantorch.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.PrintOptions;
import dev.pantorch.Tensor;
import dev.pantorch.TensorOptions;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// `toString()`. The expected texts are what Python 2.13.0 prints for the same tensors; those of
/// dense tensors with standard options are compared in PrintingParityTest.
class PrintingTest {
  @AfterEach
  void restore() {
    Torch.setPrintOptions(PrintOptions.DEFAULT);
    Torch.setDefaultDtype(DType.FLOAT32);
  }

  private static void assertPrints(Tensor tensor, String text) {
    assertThat(tensor).hasToString(text.stripTrailing());
  }

  @Test
  void should_print_sparse_tensors() {
    assertPrints(
        Torch.eye(3).toSparse(),
        """
        tensor(indices=tensor([[0, 1, 2],
                               [0, 1, 2]]),
               values=tensor([1., 1., 1.]),
               size=(3, 3), nnz=3, layout=torch.sparse_coo)
        """);
    assertPrints(
        Torch.zeros(DType.FLOAT64, 2, 3).toSparse(),
        """
        tensor(indices=tensor([], size=(2, 0)),
               values=tensor([], size=(0,)),
               size=(2, 3), nnz=0, dtype=torch.float64, layout=torch.sparse_coo)
        """);
    assertPrints(
        Torch.eye(3).toSparseCsr(),
        """
        tensor(crow_indices=tensor([0, 1, 2, 3]),
               col_indices=tensor([0, 1, 2]),
               values=tensor([1., 1., 1.]), size=(3, 3), nnz=3,
               layout=torch.sparse_csr)
        """);
    assertPrints(
        Torch.eye(4, DType.FLOAT64).toSparseBsc(new long[] {2, 2}),
        """
        tensor(ccol_indices=tensor([0, 1, 2]),
               row_indices=tensor([0, 1]),
               values=tensor([[[1., 0.],
                               [0., 1.]],

                              [[1., 0.],
                               [0., 1.]]]), size=(4, 4), nnz=2, dtype=torch.float64,
               layout=torch.sparse_bsc)
        """);
    assertPrints(
        Torch.eye(3).toMkldnn(),
        """
        tensor([[1., 0., 0.],
                [0., 1., 0.],
                [0., 0., 1.]], layout=torch._mkldnn)
        """);
  }

  @Test
  void should_print_quantized_tensors() {
    assertPrints(
        Torch.quantizePerTensor(Torch.tensor(1f, 2f), 0.1, 10, DType.QUINT8),
        """
        tensor([1., 2.], size=(2,), dtype=torch.quint8,
               quantization_scheme=torch.per_tensor_affine, scale=0.1, zero_point=10)
        """);
    assertPrints(
        Torch.quantizePerChannel(
            Torch.tensor(new float[][] {{1, 2}, {3, 4}}),
            Torch.tensor(0.1f, 1e-5f),
            Torch.tensor(0L, 0L),
            0,
            DType.QINT8),
        """
        tensor([[1.0000e+00, 2.0000e+00],
                [1.2700e-03, 1.2700e-03]], size=(2, 2), dtype=torch.qint8,
               quantization_scheme=torch.per_channel_affine,
               scale=tensor([1.0000e-01, 1.0000e-05], dtype=torch.float64),
               zero_point=tensor([0, 0]), axis=0)
        """);
  }

  @Test
  void should_print_tensors_without_readable_elements() {
    assertPrints(
        Torch.zeros(DType.FLOAT64.on(Device.META), 2, 3),
        "tensor(..., device='meta', size=(2, 3), dtype=torch.float64)");
    Tensor closed = Torch.zeros(2);
    closed.close();
    assertPrints(closed, "tensor(closed)");
    try (TensorScope scope = TensorScope.open()) {
      Tensor confined = Torch.zeros(2);
      assertThat(CompletableFuture.supplyAsync(confined::toString).join())
          .isEqualTo("tensor(of another thread's scope)");
    }
  }

  @Test
  void should_print_nested_tensors() {
    Tensor nested =
        Torch.op("aten::_nested_tensor_from_tensor_list")
            .callTensor(
                List.of(
                    Torch.tensor(new float[][] {{1, 2}, {3, 4}}),
                    Torch.tensor(new float[][] {{1, 2}})),
                null,
                null,
                null,
                null);

    assertThat(nested.shape()).containsExactly(2, -1, 2);
    assertPrints(
        nested,
        """
        nested_tensor([
          tensor([[1., 2.],
                  [3., 4.]]),
          tensor([[1., 2.]])
        ])
        """);
  }

  @Test
  void should_print_integers_of_every_width() {
    assertPrints(
        Torch.tensor(-1L, 1L).view(DType.UINT64),
        "tensor([18446744073709551615,                    1], dtype=torch.uint64)");
  }

  @Test
  void should_name_the_function_that_made_a_tensor() {
    Tensor leaf = Torch.tensor(TensorOptions.defaults().requiresGrad(true), 1f, 2f);
    assertPrints(leaf.mul(1).set(5, 0), "tensor([5., 2.], grad_fn=<CopySlices>)");
    assertPrints(
        Torch.tensor(DType.FLOAT32.requiresGrad(true), 1.0 / 3, 1e-6, 12345.678),
        "tensor([3.3333e-01, 1.0000e-06, 1.2346e+04], requires_grad=True)");
  }

  @Test
  void should_round_as_python_does() {
    // Half to even from the exact values: 0.12345 is a little less than that.
    assertPrints(
        Torch.tensor(0.00005, 0.5, 2.5, 1.00005, 0.12345),
        """
        tensor([5.0000e-05, 5.0000e-01, 2.5000e+00, 1.0001e+00, 1.2345e-01],
               dtype=torch.float64)
        """);
    assertPrints(Torch.tensor(-0.00001f, 1.5f), "tensor([-1.0000e-05,  1.5000e+00])");
    assertPrints(
        Torch.tensor(Double.MIN_VALUE, 1.7e308),
        "tensor([4.9407e-324, 1.7000e+308], dtype=torch.float64)");
  }

  @Test
  void should_follow_the_print_options() {
    Torch.setPrintOptions(PrintOptions.DEFAULT.precision(2).threshold(5).edgeItems(1));
    assertPrints(
        Torch.arange(36f).reshape(2, 3, 6).div(7),
        """
        tensor([[[0.00,  ..., 0.71],
                 ...,
                 [1.71,  ..., 2.43]],

                [[2.57,  ..., 3.29],
                 ...,
                 [4.29,  ..., 5.00]]])
        """);
    Torch.setPrintOptions(PrintOptions.DEFAULT.threshold(3).edgeItems(0));
    assertPrints(Torch.arange(6), "tensor([...], size=(6,))");
    assertPrints(Torch.arange(6).reshape(2, 3), "tensor([...], size=(2, 3))");
    Torch.setPrintOptions(PrintOptions.DEFAULT.sciMode(true).precision(0));
    assertPrints(Torch.tensor(1.5f, 25f), "tensor([2e+00, 2e+01])");
    Torch.setPrintOptions(PrintOptions.DEFAULT.lineWidth(20));
    Tensor complex = Torch.viewAsComplex(Torch.tensor(new float[][] {{1, 2}, {3.5f, -4}}));
    assertPrints(
        complex,
        """
        tensor([1.0000+2.j,
                3.5000-4.j])
        """);
    assertThat(Torch.getPrintOptions().lineWidth()).isEqualTo(20);
    assertThatThrownBy(() -> PrintOptions.DEFAULT.precision(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "print options must not be negative: precision -1, threshold 1000, edgeItems 3,"
                + " lineWidth 80");
  }

  @Test
  void should_name_the_dtypes_that_differ_from_the_default() {
    Torch.setDefaultDtype(DType.FLOAT64);
    assertPrints(Torch.tensor(1.0), "tensor(1.)");
    assertPrints(Torch.tensor(1f), "tensor(1., dtype=torch.float32)");
    assertPrints(Torch.tensor(new Complex(0, 1)), "tensor(0.+1.j)");
  }

  @Test
  void should_leave_no_tensors_and_no_modes_behind() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor large = Torch.zeros(100, 100);
      int before = scope.size();
      assertThat(large.toString()).startsWith("tensor([[0., 0., 0.,  ..., 0., 0., 0.],");
      assertThat(scope.size()).isEqualTo(before);
      assertThat(Torch.isGradEnabled()).isTrue();
    }
  }
}
