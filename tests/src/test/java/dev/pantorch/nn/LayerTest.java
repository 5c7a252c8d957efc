package dev.pantorch.nn;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.IndexException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.ValueException;
import dev.pantorch.nn.utils.ClipGrad;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What layers, losses, initialisers and clipping refuse, and what the parity fixtures leave out.
class LayerTest {
  private static Tensor full(double value, long... shape) {
    return Torch.full(shape, value);
  }

  @Test
  void should_read_given_vectors_frozen_unless_told_otherwise() {
    Tensor table = Torch.randn(4, 2);

    Embedding frozen = Embedding.fromPretrained(table);
    Embedding learned = Embedding.fromPretrained(Torch.randn(4, 2), o -> o.freeze(false));

    assertThat(frozen.weight()).isSameAs(table);
    assertThat(frozen.weight().requiresGrad()).isFalse();
    assertThat(learned.weight().requiresGrad()).isTrue();
    assertThat(frozen.forward(Torch.arange(4)).equal(table)).isTrue();
    assertThatThrownBy(() -> Embedding.fromPretrained(Torch.ones(3)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Embeddings parameter is expected to be 2-dimensional");
  }

  @Test
  void should_refuse_rows_that_are_not_in_the_table() {
    assertThatThrownBy(() -> new Embedding(4, 2, o -> o.paddingIdx(4)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Padding_idx must be within num_embeddings: 4 of 4");
    assertThatThrownBy(() -> new Embedding(4, 2).forward(Torch.arange(5)))
        .isInstanceOf(IndexException.class);
  }

  @Test
  void should_give_no_gradient_to_the_padding_row() {
    Embedding embedding = new Embedding(3, 2, o -> o.paddingIdx(-1));
    assertThat(embedding.weight().detach().select(0, 2).equal(Torch.zeros(2))).isTrue();

    embedding.forward(Torch.arange(3)).sum().backward();

    Tensor gradient = requireNonNull(embedding.weight().grad());
    assertThat(gradient.select(0, 2).equal(Torch.zeros(2))).isTrue();
    assertThat(gradient.narrow(0, 0, 2).equal(Torch.ones(2, 2))).isTrue();
  }

  @Test
  void should_refuse_a_batch_that_cannot_be_normalised() {
    BatchNorm1d norm = new BatchNorm1d(3);

    assertThatThrownBy(() -> norm.forward(Torch.ones(1, 3)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Expected more than 1 value per channel when training, got input size torch.Size([1,"
                + " 3])");
    assertThatThrownBy(() -> norm.forward(Torch.ones(3)))
        .isInstanceOf(ValueException.class)
        .hasMessage("expected 2D or 3D input (got 1D input)");
    norm.eval();
    assertThat(norm.forward(Torch.ones(1, 3)).shape()).containsExactly(1, 3);
  }

  @Test
  void should_refuse_a_probability_that_is_none() {
    assertThatThrownBy(() -> new Dropout(1.5))
        .isInstanceOf(ValueException.class)
        .hasMessage("dropout probability has to be between 0 and 1, but got 1.5");
  }

  @Test
  void should_overwrite_the_input_where_asked_to() {
    Tensor x = full(-1, 2);

    assertThat(new ReLU(true).forward(x)).isSameAs(x);
    assertThat(x.equal(Torch.zeros(2))).isTrue();
    assertThat(new ReLU(true).toString()).isEqualTo("ReLU(inplace=True)");
  }

  @Test
  void should_agree_among_the_losses_that_compute_the_same() {
    Tensor logits = Torch.randn(4, 3);
    Tensor classes = Torch.arange(4).remainder(3);
    Tensor weight = Torch.arange(3).add(1.0);

    Tensor byLikelihood =
        new NLLLoss(o -> o.weight(weight).ignoreIndex(1))
            .forward(new LogSoftmax(1).forward(logits), classes);
    Tensor byEntropy =
        new CrossEntropyLoss(o -> o.weight(weight).ignoreIndex(1)).forward(logits, classes);
    assertThat(byLikelihood.equal(byEntropy)).isTrue();

    Tensor target = Torch.rand(4, 3);
    for (Reduction reduction : List.of(Reduction.NONE, Reduction.MEAN, Reduction.SUM)) {
      Tensor ofLogits =
          new BCEWithLogitsLoss(o -> o.weight(weight).reduction(reduction)).forward(logits, target);
      Tensor ofProbabilities =
          new BCELoss(o -> o.weight(weight).reduction(reduction)).forward(logits.sigmoid(), target);
      assertThat(Torch.allclose(ofLogits, ofProbabilities, 1e-4, 1e-5, false)).isTrue();
    }
  }

  @Test
  void should_measure_absolute_errors() {
    Tensor x = Torch.zeros(2);
    Tensor y = Torch.arange(2).mul(-3.0);

    // |0 - 0| and |0 - -3|
    assertThat(new L1Loss().forward(x, y).equal(full(1.5))).isTrue();
    assertThat(new L1Loss(Reduction.SUM).forward(x, y).equal(full(3))).isTrue();
    assertThat(new L1Loss(Reduction.NONE).forward(x, y).equal(Torch.arange(2).mul(3.0))).isTrue();
  }

  @Test
  void should_refuse_targets_of_another_shape() {
    assertThatThrownBy(() -> new BCEWithLogitsLoss().forward(Torch.ones(4, 1), Torch.ones(4)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Target size (torch.Size([4])) must be the same as input size (torch.Size([4, 1]))");
    assertThatThrownBy(() -> new BCELoss().forward(full(0.5, 4, 1), Torch.ones(4)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Using a target size (torch.Size([4])) that is different to the input size"
                + " (torch.Size([4, 1])) is deprecated. Please ensure they have the same size.");
    assertThat(new MSELoss().forward(Torch.ones(4, 1), Torch.zeros(4)).equal(full(1)))
        .as("broadcast, with a warning")
        .isTrue();
  }

  @Test
  void should_save_weights_of_losses_as_python_does() {
    assertThat(
            new BCEWithLogitsLoss(o -> o.posWeight(Torch.ones(1)).weight(Torch.ones(1)))
                .stateDict()
                .keySet())
        .containsExactly("weight", "pos_weight");
  }

  @Test
  void should_refuse_to_initialise_what_has_no_fans() {
    assertThatThrownBy(() -> Init.xavierUniform_(Torch.ones(3)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
    assertThatThrownBy(() -> Init.eye_(Torch.ones(3)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Only tensors with 2 dimensions are supported");
    assertThatThrownBy(() -> Init.dirac_(Torch.ones(3, 3)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Only tensors with 3, 4, or 5 dimensions are supported");
    assertThatThrownBy(() -> Init.dirac_(Torch.ones(3, 3, 3), 2))
        .isInstanceOf(ValueException.class)
        .hasMessage("dim 0 must be divisible by groups");
    assertThatThrownBy(() -> Init.orthogonal_(Torch.ones(3)))
        .isInstanceOf(ValueException.class)
        .hasMessage("Only tensors with 2 or more dimensions are supported");
  }

  @Test
  void should_initialise_parameters_without_recording_it() {
    Linear layer = new Linear(3, 2);

    assertThat(Init.xavierUniform_(layer.weight())).isSameAs(layer.weight());
    assertThat(Init.zeros_(layer.weight()).isLeaf()).isTrue();
    assertThat(layer.weight().requiresGrad()).isTrue();
  }

  @Test
  void should_report_a_norm_that_is_no_number_before_it_changes_anything() {
    Tensor parameter = Torch.ones(2).requiresGrad_();
    parameter.setGrad(full(Double.NaN, 2));
    Tensor other = Torch.ones(2).requiresGrad_();
    other.setGrad(Torch.ones(2));

    assertThatThrownBy(() -> ClipGrad.clipGradNorm_(List.of(parameter, other), 1, 2, true))
        .isInstanceOf(TorchException.class)
        .hasMessage(
            "The total norm of order 2.0 for gradients from `parameters` is non-finite, so it"
                + " cannot be clipped. To disable this error and scale the gradients by the"
                + " non-finite norm anyway, set `error_if_nonfinite=False`");
    assertThat(requireNonNull(other.grad()).equal(Torch.ones(2))).isTrue();
  }

  @Test
  void should_clip_gradients_of_several_dtypes_and_skip_those_without() {
    Tensor single = Torch.ones(1).requiresGrad_();
    single.setGrad(full(3, 1));
    Tensor wide = Torch.ones(DType.FLOAT64, 1).requiresGrad_();
    wide.setGrad(Torch.full(new long[] {1}, 4.0, DType.FLOAT64));
    Tensor without = Torch.ones(1).requiresGrad_();

    Tensor norm = ClipGrad.clipGradNorm_(List.of(single, wide, without), 1);

    // the hypotenuse of 3 and 4
    assertThat(Torch.allclose(norm, Torch.full(new long[0], 5.0, norm.dtype()))).isTrue();
    assertThat(Torch.allclose(requireNonNull(single.grad()), full(0.6, 1), 1e-5, 1e-6, false))
        .isTrue();
    assertThat(without.grad()).isNull();
    assertThat(ClipGrad.clipGradNorm_(List.of(without), 1).equal(full(0))).isTrue();
  }
}
