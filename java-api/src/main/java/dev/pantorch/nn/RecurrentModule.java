package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.internal.CallContext;
import dev.pantorch.internal.Log;
import dev.pantorch.internal.Modes;
import dev.pantorch.internal.PythonText;
import dev.pantorch.internal.TensorCalls;
import dev.pantorch.internal.TensorDescription;
import dev.pantorch.jit.ScriptObject;
import dev.pantorch.nn.utils.rnn.PackedSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What recurrent layers share: their weights, by Python's names and drawn in Python's order, and
/// the checks without which the native kernels would read beyond their memory.
public abstract class RecurrentModule extends Module {

  final long inputSize;
  final long hiddenSize;
  final long projSize;
  final RecurrentOptions<?> options;

  /// The weights in the order in which the operators take them.
  List<Tensor> flatWeights;

  /// What they are packed into once the layer is quantized.
  @Nullable List<ScriptObject> packedWeights;

  RecurrentModule(
      long inputSize, long hiddenSize, int gates, long projSize, RecurrentOptions<?> options) {
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.projSize = projSize;
    this.options = options;
    check();
    List<Tensor> weights = new ArrayList<>();
    for (int layer = 0; layer < options.numLayers; layer++) {
      for (int direction = 0; direction < directions(); direction++) {
        addLayer(weights, layer, direction, gates * hiddenSize);
      }
    }
    flatWeights = List.copyOf(weights);
    resetParameters();
  }

