// More than 500 lines, since it is one table with a few lines for each misuse.
package dev.pantorch.misuse;

import dev.pantorch.Autograd;
import dev.pantorch.CpuMemory;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Fft;
import dev.pantorch.Generator;
import dev.pantorch.Layout;
import dev.pantorch.Linalg;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.nn.NnFunctions;
import dev.pantorch.ops.Backward;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/// Calls that are wrong, by name. What each has to answer stands in `misuses.txt`, in the same
/// order.
final class Misuses {
  private final Map<String, Runnable> calls = new LinkedHashMap<>();

  static Map<String, Runnable> all() {
    Misuses misuses = new Misuses();
    misuses.shapes();
    misuses.dtypes();
    misuses.devices();
    misuses.nulls();
    misuses.sizes();
    misuses.dimensions();
    misuses.closed();
    misuses.autograd();
    misuses.recurrent();
    misuses.cells();
    misuses.operatorsByName();
    misuses.values();
    return misuses.calls;
  }

  private void add(String name, Runnable call) {
    if (calls.put(name, call) != null) throw new IllegalArgumentException("twice: " + name);
  }

  private static Tensor zeros(long... size) {
    return Torch.zeros(size);
  }

  private static Tensor longs(long... size) {
    return Torch.zeros(DType.INT64, size);
  }

  private void shapes() {
    add("matmul of shapes that do not fit", () -> zeros(2, 3).matmul(zeros(2, 3)));
    add("mm of a vector", () -> zeros(2, 3).mm(zeros(3)));
    add("bmm of different batches", () -> zeros(2, 3, 4).bmm(zeros(3, 4, 5)));
    add("add of shapes that do not broadcast", () -> zeros(2, 3).add(zeros(2, 4)));
    add("add_ that would have to grow", () -> zeros(3).add_(zeros(2, 3)));
    add("view of another number of elements", () -> zeros(2, 3).view(4, 2));
    add("view of a transposed tensor", () -> zeros(2, 3).transpose(0, 1).view(6));
    add("reshape of another number of elements", () -> zeros(6).reshape(4));
    add("reshape with two unknown sizes", () -> zeros(6).reshape(-1, -1));
    add("expand to a smaller size", () -> zeros(3).expand(2));
    add("cat of different shapes", () -> Torch.cat(zeros(2, 3), zeros(2, 4)));
    add("stack of different shapes", () -> Torch.stack(zeros(2), zeros(3)));
    add("cat of nothing", () -> Torch.cat(List.of()));
    add("stack of nothing", () -> Torch.stack(List.of()));
    add("split that does not add up", () -> zeros(5).splitWithSizes(2, 2));
    add("chunk into none", () -> zeros(5).chunk(0));
    add("conv1d with wrong channels", () -> Torch.conv1d(zeros(1, 2, 5), zeros(3, 4, 2)));
    add("conv1d of too short an input", () -> Torch.conv1d(zeros(1, 2, 2), zeros(3, 2, 5)));
    add("linear with wrong features", () -> Torch.addmm(zeros(3), zeros(2, 4), zeros(5, 3)));
    add(
        "where with shapes that do not broadcast",
        () -> Torch.where(zeros(2).eq(0), zeros(3), zeros(3)));
    add("gather with another number of dimensions", () -> zeros(2, 3).gather(1, longs(2)));
    add("scatter out of bounds", () -> zeros(2, 3).scatter(1, longs(2, 1).add(7), 1));
    add(
        "masked fill with a mask that does not fit",
        () -> zeros(2, 3).maskedFill(zeros(4).eq(0), 1));
    add("layer norm over another shape", () -> Torch.layerNorm(zeros(2, 3), new long[] {4}));
    add(
        "einsum with an unknown letter order",
        () -> Torch.einsum("ij,jk->iz", zeros(2, 2), zeros(2, 2)));
    add("einsum without operand", () -> Torch.einsum("ij->ji"));
    add(
        "labels of a CTC loss that are no classes",
        () -> Torch.ctcLoss(zeros(5, 2, 4), longs(2, 3).add(9), longs(2).add(5), longs(2).add(3)));
    add(
        "negative labels of a CTC loss",
        () ->
            Torch.ctcLoss(
                zeros(5, 2, 4), longs(6).sub(1L << 40), new long[] {5, 5}, new long[] {3, 3}));
    add(
        "cross entropy style gather of a class that is not there",
        () -> Torch.embedding(zeros(4, 2), longs(1).add(9)));
  }

