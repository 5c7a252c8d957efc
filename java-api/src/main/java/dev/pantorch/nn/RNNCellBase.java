package dev.pantorch.nn;

import dev.pantorch.DType;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.PythonText;
import dev.pantorch.jit.ScriptObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// What recurrent cells share: one step of one layer, with its weights by Python's names.
public abstract class RNNCellBase extends Module {
  /// Options that all recurrent cells have.
  ///
  /// @param <S> the options of the cell, for chaining
  public abstract static class Options<S extends Options<S>> extends LayerOptions<S> {
    boolean bias = true;

    Options() {}

    /// Whether biases are learned.
    ///
    /// @param bias true unless set
    /// @return these options
    public S bias(boolean bias) {
      this.bias = bias;
      return self();
    }
  }

  /// What hooks see as the input.
  ///
  /// @param input the features of one step
  /// @param hx the state before it, null for zeros
  public record Input(Tensor input, @Nullable Tensor hx) {}

  final long inputSize;
  final long hiddenSize;
  final boolean bias;
  Tensor weightIh;
  Tensor weightHh;
  @Nullable Tensor biasIh;
  @Nullable Tensor biasHh;

  /// What they are packed into once the cell is quantized.
  QuantizedKernels.@Nullable Packed packedWeights;

  RNNCellBase(long inputSize, long hiddenSize, int gates, Options<?> options) {
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    bias = options.bias;
    long rows = gates * hiddenSize;
    weightIh = registerParameter("weight_ih", Torch.empty(options.tensors(), rows, inputSize));
    weightHh = registerParameter("weight_hh", Torch.empty(options.tensors(), rows, hiddenSize));
    biasIh = bias ? registerParameter("bias_ih", Torch.empty(options.tensors(), rows)) : null;
    biasHh = bias ? registerParameter("bias_hh", Torch.empty(options.tensors(), rows)) : null;
    resetParameters();
  }

  /// Draws the parameters anew, from $U(-\sqrt k, \sqrt k)$ with $k = 1 / hidden$.
  public final void resetParameters() {
    double bound = hiddenSize > 0 ? 1 / Math.sqrt((double) hiddenSize) : 0;
    for (Tensor parameter : parameters()) Init.uniform_(parameter, -bound, bound);
  }

  /// Whether the input is a batch.
  final boolean checkInput(Tensor input) {
    checkDims(input, "input");
    return input.dim() == 2;
  }

  final void checkDims(Tensor tensor, String name) {
    int dims = tensor.dim();
    if (dims != 1 && dims != 2) {
      throw new ValueException(
          "%s: Expected %s to be 1D or 2D, got %dD instead".formatted(simpleName(), name, dims));
    }
  }

  final Tensor zeroState(Tensor input) {
    return Torch.zeros(input.dtype().on(input.device()), input.size(0), hiddenSize);
  }

  /// Checks a batch and its states, in Python's words.
  final void checkSizes(Tensor input, List<Tensor> states) {
    long features = input.size(1);
    if (features != inputSize) {
      throw new ShapeException(
          "input has inconsistent input_size: got %d expected %d".formatted(features, inputSize));
    }
    for (int i = 0; i < states.size(); i++) {
      long[] sizes = states.get(i).shape();
      if (sizes[0] != input.size(0)) {
        throw new ShapeException(
            "Input batch size %d doesn't match hidden%d batch size %d"
                .formatted(input.size(0), i, sizes[0]));
      }
      if (sizes.length > 1 && sizes[1] != hiddenSize) {
        throw new ShapeException(
            "hidden%d has inconsistent hidden_size: got %d, expected %d"
                .formatted(i, sizes[1], hiddenSize));
      }
      // Python's kernels go on with a dimension too few or too many.
      if (sizes.length != 2) {
        throw new ShapeException(
            "%s: Expected hidden%d to have as many dimensions as the input, got %s as a batch"
                .formatted(simpleName(), i, PythonText.size(sizes)));
      }
    }
  }

  /// A state as a batch of states, of one more dimension for a single input.
  static Tensor asBatch(Tensor state, boolean batched) {
    return batched ? state : state.unsqueeze(0);
  }

  /// One step of a cell with one state tensor.
  final Tensor step(Input in) {
    boolean batched = checkInput(in.input);
    if (in.hx != null) checkDims(in.hx, "hidden");
    Tensor input = batched ? in.input : in.input.unsqueeze(0);
    Tensor hx = in.hx == null ? zeroState(input) : asBatch(in.hx, batched);
    checkSizes(input, List.of(hx));
    Tensor next = kernel(input, hx);
    return batched ? next : next.squeeze(0);
  }

  Tensor kernel(Tensor input, Tensor hx) {
    throw new UnsupportedOperationException(simpleName());
  }

  @Override
  final boolean isQuantizable(DType dtype) {
    return dtype == DType.QINT8 || dtype == DType.FLOAT16;
  }

  @Override
  final boolean isDynamicallyQuantized() {
    return packedWeights != null;
  }

  @Override
  final void quantize(DType dtype) {
    if (!bias) {
      throw new ValueException(
          "%s without biases cannot be quantized: mod.bias must be True".formatted(simpleName()));
    }
    weightIh = quantizeMember("weight_ih", dtype);
    weightHh = quantizeMember("weight_hh", dtype);
    biasIh = quantizeMember("bias_ih", DType.FLOAT32);
    biasHh = quantizeMember("bias_hh", DType.FLOAT32);
    packedWeights = QuantizedKernels.pack(weightIh, weightHh, biasIh, biasHh);
  }

  @Override
  final void repack() {
    if (packedWeights == null || biasIh == null || biasHh == null) return;
    packedWeights = QuantizedKernels.pack(weightIh, weightHh, biasIh, biasHh);
  }

  @Override
  final SequencedMap<String, ScriptObject> packed() {
    SequencedMap<String, ScriptObject> own = new LinkedHashMap<>();
    if (packedWeights != null) {
      own.put("_packed_weight_ih", packedWeights.ih());
      own.put("_packed_weight_hh", packedWeights.hh());
    }
    return own;
  }

  @Override
  final boolean isPacked(String name) {
    return packedWeights != null && name.startsWith("weight");
  }

  @Override
  protected String extraRepr() {
    return inputSize + ", " + hiddenSize + (bias ? "" : ", bias=False");
  }
}
