package dev.pantorch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What the LSTM refuses, in Python's words, and how its results relate to each other. Its numbers
/// are compared with Python's in the parity tests.
class LSTMTest {
  private record Refused(
      String name, ThrowingCallable call, Class<? extends Exception> type, String message) {}

  private static LSTM.State state(long layers, long batch, long h, long c) {
    return new LSTM.State(Torch.zeros(layers, batch, h), Torch.zeros(layers, batch, c));
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_what_the_kernel_would_not_check() {
    LSTM lstm = new LSTM(5, 4, o -> o.numLayers(2));
    LSTM projected = new LSTM(5, 4, o -> o.projSize(3).bidirectional(true).batchFirst(true));
    Tensor x = Torch.ones(3, 2, 5);
    return List.of(
            new Refused(
                "too few dimensions",
                () -> lstm.forward(Torch.ones(5)),
                ValueException.class,
                "LSTM: Expected input to be 2D or 3D, got 1D instead"),
            new Refused(
                "too many dimensions",
                () -> lstm.forward(Torch.ones(1, 3, 2, 5)),
                ValueException.class,
                "LSTM: Expected input to be 2D or 3D, got 4D instead"),
            new Refused(
                "other features",
                () -> lstm.forward(Torch.ones(3, 2, 6)),
                ShapeException.class,
                "input.size(-1) must be equal to input_size. Expected 5, got 6"),
            new Refused(
                "other dtype",
                () -> lstm.forward(Torch.ones(DType.FLOAT64, 3, 2, 5)),
                TypeException.class,
                "RNN input dtype (torch.float64) does not match weight dtype (torch.float32)."
                    + " Convert input: input.to(torch.float32), or convert model:"
                    + " model.to(torch.float64)"),
            new Refused(
                "state of too small a batch",
                () -> lstm.forward(x, state(2, 1, 4, 4)),
                ShapeException.class,
                "Expected hidden[0] size (2, 2, 4), got [2, 1, 4]"),
            new Refused(
                "state of too few layers",
                () -> lstm.forward(x, state(1, 2, 4, 4)),
                ShapeException.class,
                "Expected hidden[0] size (2, 2, 4), got [1, 2, 4]"),
            new Refused(
                "cell state of another size",
                () -> lstm.forward(x, state(2, 2, 4, 5)),
                ShapeException.class,
                "Expected hidden[1] size (2, 2, 4), got [2, 2, 5]"),
            new Refused(
                "state not projected",
                () -> projected.forward(x, state(2, 3, 4, 4)),
                ShapeException.class,
                "Expected hidden[0] size (2, 3, 3), got [2, 3, 4]"),
            new Refused(
                "unbatched state of a batch",
                () -> lstm.forward(x, new LSTM.State(Torch.zeros(2, 4), Torch.zeros(2, 4))),
                ShapeException.class,
                "For batched 3-D input, hx and cx should also be 3-D but got (2-D, 2-D) tensors"),
            new Refused(
                "batched state of one sequence",
                () -> lstm.forward(Torch.ones(3, 5), state(2, 1, 4, 4)),
                ShapeException.class,
                "For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 3-D) tensors"),
            new Refused(
                "no input features",
                () -> new LSTM(0, 4),
                ValueException.class,
                "input_size must be greater than zero"),
            new Refused(
                "no hidden features",
                () -> new LSTM(5, -1),
                ValueException.class,
                "hidden_size must be greater than zero"),
            new Refused(
                "no layers",
                () -> new LSTM(5, 4, o -> o.numLayers(0)),
                ValueException.class,
                "num_layers must be greater than zero"),
            new Refused(
                "dropout above 1",
                () -> new LSTM(5, 4, o -> o.dropout(1.5)),
                ValueException.class,
                "dropout should be a number in range [0, 1] representing the probability of an"
                    + " element being zeroed"),
            new Refused(
                "projection that widens",
                () -> new LSTM(5, 4, o -> o.projSize(4)),
                ValueException.class,
                "proj_size has to be smaller than hidden_size"))
        .stream()
        .map(refused ->
            DynamicTest.dynamicTest(
                refused.name,
                () ->
                    assertThatThrownBy(refused.call)
                        .isExactlyInstanceOf(refused.type)
                        .hasMessage(refused.message)));
  }

  @Test
  void should_go_on_from_the_state_it_returned() {
    LSTM lstm = new LSTM(3, 4, o -> o.numLayers(2).batchFirst(true));
    Tensor x = Torch.randn(2, 6, 3);

    LSTM.Output whole = lstm.forward(x);
    LSTM.Output first = lstm.forward(x.narrow(1, 0, 4));
    LSTM.Output second = lstm.forward(x.narrow(1, 4, 2), first.state());

    assertThat(Torch.allclose(second.output(), whole.output().narrow(1, 4, 2), 1e-5, 1e-6, false))
        .isTrue();
    assertThat(Torch.allclose(second.state().c(), whole.state().c(), 1e-5, 1e-6, false)).isTrue();
    assertThat(whole.output().select(1, -1).equal(whole.state().h().select(0, 1)))
        .as("the last output is the last layer's state")
        .isTrue();
  }

  @Test
  void should_read_one_sequence_as_a_batch_of_one() {
    LSTM lstm = new LSTM(3, 4, o -> o.bidirectional(true));
    Tensor x = Torch.randn(5, 3);

    LSTM.Output one = lstm.forward(x);
    LSTM.Output batch = lstm.forward(x.unsqueeze(1));

    assertThat(one.output().shape()).containsExactly(5, 8);
    assertThat(one.state().h().shape()).containsExactly(2, 4);
    assertThat(one.output().equal(batch.output().squeeze(1))).isTrue();
    assertThat(one.state().c().equal(batch.state().c().squeeze(1))).isTrue();
  }

  @Test
  void should_cut_the_graph_where_the_state_is_detached() {
    LSTM lstm = new LSTM(3, 4);
    Tensor x = Torch.randn(2, 1, 3).requiresGrad_();

    LSTM.State carried = lstm.forward(x).state().detach();
    lstm.forward(Torch.randn(2, 1, 3), carried).output().sum().backward();

    assertThat(x.grad()).isNull();
  }

  @Test
  void should_follow_the_module_to_another_dtype() {
    LSTM lstm = new LSTM(3, 4, o -> o.dtype(DType.FLOAT64));
    assertThat(lstm.forward(Torch.ones(DType.FLOAT64, 2, 1, 3)).output().dtype())
        .isEqualTo(DType.FLOAT64);

    lstm.to(DType.FLOAT32);

    assertThat(lstm.forward(Torch.ones(2, 1, 3)).state().h().dtype()).isEqualTo(DType.FLOAT32);
  }
}