  private void dtypes() {
    add("matmul of different dtypes", () -> zeros(2, 2).matmul(longs(2, 2)));
    add("mean of integers", () -> longs(3).mean());
    add("embedding with float indices", () -> Torch.embedding(zeros(4, 2), zeros(3)));
    add("index select with float indices", () -> zeros(3).indexSelect(0, zeros(2)));
    add("gradients for integers", () -> longs(3).requiresGrad_());
    add("bitwise and of floats", () -> zeros(2).bitwiseAnd(zeros(2)));
    add("in-place result of a wider dtype", () -> longs(2).add_(zeros(2)));
    add("in-place division of integers", () -> longs(2).div_(2));
    add("mask that is no boolean", () -> zeros(2).maskedFill(zeros(2), 1));
    add("exponential of integers", () -> longs(2).exponential_());
    add(
        "arithmetic of float8",
        () -> Torch.zeros(DType.FLOAT8_E4M3FN, 2).add(Torch.zeros(DType.FLOAT8_E4M3FN, 2)));
    add("dtype that only quantization has", () -> Torch.zeros(DType.QINT8, 2));
    add("arange of a boolean dtype", () -> Torch.arange(3, DType.BOOL));
    add(
        "lstm of doubles with float weights",
        () -> lstm(Torch.zeros(DType.FLOAT64, 2, 3, 5), state(1, 2, 4), weights(5, 4)));
  }

  private void devices() {
    add("device that is not there", () -> Torch.zeros(Device.cuda(0), 2));
    add("device of no such name", () -> Device.of("gpu"));
    add("device with a bad index", () -> Device.of("cuda:x"));
    add("device with an index out of range", () -> Device.cuda(4711));
    add("second processor", () -> Device.of("cpu:1"));
    add("arithmetic across devices", () -> zeros(2).add(Torch.zeros(Device.META, 2)));
    add("value of a tensor without memory", () -> Torch.zeros(Device.META).add(1).isNonzero());
    add("generator of a device that is not there", () -> new Generator(Device.CUDA));
  }

  @SuppressWarnings("NullAway") // null is the mistake
  private void nulls() {
    add("null tensor", () -> zeros(2).add((Tensor) null));
    add("null number", () -> zeros(2).add((Number) null));
    add("null in a list of tensors", () -> Torch.cat(Arrays.asList(zeros(2), null)));
    add("null list of tensors", () -> Torch.cat((List<Tensor>) null));
    add("null sizes", () -> Torch.zeros((long[]) null));
    add("null dtype", () -> zeros(2).view((DType) null));
    add("null text", () -> Torch.einsum(null, zeros(2)));
    add("null outputs of a gradient", () -> Autograd.grad((Tensor) null, zeros(2)));
  }

  private void sizes() {
    add("negative size", () -> Torch.zeros(-2, 3));
    add("enormous size", () -> Torch.empty(1L << 60));
    add("sizes whose product overflows", () -> Torch.empty(1L << 40, 1L << 40));
    add("more memory than there is", () -> Torch.empty(1L << 45));
    add("negative step", () -> Torch.arange(0, 10, -1));
    add("zero step", () -> Torch.arange(0, 10, 0));
    add("negative number of steps", () -> Torch.linspace(0, 1, -3));
    add("negative repetition", () -> zeros(2).repeat(-1));
    add("repetition of fewer dimensions", () -> zeros(2, 2).repeat(2));
    add("permutation of a negative number", () -> Torch.randperm(-1));
    add("random integers from an empty range", () -> Torch.randint(3, 3, 2));
    add("identity of negative size", () -> Torch.eye(-1));
    add("memory bound below -1", () -> CpuMemory.setLimit(-5));
    add("65 dimensions", () -> manyDimensions(65));
    add("one-hot of a negative class", () -> NnFunctions.oneHot(longs(1).sub(1)));
  }

  private static void manyDimensions(int dims) {
    long[] size = new long[dims];
    Arrays.fill(size, 1);
    Tensor tensor = Torch.zeros(size);
    tensor.shape();
  }

