package dev.pantorch.nn;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import org.junit.jupiter.api.Test;

class TransformerTest {
  private static TransformerEncoderLayer layer() {
    return new TransformerEncoderLayer(
        4, 2, o -> o.dimFeedforward(8).dropout(0.0).batchFirst(true));
  }

  @Test
  void should_copy_values_modes_and_hooks_without_drawing() {
    TransformerEncoderLayer layer = layer();
    layer.getParameter("linear1.bias").requiresGrad_(false);
    layer.eval();
    int[] calls = {0};
    layer.registerForwardPreHook((module, input) -> {
      calls[0]++;
      return null;
    });
    layer.to(DType.FLOAT64);
    Torch.manualSeed(3);
    Tensor expected = Torch.rand(1);
    Torch.manualSeed(3);
    TransformerEncoder encoder = new TransformerEncoder(layer, 2);
    assertThat(Torch.rand(1)).isBitEqualTo(expected);
    Tensor weight = encoder.getParameter("layers.1.linear1.weight");
    assertThat(weight).isBitEqualTo(layer.getParameter("linear1.weight"));
    assertThat(weight).isNotSameAs(layer.getParameter("linear1.weight"));
    assertThat(weight.dtype()).isEqualTo(DType.FLOAT64);
    assertThat(encoder.getParameter("layers.0.linear1.bias").requiresGrad()).isFalse();
    assertThat(encoder.getSubmodule("layers.0.dropout").isTraining()).isFalse();
    assertThat(encoder.isTraining()).isTrue();
    encoder.forward(Torch.rand(DType.FLOAT64, 2, 3, 4));
    assertThat(calls[0]).isEqualTo(2);
  }

  @Test
  void should_leave_the_fast_path_to_hooks() {
    TransformerEncoderLayer layer = layer();
    layer.eval();
    int[] calls = {0};
    layer
        .getSubmodule("linear2")
        .registerForwardHook((module, input, output) -> {
          calls[0]++;
          return null;
        });
    Tensor x = Torch.rand(2, 3, 4);
    Torch.noGrad(() -> layer.forward(x));
    assertThat(calls[0]).isEqualTo(1);
  }

  @Test
  void should_take_any_function_as_activation() {
    Torch.manualSeed(1);
    TransformerEncoderLayer named = layer();
    Torch.manualSeed(1);
    TransformerEncoderLayer own =
        new TransformerEncoderLayer(
            4,
            2,
            o -> o.dimFeedforward(8).dropout(0.0).batchFirst(true).activation(x -> x.clampMin(0)));
    Tensor x = Torch.rand(2, 3, 4);
    assertThat(own.forward(x)).isBitEqualTo(named.forward(x));
  }

  @Test
  void should_share_an_activation_without_state_and_copy_slopes_only() {
    ReLU relu = new ReLU();
    PReLU prelu = new PReLU();
    assertThat(stack(relu).getSubmodule("layers.1").namedChildren().get("activation"))
        .isSameAs(relu);
    assertThat(stack(prelu).getSubmodule("layers.1.activation"))
        .isInstanceOf(PReLU.class)
        .isNotSameAs(prelu);
    Layer scale =
        new Layer() {
          private final Tensor factor = registerParameter("factor", Torch.ones(1));

          @Override
          public Tensor forward(Tensor input) {
            return hooked(input, x -> x.mul(factor));
          }
        };
    assertThatThrownBy(() -> stack(scale))
        .hasMessage(
            "a stack copies its layer, and cannot copy the state of a Layer in it: give the"
                + " activation as a function");
  }

  private static TransformerEncoder stack(Layer activation) {
    return new TransformerEncoder(
        new TransformerEncoderLayer(
            4, 2, o -> o.dimFeedforward(8).batchFirst(true).activation(activation)),
        2);
  }

  /// Python's layers ask `torch.is_autocast_enabled()`, which is about CUDA: autocast of the CPU
  /// leaves the native operator in place, whose result it makes bfloat16. Step by step, the last
  /// normalisation gives float32. Python prints these dtypes.
  @Test
  void should_go_on_with_the_fast_path_under_autocast_of_the_cpu() {
    TransformerEncoderLayer layer = layer();
    layer.eval();
    Tensor x = Torch.rand(2, 3, 4);
    try (var noGrad = Torch.noGrad();
        var autocast = Torch.autocast(DeviceType.CPU)) {
      assertThat(layer.forward(x).dtype()).isEqualTo(DType.BFLOAT16);
      layer.registerForwardHook((module, input, output) -> null);
      assertThat(layer.forward(x).dtype()).isEqualTo(DType.FLOAT32);
    }
  }

  @Test
  void should_make_the_causal_mask() {
    double hidden = Double.NEGATIVE_INFINITY;
    assertThat(Transformer.generateSquareSubsequentMask(3).toDoubleArray())
        .containsExactly(0, hidden, hidden, 0, 0, hidden, 0, 0, 0);
    Tensor truth = Transformer.generateSquareSubsequentMask(2, DType.BOOL);
    assertThat(truth.dtype()).isEqualTo(DType.BOOL);
    assertThat(truth.int64().toLongArray()).containsExactly(0, 1, 0, 0);
  }

  @Test
  void should_refuse_sequences_that_do_not_fit() {
    Transformer transformer =
        new Transformer(o ->
            o.dModel(4)
                .nhead(2)
                .dimFeedforward(8)
                .numEncoderLayers(1)
                .numDecoderLayers(1)
                .batchFirst(true));
    assertThatThrownBy(() -> transformer.forward(Torch.rand(2, 3, 4), Torch.rand(3, 3, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("the batch number of src and tgt must be equal");
    assertThatThrownBy(() -> transformer.forward(Torch.rand(2, 3, 5), Torch.rand(2, 3, 4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("the feature number of src and tgt must be equal to d_model");
    assertThat(transformer.encoder().parameters()).hasSize(14);
    assertThat(transformer.decoder().parameters()).hasSize(20);
  }

  @Test
  void should_predict_rare_classes_too() {
    Torch.manualSeed(2);
    AdaptiveLogSoftmaxWithLoss softmax =
        new AdaptiveLogSoftmaxWithLoss(8, 20, new long[] {4, 10}, o -> o.headBias(true));
    softmax.resetParameters();
    Tensor x = Torch.randn(40, 8).mul(4);
    Tensor all = softmax.logProb(x);
    assertThat(all.exp().sum(1).sub(1).abs().max().item()).isLessThan(1e-5);
    // The head decides first, so only where it is sure is the best class that of all.
    Tensor head = all.get(":, :4").max(1).indices();
    Tensor predicted = softmax.predict(x);
    assertThat(predicted.lt(4).any().itemBoolean()).isTrue();
    assertThat(predicted.ge(4).any().itemBoolean()).isTrue();
    assertThat(predicted.eq(head).logicalOr(predicted.eq(all.argmax(1L))).all().itemBoolean())
        .isTrue();
    assertThatThrownBy(() -> softmax.forward(x, Torch.full(new long[] {40}, 20)))
        .hasMessage(
            "Target values should be in [0, 19], but values in range [20, 20] were found. ");
  }
}