  private void check() {
    if (!(options.dropout >= 0 && options.dropout <= 1)) {
      throw new ValueException(
          "dropout should be a number in range [0, 1] representing the probability of an element"
              + " being zeroed");
    }
    if (options.dropout > 0 && options.numLayers == 1) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=%s and num_layers=1"
              .formatted(PythonText.number(options.dropout)));
    }
    if (inputSize <= 0) throw new ValueException("input_size must be greater than zero");
    if (hiddenSize <= 0) throw new ValueException("hidden_size must be greater than zero");
    if (options.numLayers <= 0) throw new ValueException("num_layers must be greater than zero");
    if (projSize < 0) {
      throw new ValueException(
          "proj_size should be a positive integer or zero to disable projections");
    }
    if (projSize >= hiddenSize) {
      throw new ValueException("proj_size has to be smaller than hidden_size");
    }
  }

  private void addLayer(List<Tensor> weights, int layer, int direction, long gateSize) {
    long layerInput = layer == 0 ? inputSize : outputSize() * directions();
    String suffix = "_l" + layer + (direction == 1 ? "_reverse" : "");
    weights.add(make("weight_ih" + suffix, gateSize, layerInput));
    weights.add(make("weight_hh" + suffix, gateSize, outputSize()));
    if (options.bias) {
      weights.add(make("bias_ih" + suffix, gateSize));
      weights.add(make("bias_hh" + suffix, gateSize));
    }
    if (projSize > 0) weights.add(make("weight_hr" + suffix, projSize, hiddenSize));
  }

  private Tensor make(String name, long... size) {
    return registerParameter(name, Torch.empty(options.tensors(), size));
  }

  final int directions() {
    return options.bidirectional ? 2 : 1;
  }

  /// The features of one direction's output.
  final long outputSize() {
    return projSize > 0 ? projSize : hiddenSize;
  }

  /// Draws the parameters anew, from $U(-\sqrt k, \sqrt k)$ with $k = 1 / hidden$.
  public void resetParameters() {
    double bound = 1 / Math.sqrt((double) hiddenSize);
    for (Tensor weight : flatWeights) Init.uniform_(weight, -bound, bound);
  }

  // Checks, each with Python's text.

  /// What is known of a checked input.
  ///
  /// @param batched whether it has a batch dimension
  /// @param batch the size of the batch, 1 for an unbatched input
  record Checked(TensorDescription input, boolean batched, long batch) {}

  final Checked checkInput(Tensor input) {
    TensorDescription description = TensorCalls.describe(input);
    long[] size = description.sizes();
    if (size.length != 2 && size.length != 3) {
      throw new ValueException(
          // Python's RNN alone says "tensor".
          "%s: Expected input to be 2D or 3D, got %dD%s instead"
              .formatted(simpleName(), size.length, this instanceof RNN ? " tensor" : ""));
    }
    checkDType(description);
    checkFeatures(size);
    boolean batched = size.length == 3;
    return new Checked(description, batched, batched ? size[options.batchFirst ? 0 : 1] : 1);
  }

  final Checked checkInput(PackedSequence input) {
    TensorDescription description = TensorCalls.describe(input.data());
    checkDType(description);
    long[] size = description.sizes();
    if (size.length != 2) {
      throw new ShapeException("input must have 2 dimensions, got " + size.length);
    }
    checkFeatures(size);
    Tensor batchSizes = input.batchSizes();
    if (batchSizes.dim() != 1 || batchSizes.numel() == 0) {
      throw new ShapeException(
          "batch_sizes must be 1-D and not empty, got size " + PythonText.list(batchSizes.shape()));
    }
    long batch = batchSizes.select(0, 0).itemLong();
    checkPermutation(input.sortedIndices(), batch, "sorted_indices");
    checkPermutation(input.unsortedIndices(), batch, "unsorted_indices");
    return new Checked(description, true, batch);
  }

  private static void checkPermutation(@Nullable Tensor indices, long batch, String name) {
    if (indices != null && (indices.dim() != 1 || indices.numel() != batch)) {
      throw new ShapeException(
          "Expected %s size (%d,), got %s"
              .formatted(name, batch, PythonText.list(indices.shape())));
    }
  }

  private void checkDType(TensorDescription description) {
    var weight = isQuantized() ? DType.FLOAT32 : flatWeights.getFirst().dtype();
    // Autocast converts both.
    if (description.dtype() != weight && !Modes.autocastAnywhere(CallContext.current().mode())) {
      throw new TypeException(
          "RNN input dtype (%1$s) does not match weight dtype (%2$s). Convert input: input.to(%2$s), or convert model: model.to(%1$s)"
              .formatted(description.dtype(), weight));
    }
  }

  private void checkFeatures(long[] size) {
    long features = size[size.length - 1];
    if (features != inputSize) {
      throw new ShapeException(
          "input.size(-1) must be equal to input_size. Expected %d, got %d"
              .formatted(inputSize, features));
    }
  }

  /// Sequences are packed in the order of their lengths, states given and returned in the batch's.
  static Tensor permuted(Tensor state, @Nullable Tensor permutation) {
    return permutation == null ? state : state.indexSelect(1, permutation);
  }

  /// Checks one state tensor, of a batched input or with the batch dimension added.
  final void checkState(Tensor state, long features, Checked checked, String name) {
    long[] expected = {(long) options.numLayers * directions(), checked.batch, features};
    long[] size = state.shape();
    if (!Arrays.equals(size, expected)) {
      throw new ShapeException(
          "Expected %s size %s, got %s"
              .formatted(name, PythonText.tuple(expected), PythonText.list(size)));
    }
  }

  final Tensor zeroState(Checked checked, long features) {
    return Torch.zeros(
        checked.input.dtype().on(checked.input.device()),
        (long) options.numLayers * directions(),
        checked.batch,
        features);
  }

  // Quantization.

  @Override
  final boolean isQuantizable(DType dtype) {
    return !(this instanceof RNN) && (dtype == DType.QINT8 || dtype == DType.FLOAT16);
  }

  @Override
  final boolean isDynamicallyQuantized() {
    return packedWeights != null;
  }

  @Override
  final void quantize(DType dtype) {
    if (!options.bias) {
      throw new ValueException(
          "%s without biases cannot be quantized: mod.bias must be True".formatted(simpleName()));
    }
    if (projSize > 0) {
      throw new ValueException(
          "%s with proj_size=%d cannot be quantized: the kernels know no projections"
              .formatted(simpleName(), projSize));
    }
    dropPrepackedWeights();
    List<String> names = List.copyOf(parametersByName().keySet());
    flatWeights =
        names.stream()
            .map(name -> quantizeMember(name, name.startsWith("weight") ? dtype : DType.FLOAT32))
            .toList();
    packedWeights = QuantizedKernels.packLayers(flatWeights);
  }

  @Override
  final void repack() {
    if (packedWeights != null) packedWeights = QuantizedKernels.packLayers(flatWeights);
  }

  @Override
  final SequencedMap<String, ScriptObject> packed() {
    SequencedMap<String, ScriptObject> own = new LinkedHashMap<>();
    List<ScriptObject> cells = packedWeights == null ? List.of() : packedWeights;
    for (ScriptObject cell : cells) own.put("_packed_params_" + own.size(), cell);
    return own;
  }

  @Override
  final boolean isPacked(String name) {
    return packedWeights != null;
  }

  @Override
  protected String extraRepr() {
    StringBuilder text = new StringBuilder();
    text.append(inputSize).append(", ").append(hiddenSize);
    if (projSize != 0) text.append(", proj_size=").append(projSize);
    if (options.numLayers != 1) text.append(", num_layers=").append(options.numLayers);
    if (!options.bias) text.append(", bias=False");
    if (options.batchFirst) text.append(", batch_first=True");
    if (options.dropout != 0) {
      text.append(", dropout=").append(PythonText.number(options.dropout));
    }
    if (options.bidirectional) text.append(", bidirectional=True");
    return text.toString();
  }
}
