package dev.pantorch.serve;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.utils.rnn.PaddingSide;
import dev.pantorch.nn.utils.rnn.Rnn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// How requests become one batch, and the batch's result their answers.
interface Assembly {
  /// Equal for requests that fit into one batch.
  Object signature(List<Tensor> inputs);

  /// Runs a batch in the caller's scope.
  ///
  /// @param requests the inputs of each request
  Outputs forward(List<List<Tensor>> requests);

  /// What came of a batch.
  @FunctionalInterface
  interface Outputs {
    /// The results of one request, views of those of the batch.
    List<Tensor> of(int request);
  }

  /// Tensors of these can be stacked.
  record Signature(DType dtype, Device device, Layout layout, List<Long> shape) {
    static Signature of(Tensor tensor, int from) {
      List<Long> shape = Arrays.stream(tensor.shape()).skip(from).boxed().toList();
      return new Signature(tensor.dtype(), tensor.device(), tensor.layout(), shape);
    }
  }

  /// Stacks the inputs of each position.
  record Stacked(UnaryOperator<List<Tensor>> function) implements Assembly {
    @Override
    public Object signature(List<Tensor> inputs) {
      return inputs.stream().map(tensor -> Signature.of(tensor, 0)).toList();
    }

    @Override
    public Outputs forward(List<List<Tensor>> requests) {
      List<Tensor> batch =
          IntStream.range(0, requests.getFirst().size())
              .mapToObj(i -> Torch.stack(requests.stream().map(inputs -> inputs.get(i)).toList()))
              .toList();
      return rows(function.apply(batch), requests.size());
    }
  }

  /// Pads sequences to the longest.
  ///
  /// @param trims whether the results are as long as the sequences
  record Padded(BinaryOperator<Tensor> function, double paddingValue, boolean trims)
      implements Assembly {
    @Override
    public Object signature(List<Tensor> inputs) {
      if (inputs.size() != 1 || inputs.getFirst().dim() == 0) {
        throw new IllegalArgumentException(
            "a request of %s; expected one sequence, with a dimension of steps first"
                .formatted(inputs.stream().map(Assembly::describe).toList()));
      }
      return Signature.of(inputs.getFirst(), 1);
    }

    @Override
    public Outputs forward(List<List<Tensor>> requests) {
      List<Tensor> sequences = requests.stream().map(List::getFirst).toList();
      long[] lengths = sequences.stream().mapToLong(sequence -> sequence.size(0)).toArray();
      Tensor padded = Rnn.padSequence(sequences, true, paddingValue, PaddingSide.RIGHT);
      Tensor result = function.apply(padded, Torch.tensor(lengths));
      Outputs rows = rows(List.of(result), requests.size());
      if (!trims) return rows;
      return request ->
          rows.of(request).stream().map(row -> row.narrow(0, 0, lengths[request])).toList();
    }
  }

  /// The rows of a batch's results.
  private static Outputs rows(List<Tensor> results, int size) {
    for (Tensor result : results) {
      if (result.dim() == 0 || result.size(0) != size) {
        throw new DynamicBatcherException(
            "the function answered a batch of %d with %s; expected a first dimension of %d: one row for each request (squeeze() takes that of a batch of one away; squeeze(-1) does not)"
                .formatted(size, describe(result), size));
      }
    }
    return request -> {
      List<Tensor> row = new ArrayList<>(results.size());
      for (Tensor result : results) row.add(result.select(0, request));
      return row;
    };
  }

  private static String describe(Tensor tensor) {
    return tensor.dtype().torchName() + Arrays.toString(tensor.shape());
  }
}