  private void dimensions() {
    add("sum over a dimension that is not there", () -> zeros(2, 3).sum(2));
    add("select out of range", () -> zeros(2, 3).select(1, 3));
    add("select of a dimension that is not there", () -> zeros(2, 3).select(2, 0));
    add("select of a scalar tensor", () -> zeros().select(0, 0));
    add("transpose of a dimension that is not there", () -> zeros(2).transpose(0, 1));
    add("permute with a repeated dimension", () -> zeros(2, 3).permute(0, 0));
    add("permute with too few dimensions", () -> zeros(2, 3).permute(0));
    add("size of a dimension that is not there", () -> zeros(2, 3).size(2));
    add("size of a scalar tensor", () -> zeros().size(0));
    add("narrow beyond the end", () -> zeros(5).narrow(0, 3, 4));
    add("slice with a negative step", () -> zeros(5).slice(0, 0L, 5L, -1));
    add("squeeze of a dimension that is not there", () -> zeros(2).squeeze(4));
    add("unsqueeze far beyond the end", () -> zeros(2).unsqueeze(5));
    add("flatten backwards", () -> zeros(2, 3, 4).flatten(2, 1));
    add("softmax over a dimension that is not there", () -> zeros(2).softmax(1));
    add("top k of more than there are", () -> zeros(3).topk(5));
    add("maximum of nothing", () -> zeros(0).max());
    add("argmax of nothing", () -> zeros(0).argmax());
    add("index out of range", () -> zeros(3).index(List.of(longs(1).add(5))));
    add("diagonal of a vector", () -> zeros(3).diagonal());
    add("truth of several elements", () -> zeros(3).isNonzero());
  }

  private void closed() {
    add("operator on a closed tensor", () -> closedTensor().add(1));
    add("closed tensor as an argument", () -> zeros(2).add(closedTensor()));
    add("closed tensor in a list", () -> Torch.cat(zeros(2), closedTensor()));
    add("shape of a closed tensor", () -> closedTensor().shape());
    add("backward of a closed tensor", () -> closedTensor().backward());
    add("gradient of a closed tensor", () -> closedTensor().grad());
    add("keep of a closed tensor", () -> closedTensor().keep());
    add("tensor of a closed scope", () -> escaped().add(1));
    add("move into a closed scope", Misuses::moveIntoClosedScope);
    add("scope closed by another thread", Misuses::closeElsewhere);
    add("mode closed by another thread", Misuses::closeModeElsewhere);
  }

  private static Tensor closedTensor() {
    Tensor tensor = zeros(2);
    tensor.close();
    return tensor;
  }

  private static Tensor escaped() {
    try (var scope = TensorScope.open()) {
      return zeros(2);
    }
  }

  private static void moveIntoClosedScope() {
    TensorScope scope = TensorScope.open();
    scope.close();
    zeros(2).moveTo(scope);
  }

  private static void closeElsewhere() {
    try (var scope = TensorScope.open()) {
      inOtherThread(scope::close);
    }
  }

  private static void closeModeElsewhere() {
    try (var mode = Torch.noGrad()) {
      inOtherThread(mode::close);
    }
  }

  private static void inOtherThread(Runnable body) {
    AtomicReference<RuntimeException> thrown = new AtomicReference<>();
    Thread other =
        new Thread(
            () -> {
              try {
                body.run();
              } catch (RuntimeException e) {
                thrown.set(e);
              }
            },
            "other");
    other.start();
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    if (thrown.get() != null) throw thrown.get();
  }

  private void autograd() {
    add("backward of a tensor without graph", () -> zeros().backward());
    add("backward of several elements", () -> zeros(3).requiresGrad_().mul(2).backward());
    add(
        "backward with a gradient of another shape",
        () -> zeros(3).requiresGrad_().mul(2).backward(zeros(4)));
    add("in-place change of a leaf", () -> zeros(3).requiresGrad_().add_(1));
    add(
        "requiresGrad_(false) of a result",
        () -> zeros(3).requiresGrad_().mul(2).requiresGrad_(false));
    add("gradient of another shape", () -> zeros(3).setGrad(zeros(4)));
    add("gradient of another dtype", () -> zeros(3).setGrad(longs(3)));
    add("gradient that is the tensor", Misuses::gradientOfItself);
    add("hook on a tensor without gradients", () -> zeros(3).registerHook(g -> g));
    add(
        "post-accumulate hook on a result",
        () -> zeros(3).requiresGrad_().mul(2).registerPostAccumulateGradHook(p -> {}));
    add("saved value changed in place", Misuses::savedValueChanged);
    add(
        "more gradients than outputs",
        () ->
            Autograd.backward(
                List.of(zeros().requiresGrad_()),
                List.of(zeros(), zeros()),
                false,
                false,
                List.of()));
  }

  private static void gradientOfItself() {
    Tensor tensor = zeros(3);
    tensor.setGrad(tensor);
  }

