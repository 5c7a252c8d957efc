package dev.pantorch.nn;

import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import org.jspecify.annotations.Nullable;

/// What {@link RNN} and {@link GRU} share: one state tensor, and how it is checked and permuted.
abstract class HiddenStateModule extends RecurrentModule {
  HiddenStateModule(long inputSize, long hiddenSize, int gates, RecurrentOptions<?> options) {
    super(inputSize, hiddenSize, gates, 0, options);
  }

  /// @param output of the last layer, padded or packed as the input
  /// @param h the last state of every layer
  record Result(Tensor output, Tensor h) {}

  abstract Result padded(Tensor input, Tensor h);

  abstract Result packed(Tensor data, Tensor batchSizes, Tensor h);

  final Result read(Tensor input, @Nullable Tensor given) {
    Checked checked = checkInput(input);
    Tensor h = given == null ? zeroState(checked, hiddenSize) : batched(given, checked);
    checkState(h, hiddenSize, checked, "hidden");
    if (checked.batched()) return padded(input, h);
    int batchDim = options.batchFirst ? 0 : 1;
    Result result = padded(input.unsqueeze(batchDim), h);
    return new Result(result.output.squeeze(batchDim), result.h.squeeze(1));
  }

  final Result read(PackedSequence input, @Nullable Tensor given) {
    Checked checked = checkInput(input);
    Tensor h = given == null ? zeroState(checked, hiddenSize) : given;
    checkState(h, hiddenSize, checked, "hidden");
    if (given != null) h = permuted(h, input.sortedIndices());
    Result result = packed(input.data(), input.batchSizes(), h);
    return new Result(result.output, permuted(result.h, input.unsortedIndices()));
  }

  static PackedSequence like(PackedSequence input, Tensor data) {
    return new PackedSequence(
        data, input.batchSizes(), input.sortedIndices(), input.unsortedIndices());
  }

  private static Tensor batched(Tensor h, Checked checked) {
    int wanted = checked.batched() ? 3 : 2;
    if (h.dim() != wanted) {
      throw new ShapeException(
          "For %s %d-D input, hx should also be %d-D but got %d-D tensor"
              .formatted(checked.batched() ? "batched" : "unbatched", wanted, wanted, h.dim()));
    }
    return checked.batched() ? h : h.unsqueeze(1);
  }
}
