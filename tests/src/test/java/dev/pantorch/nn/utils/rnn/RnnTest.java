package dev.pantorch.nn.utils.rnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.nn.GRU;
import dev.pantorch.nn.GRUCell;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.LSTMCell;
import dev.pantorch.nn.RNN;
import dev.pantorch.nn.RNNCell;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What packing and packed forwards refuse, and how they relate to padded ones. Their numbers are
/// compared with Python's in the parity tests.
class RnnTest {
  private record Refused(String name, ThrowingCallable call, String message) {}

  private static PackedSequence packed() {
    return Rnn.packPaddedSequence(Torch.ones(3, 4, 5), new long[] {2, 4, 1}, true, false);
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_what_the_kernels_would_not_check() {
    Tensor x = Torch.ones(3, 4, 5);
    GRU gru = new GRU(5, 4);
    LSTM lstm = new LSTM(5, 4);
    RNN rnn = new RNN(5, 4);
    return Stream.of(
            new Refused(
                "length zero",
                () -> pack(x, 4, 2, 0),
                "aten::_pack_padded_sequence: Length of all samples has to be greater than 0, but"
                    + " found an element in 'lengths' that is <= 0 [input: float32[3, 4, 5] on cpu;"
                    + " lengths: int64[3] on cpu]"),
            new Refused(
                "negative length",
                () -> pack(x, 4, 2, -1),
                "aten::_pack_padded_sequence: Length of all samples has to be greater than 0, but"
                    + " found an element in 'lengths' that is <= 0 [input: float32[3, 4, 5] on cpu;"
                    + " lengths: int64[3] on cpu]"),
            new Refused(
                "unsorted lengths",
                () -> pack(x, 1, 2, 3),
                "aten::_pack_padded_sequence: `lengths` array must be sorted in decreasing order"
                    + " when `enforce_sorted` is True. You can pass `enforce_sorted=False` to"
                    + " pack_padded_sequence and/or pack_sequence to sidestep this requirement if"
                    + " you do not need ONNX exportability. [input: float32[3, 4, 5] on cpu;"
                    + " lengths: int64[3] on cpu]"),
            new Refused(
                "length beyond the input",
                () -> pack(x, 5, 2, 1),
                "aten::_pack_padded_sequence: Expected lengths of at most 4, the number of steps of"
                    + " input, got 5 [input: float32[3, 4, 5] on cpu; lengths: int64[3] on cpu]"),
            new Refused(
                "fewer lengths than sequences",
                () -> Rnn.packPaddedSequence(x, new long[] {4, 2}, true, false),
                "Expected `len(lengths)` to be equal to batch_size, but got 2 (batch_size=3)"),
            new Refused(
                "more lengths than sequences",
                () -> Rnn.packPaddedSequence(x, new long[] {4, 2, 1, 1}, true, false),
                "Expected `len(lengths)` to be equal to batch_size, but got 4 (batch_size=3)"),
            new Refused(
                "lengths without memory",
                () ->
                    Rnn.packPaddedSequence(
                        x, Torch.ones(DType.INT64.on(Device.META), 3), true, true),
                "aten::_pack_padded_sequence: lengths must be a contiguous 1-D int64 tensor on the"
                    + " CPU, got a 1-D int64 tensor on meta [input: float32[3, 4, 5] on cpu;"
                    + " lengths: int64[3] on meta]"),
            new Refused(
                "vector instead of sequences",
                () -> Rnn.packPaddedSequence(Torch.ones(3), Torch.tensor(1L)),
                "input must have at least 2 dimensions, got 1"),
            new Refused(
                "empty sequence",
                () -> Rnn.packSequence(List.of(Torch.ones(2), Torch.ones(0))),
                "aten::_pack_padded_sequence: Length of all samples has to be greater than 0, but"
                    + " found an element in 'lengths' that is <= 0 [input: float32[2, 2] on cpu;"
                    + " lengths: int64[2] on cpu]"),
            new Refused(
                "no sequences",
                () -> Rnn.packSequence(List.of()),
                "aten::pad_sequence: received an empty list of sequences"),
            new Refused(
                "total length below the longest",
                () -> Rnn.padPackedSequence(packed(), true, 0, 3L),
                "Expected total_length to be at least the length of the longest sequence in input,"
                    + " but got total_length=3 and max sequence length being 4"),
            new Refused(
                "fewer lengths than padded sequences",
                () -> Rnn.unpadSequence(x, Torch.tensor(1L, 2L), true),
                "zip() argument 2 is shorter than argument 1"),
            new Refused(
                "batch sizes elsewhere",
                () ->
                    new PackedSequence(
                        Torch.ones(3, 5), Torch.ones(DType.INT64.on(Device.META), 2)),
                "batch_sizes should always be on CPU. Instances of PackedSequence should never be"
                    + " created manually. They should be instantiated by functions like"
                    + " pack_sequence and pack_padded_sequences in nn.utils.rnn."
                    + " https://pytorch.org/docs/stable/nn.html#torch.nn.utils.rnn.pack_sequence"),
            new Refused(
                "batch sizes of another dtype",
                () -> gru.forward(new PackedSequence(Torch.ones(3, 5), Torch.tensor(2, 1))),
                "aten::gru.data: batch_sizes must be a contiguous 1-D int64 tensor on the CPU, got"
                    + " a 1-D int32 tensor on cpu [data: float32[3, 5] on cpu; batch_sizes:"
                    + " int32[2] on cpu; hx: float32[1, 2, 4] on cpu; params[0]: float32[12, 5] on"
                    + " cpu; params[1]: float32[12, 4] on cpu; params[2]: float32[12] on cpu;"
                    + " params[3]: float32[12] on cpu]"),
            new Refused(
                "batch sizes that are too many",
                () -> lstm.forward(new PackedSequence(Torch.ones(3, 5), Torch.tensor(2L, 2L))),
                "aten::lstm.data: batch_sizes must add up to data.size(0), 3, but are more [data:"
                    + " float32[3, 5] on cpu; batch_sizes: int64[2] on cpu; hx[0]: float32[1, 2, 4]"
                    + " on cpu; hx[1]: float32[1, 2, 4] on cpu; params[0]: float32[16, 5] on cpu;"
                    + " params[1]: float32[16, 4] on cpu; params[2]: float32[16] on cpu; params[3]:"
                    + " float32[16] on cpu]"),
            new Refused(
                "no batch sizes",
                () -> rnn.forward(new PackedSequence(Torch.ones(3, 5), Torch.ones(DType.INT64, 0))),
                "batch_sizes must be 1-D and not empty, got size [0]"),
            new Refused(
                "permutation of another batch",
                () ->
                    gru.forward(
                        new PackedSequence(
                            Torch.ones(3, 5),
                            Torch.tensor(2L, 1L),
                            Torch.tensor(new long[] {0}),
                            null)),
                "Expected sorted_indices size (2,), got [1]"),
            new Refused(
                "packed data of three dimensions",
                () -> gru.forward(new PackedSequence(Torch.ones(3, 1, 5), Torch.tensor(2L, 1L))),
                "input must have 2 dimensions, got 3"),
            new Refused(
                "packed state of another batch",
                () ->
                    lstm.forward(
                        packed(), new LSTM.State(Torch.zeros(1, 2, 4), Torch.zeros(1, 2, 4))),
                "Expected hidden[0] size (1, 3, 4), got [1, 2, 4]"),
            new Refused(
                "packed features",
                () -> new RNN(6, 4).forward(packed()),
                "input.size(-1) must be equal to input_size. Expected 6, got 5"),
            new Refused(
                "packed dtype",
                () -> new RNN(5, 4, o -> o.dtype(DType.FLOAT64)).forward(packed()),
                "RNN input dtype (torch.float32) does not match weight dtype (torch.float64)."
                    + " Convert input: input.to(torch.float64), or convert model:"
                    + " model.to(torch.float32)"),
            new Refused(
                "rnn of four dimensions",
                () -> rnn.forward(Torch.ones(1, 2, 3, 5)),
                "RNN: Expected input to be 2D or 3D, got 4D tensor instead"),
            new Refused(
                "gru of one dimension",
                () -> gru.forward(Torch.ones(5)),
                "GRU: Expected input to be 2D or 3D, got 1D instead"),
            new Refused(
                "gru state of too small a batch",
                () -> gru.forward(x, new GRU.State(Torch.zeros(1, 3, 4))),
                "Expected hidden size (1, 4, 4), got [1, 3, 4]"),
            new Refused(
                "unbatched state of a batch",
                () -> rnn.forward(x, new RNN.State(Torch.zeros(1, 4))),
                "For batched 3-D input, hx should also be 3-D but got 2-D tensor"),
            new Refused(
                "batched state of one sequence",
                () -> gru.forward(Torch.ones(3, 5), new GRU.State(Torch.zeros(1, 1, 4))),
                "For unbatched 2-D input, hx should also be 2-D but got 3-D tensor"),
            new Refused(
                "cell of three dimensions",
                () -> new RNNCell(5, 4).forward(x),
                "RNNCell: Expected input to be 1D or 2D, got 3D instead"),
            new Refused(
                "cell state of three dimensions",
                () -> new GRUCell(5, 4).forward(Torch.ones(3, 5), x),
                "GRUCell: Expected hidden to be 1D or 2D, got 3D instead"),
            new Refused(
                "second cell state of three dimensions",
                () ->
                    new LSTMCell(5, 4)
                        .forward(Torch.ones(3, 5), new LSTM.State(Torch.ones(3, 4), x)),
                "LSTMCell: Expected hx[1] to be 1D or 2D, got 3D instead"),
            new Refused(
                "cell state of another batch",
                () -> new GRUCell(5, 4).forward(Torch.ones(3, 5), Torch.ones(2, 4)),
                "Input batch size 3 doesn't match hidden0 batch size 2"),
            new Refused(
                "cell features",
                () -> new RNNCell(5, 4).forward(Torch.ones(3, 6)),
                "input has inconsistent input_size: got 6 expected 5"),
            new Refused(
                "cell state without a batch",
                () -> new RNNCell(5, 4).forward(Torch.ones(3, 5), Torch.ones(4)),
                "Input batch size 3 doesn't match hidden0 batch size 4"),
            new Refused(
                "cell state without a batch, of the batch's size",
                () -> new RNNCell(5, 4).forward(Torch.ones(4, 5), Torch.ones(4)),
                "RNNCell: Expected hidden0 to have as many dimensions as the input, got"
                    + " torch.Size([4]) as a batch"),
            new Refused(
                "batched cell state of one input",
                () -> new GRUCell(5, 4).forward(Torch.ones(5), Torch.ones(1, 4)),
                "hidden0 has inconsistent hidden_size: got 1, expected 4"),
            new Refused(
                "square cell state of one input",
                () -> new GRUCell(5, 4).forward(Torch.ones(5), Torch.ones(4, 4)),
                "GRUCell: Expected hidden0 to have as many dimensions as the input, got"
                    + " torch.Size([1, 4, 4]) as a batch"),
            new Refused(
                "cell of a negative size",
                () -> new GRUCell(5, -1),
                "aten::empty.memory_format: Trying to create tensor with negative dimension -3:"
                    + " [-3, 5]"),
            new Refused(
                "forget bias without biases",
                () -> new LSTM(5, 4, o -> o.bias(false).forgetBias(1)),
                "forgetBias needs bias, which is off"))
        .map(refused ->
            DynamicTest.dynamicTest(
                refused.name,
                () ->
                    assertThatThrownBy(refused.call)
                        .isInstanceOf(TorchException.class)
                        .hasMessage(refused.message)));
  }

  private static void pack(Tensor x, long... lengths) {
    Rnn.packPaddedSequence(x, lengths, true, true);
  }

  /// Python 2.13: `nn.LSTM(5, 4)(torch.zeros(3, 0, 5))`, `nn.LSTMCell(5, 0)`, `nn.GRUCell(0, 4)`.
  @Test
  void should_read_what_has_no_elements() {
    LSTM lstm = new LSTM(5, 4, o -> o.numLayers(2).bidirectional(true).batchFirst(true));
    LSTM.Output none = lstm.forward(Torch.zeros(0, 3, 5));
    assertThat(none.output().shape()).containsExactly(0, 3, 8);
    assertThat(none.state().c().shape()).containsExactly(4, 0, 4);
    assertThat(new GRU(5, 4).forward(Torch.zeros(3, 0, 5)).state().h().shape())
        .containsExactly(1, 0, 4);
    assertThatThrownBy(() -> lstm.forward(Torch.zeros(2, 0, 5)))
        .hasMessageContaining("Expected sequence length to be larger than 0 in RNN");

    assertThat(new LSTMCell(5, 4).forward(Torch.zeros(0, 5)).h().shape()).containsExactly(0, 4);
    assertThat(new LSTMCell(5, 0).forward(Torch.zeros(2, 5)).c().shape()).containsExactly(2, 0);
    assertThat(new GRUCell(0, 4).forward(Torch.zeros(2, 0)).shape()).containsExactly(2, 4);
  }

  @Test
  void should_read_each_packed_sequence_as_if_it_were_alone() {
    LSTM lstm = new LSTM(5, 4, o -> o.bidirectional(true).batchFirst(true));
    Tensor x = Torch.randn(3, 4, 5);
    long[] lengths = {2, 4, 1};

    LSTM.PackedOutput result = lstm.forward(Rnn.packPaddedSequence(x, lengths, true, false));
    List<Tensor> outputs = Rnn.unpackSequence(result.output());

    for (int i = 0; i < lengths.length; i++) {
      LSTM.Output alone = lstm.forward(x.select(0, i).narrow(0, 0, lengths[i]));
      assertThat(Torch.allclose(outputs.get(i), alone.output(), 1e-5, 1e-6, false)).isTrue();
      Tensor state = result.state().c().select(1, i);
      assertThat(Torch.allclose(state, alone.state().c(), 1e-5, 1e-6, false)).isTrue();
    }
  }

  @Test
  void should_run_hooks_around_packed_forwards() {
    GRU gru = new GRU(5, 4);
    PackedSequence input = packed();
    var hook =
        gru.registerForwardHook((module, in, out) -> {
          assertThat(((GRU.PackedInput) in).input()).isSameAs(input);
          return new GRU.PackedOutput(
              ((GRU.PackedOutput) out).output(), new GRU.State(Torch.ones(1)));
        });

    assertThat(gru.forward(input).state().h().shape()).containsExactly(1);
    hook.close();
    assertThat(gru.forward(input).state().h().shape()).containsExactly(1, 3, 4);
  }

  @Test
  void should_convert_the_data_and_leave_the_batch_sizes() {
    PackedSequence packed = packed();

    assertThat(packed.to(DType.FLOAT32)).isSameAs(packed);
    PackedSequence converted = packed.to(DType.FLOAT64);
    assertThat(converted.data().dtype()).isEqualTo(DType.FLOAT64);
    assertThat(converted.batchSizes()).isSameAs(packed.batchSizes());
  }

  @Test
  void should_set_the_forget_bias_alone() {
    Torch.manualSeed(3);
    LSTM plain = new LSTM(5, 4, o -> o.bidirectional(true));
    Torch.manualSeed(3);
    LSTM lstm = new LSTM(5, 4, o -> o.bidirectional(true).forgetBias(1));

    lstm.namedParameters()
        .forEach((name, parameter) -> {
          Tensor drawn = plain.getParameter(name);
          if (!name.startsWith("bias")) {
            assertThat(parameter.equal(drawn)).as(name).isTrue();
            return;
          }
          float value = name.startsWith("bias_ih") ? 1 : 0;
          for (int gate = 0; gate < 4; gate++) {
            Tensor expected = gate == 1 ? Torch.ones(4).mul(value) : drawn.narrow(0, gate * 4L, 4);
            assertThat(parameter.narrow(0, gate * 4L, 4).equal(expected)).as(name).isTrue();
          }
        });
  }
}