  private static void savedValueChanged() {
    Tensor x = Torch.ones(3).requiresGrad_();
    Tensor y = x.mul(2);
    Tensor z = y.mul(y).sum();
    y.add_(1);
    z.backward();
  }

  // The kernels behind these trust what they are given.

  private static Tensor lstm(Tensor input, List<Tensor> state, List<Tensor> weights) {
    return Torch.lstm(input, state, weights, true, 1, 0.0, false, false, true).output();
  }

  private static List<Tensor> state(long layers, long batch, long hidden) {
    return List.of(zeros(layers, batch, hidden), zeros(layers, batch, hidden));
  }

  private static List<Tensor> weights(long features, long hidden) {
    return List.of(
        zeros(4 * hidden, features),
        zeros(4 * hidden, hidden),
        zeros(4 * hidden),
        zeros(4 * hidden));
  }

  private void recurrent() {
    add(
        "lstm state of too small a batch",
        () -> lstm(zeros(8, 3, 5), state(1, 2, 4), weights(5, 4)));
    add(
        "lstm state of another hidden size",
        () -> lstm(zeros(2, 3, 5), state(1, 2, 9), weights(5, 4)));
    add("lstm state of too many layers", () -> lstm(zeros(2, 3, 5), state(3, 2, 4), weights(5, 4)));
    add(
        "lstm input of another feature size",
        () -> lstm(zeros(2, 3, 7), state(1, 2, 4), weights(5, 4)));
    add("lstm input of two dimensions", () -> lstm(zeros(2, 5), state(1, 2, 4), weights(5, 4)));
    add(
        "lstm without cell state",
        () -> lstm(zeros(2, 3, 5), List.of(zeros(1, 2, 4)), weights(5, 4)));
    add(
        "lstm with too few weights",
        () -> lstm(zeros(2, 3, 5), state(1, 2, 4), weights(5, 4).subList(0, 3)));
    add(
        "lstm with a weight of another hidden size",
        () ->
            lstm(
                zeros(2, 3, 5),
                state(1, 2, 4),
                List.of(zeros(16, 5), zeros(12, 4), zeros(16), zeros(16))));
    add(
        "lstm with a bias of another size",
        () ->
            lstm(
                zeros(2, 3, 5),
                state(1, 2, 4),
                List.of(zeros(16, 5), zeros(16, 4), zeros(8), zeros(16))));
    add(
        "lstm of no layers",
        () ->
            Torch.lstm(
                zeros(2, 3, 5), state(1, 2, 4), weights(5, 4), true, 0, 0.0, false, false, true));
    add(
        "lstm with a closed state",
        () -> lstm(zeros(2, 3, 5), List.of(closedTensor(), zeros(1, 2, 4)), weights(5, 4)));
    add(
        "packed lstm with batch sizes that do not add up",
        () ->
            Torch.lstm(
                zeros(6, 5),
                longs(3).add(4),
                state(1, 4, 4),
                weights(5, 4),
                true,
                1,
                0.0,
                false,
                false));
    add(
        "packed lstm with growing batch sizes",
        () ->
            Torch.lstm(
                zeros(6, 5),
                Torch.arange(1, 4, DType.INT64),
                state(1, 3, 4),
                weights(5, 4),
                true,
                1,
                0.0,
                false,
                false));
    add(
        "gru state of too small a batch",
        () ->
            Torch.gru(
                zeros(8, 3, 5),
                zeros(1, 2, 4),
                List.of(zeros(12, 5), zeros(12, 4), zeros(12), zeros(12)),
                true,
                1,
                0.0,
                false,
                false,
                true));
    add(
        "gru with the weights of an lstm",
        () ->
            Torch.gru(
                zeros(2, 3, 5), zeros(1, 2, 4), weights(5, 4), true, 1, 0.0, false, false, true));
    add(
        "rnn state of another hidden size",
        () ->
            Torch.rnnTanh(
                zeros(2, 3, 5),
                zeros(1, 2, 9),
                List.of(zeros(4, 5), zeros(4, 4), zeros(4), zeros(4)),
                true,
                1,
                0.0,
                false,
                false,
                true));
  }

  private void cells() {
    add(
        "lstm cell of another feature size",
        () ->
            Torch.lstmCell(
                zeros(2, 7), List.of(zeros(2, 4), zeros(2, 4)), zeros(16, 5), zeros(16, 4)));
    add(
        "lstm cell state of another batch",
        () ->
            Torch.lstmCell(
                zeros(2, 5), List.of(zeros(3, 4), zeros(3, 4)), zeros(16, 5), zeros(16, 4)));
    add(
        "gru cell of another hidden size",
        () -> Torch.gruCell(zeros(2, 5), zeros(2, 9), zeros(12, 5), zeros(12, 4)));
  }

  private void operatorsByName() {
    add("operator name without namespace", () -> Torch.op("add"));
    add("operator that does not exist", () -> Torch.op("aten::no_such_operator"));
    add("overload that does not exist", () -> Torch.op("aten::add.Nothing"));
    add("boxed call with too few arguments", () -> Torch.op("aten::add.Tensor").call(zeros(2)));
    add("boxed call with too many arguments", () -> Torch.op("aten::relu").call(zeros(2), 1));
    add(
        "boxed call with an argument of another type",
        () -> Torch.op("aten::add.Tensor").call(zeros(2), "two"));
    add(
        "boxed call with an unknown name",
        () -> Torch.op("aten::relu").call(List.of(zeros(2)), Map.of("other", 1)));
    add("boxed call with a Java object", () -> Torch.op("aten::relu").call(new Object()));
    add(
        "boxed call of an lstm with too small a state",
        () ->
            Torch.op("aten::lstm.input")
                .call(
                    zeros(8, 3, 5),
                    state(1, 2, 4),
                    weights(5, 4),
                    true,
                    1,
                    0.0,
                    false,
                    false,
                    true));
  }

  private void values() {
    add("inverse of a singular matrix", () -> Linalg.inv(zeros(3, 3)));
    add("cholesky of an indefinite matrix", () -> Linalg.cholesky(zeros(2, 2).sub(1)));
    add("inverse of a matrix that is not square", () -> Linalg.inv(zeros(2, 3)));
    add("dropout with an impossible probability", () -> Torch.dropout(zeros(3), 1.5, true));
    add("bernoulli with an impossible probability", () -> zeros(3).bernoulli_(2.0));
    add("normal with a negative deviation", () -> zeros(3).normal_(0, -1));
    add("multinomial of zeros", () -> Torch.multinomial(zeros(3), 1));
    add("multinomial of more than there are", () -> Torch.multinomial(Torch.ones(3), 5));
    add("division with an unknown rounding", () -> zeros(2).div(zeros(2), "up"));
    add("fft of no length", () -> Fft.fft(zeros(3), 0L));
    add("number of a foreign class", () -> zeros(2).add(new java.math.BigDecimal("1.5")));
    add("eigenvalues of NaN", () -> Linalg.eigvals(Torch.full(new long[] {2, 2}, Float.NaN)));
    add(
        "lowest number divided by -1",
        () -> Torch.tensor(Long.MIN_VALUE, 6L).div(Torch.tensor(-1L, -1L), "trunc"));
    add(
        "lowest number divided by the number -1",
        () -> Torch.tensor(Integer.MIN_VALUE, 6).div(-1, "trunc"));
    add("lowest power of a matrix", () -> zeros(1, 1).matrixPower(Long.MIN_VALUE));
    add(
        "view far beyond the memory",
        () -> zeros(4).asStrided_(new long[] {2, 2}, new long[] {1L << 62, 1}));
    add(
        "bags without offsets",
        () ->
            Torch.embeddingBag(
                zeros(5, 2), Torch.zeros(DType.INT64, 6), Torch.zeros(DType.INT64, 0)));
    add(
        "labels of a CTC loss that are one",
        () ->
            NnFunctions.ctcLoss(
                zeros(5, 2, 4),
                Torch.ones(DType.INT64, 1).expand(4),
                new long[] {5, 5},
                new long[] {2, 2}));
    add(
        "scatter of oneDNN's layout",
        () -> zeros(3).scatterAdd_(0, Torch.zeros(DType.INT64, 3), Torch.ones(3).toMkldnn()));
    add(
        "zeros of whole numbers in oneDNN's layout",
        () -> Torch.ones(DType.INT8, 3, 2).toMkldnn().zero_());
    add(
        "backward pass into whole numbers of oneDNN's layout",
        () ->
            Backward.selectBackward(Torch.ones(DType.INT8, 3).toMkldnn(), new long[] {2, 3}, 0, 1));
    add(
        "dense operator on a sparse tensor",
        () -> Torch.zeros(DType.FLOAT32.layout(Layout.SPARSE), 2, 2).view(4));
    add("state that is none", () -> new Generator().setState(zeros(3)));
    add(
        "unknown padding",
        () -> NnFunctions.pad(zeros(1, 1, 3), new long[] {1, 1}, "nothing", null));
  }
}
