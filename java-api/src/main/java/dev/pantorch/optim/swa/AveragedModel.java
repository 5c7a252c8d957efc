package dev.pantorch.optim.swa;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.ValueException;
import dev.pantorch.internal.ModelCopy;
import dev.pantorch.nn.Module;
import dev.pantorch.ops.Foreach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A model whose weights are the average of another's over training: stochastic weight averaging
/// (Izmailov and others 2018), or with an exponential average.
///
/// ```java
/// LSTMModel model = new LSTMModel(5, 64, 2, 1);
/// AveragedModel<LSTMModel> averaged =
///     new AveragedModel<>(
///         model, () -> new LSTMModel(5, 64, 2, 1), o -> o.multiAvgFn(SwaUtils.getEmaMultiAvgFn(0.999)));
/// // after each optimizer.step()
/// averaged.updateParameters(model);
/// // to evaluate
/// averaged.module().eval();
/// Tensor y = averaged.module().forward(x);
/// ```
///
/// Python copies the model. A Java object cannot be copied from outside, so the constructor is told
/// how to make another one of the same architecture; values, dtype, device, modes and what is
/// trained are taken from the model, and the random numbers that the other one draws do not count.
///
/// **State.** `n_averaged`, an integer, and the averages under `module.`, as in Python.
///
/// [torch.optim.swa_utils.AveragedModel](https://docs.pytorch.org/docs/2.13/generated/torch.optim.swa_utils.AveragedModel.html)
///
/// @param <M> the model
public final class AveragedModel<M extends Module> extends Module {
  /// Averages one tensor.
  @FunctionalInterface
  public interface AvgFn {
    /// The new average.
    ///
    /// @param averaged the average so far
    /// @param current the value to be added to it
    /// @param numAveraged how many values the average is of
    /// @return the new average
    Tensor average(Tensor averaged, Tensor current, long numAveraged);
  }

  /// Averages tensors of one device and dtype in place.
  @FunctionalInterface
  public interface MultiAvgFn {
    /// Replaces averages by the new ones.
    ///
    /// @param averaged the averages so far
    /// @param current the values to be added to them
    /// @param numAveraged how many values each average is of
    void average(List<Tensor> averaged, List<Tensor> current, long numAveraged);
  }

  /// Options of {@link AveragedModel}.
  public static final class Options {
    private @Nullable Device device;
    private @Nullable AvgFn avgFn;
    private @Nullable MultiAvgFn multiAvgFn;
    private boolean useBuffers;

    private Options() {}

    /// Where the averages are.
    ///
    /// @param device the model's unless set
    /// @return these options
    public Options device(Device device) {
      this.device = device;
      return this;
    }

    /// How a tensor is averaged.
    ///
    /// @param avgFn not together with {@link #multiAvgFn}
    /// @return these options
    public Options avgFn(AvgFn avgFn) {
      this.avgFn = avgFn;
      return this;
    }

    /// How all tensors are averaged at once.
    ///
    /// @param multiAvgFn the plain average unless set
    /// @return these options
    public Options multiAvgFn(MultiAvgFn multiAvgFn) {
      this.multiAvgFn = multiAvgFn;
      return this;
    }

    /// Whether buffers are averaged, too.
    ///
    /// @param useBuffers false unless set: buffers are copied from the model
    /// @return these options
    public Options useBuffers(boolean useBuffers) {
      this.useBuffers = useBuffers;
      return this;
    }
  }

  private final M module;
  private final Tensor nAveraged;
  private final Options options = new Options();

  /// The plain average, stochastic weight averaging.
  ///
  /// @param model the model that is trained
  /// @param architecture makes another one of the same architecture
  /// @throws dev.pantorch.TorchException if its tensors have other names or shapes
  public AveragedModel(M model, Supplier<M> architecture) {
    this(model, architecture, o -> {});
  }

  /// An average with options.
  ///
  /// @param model the model that is trained
  /// @param architecture makes another one of the same architecture
  /// @param settings sets the options
  /// @throws ValueException if both functions are set
  /// @throws dev.pantorch.TorchException if its tensors have other names or shapes
  public AveragedModel(M model, Supplier<M> architecture, Consumer<Options> settings) {
    settings.accept(options);
    if (options.avgFn != null && options.multiAvgFn != null) {
      throw new ValueException("Only one of avg_fn and multi_avg_fn should be provided");
    }
    module = register("module", ModelCopy.of(model, architecture));
    if (options.device != null) module.to(options.device);
    Device where = options.device == null ? Device.CPU : options.device;
    nAveraged = registerBuffer("n_averaged", Torch.zeros(DType.INT64.on(where)));
  }

  /// The model with the averaged weights.
  ///
  /// @return always the same
  public M module() {
    return module;
  }

  /// How many times parameters have been averaged.
  ///
  /// @return the number
  public long nAveraged() {
    return (long) nAveraged.item();
  }

  /// Takes the model's parameters into the average; those of the first call are copied.
  ///
  /// @param model the model that is trained
  /// @throws ValueException if it has another number of parameters or buffers
  public void updateParameters(Module model) {
    try (var scope = TensorScope.open();
        var mode = Torch.noGrad()) {
      List<Tensor> averaged = new ArrayList<>(module.parameters());
      List<Tensor> current = new ArrayList<>(model.parameters());
      if (options.useBuffers) {
        averaged.addAll(module.buffers());
        current.addAll(model.buffers());
      } else {
        copy(module.buffers(), model.buffers());
      }
      long number = nAveraged();
      if (number == 0) copy(averaged, current);
      else average(averaged, current, number);
      nAveraged.add_(1);
    }
  }

  private static void copy(List<Tensor> to, List<Tensor> from) {
    requireAsMany(to, from);
    if (!to.isEmpty()) Foreach.copy_(to, from);
  }

  private static void requireAsMany(List<Tensor> averaged, List<Tensor> current) {
    if (averaged.size() != current.size()) {
      throw new ValueException(
          "the model has %d tensors and its average %d; it has to be of the same architecture"
              .formatted(current.size(), averaged.size()));
    }
  }

  /// What one call of a function takes.
  private record Part(List<Tensor> averaged, List<Tensor> current) {}

  private record Kind(DType dtype, Device device) {}

  private void average(List<Tensor> averaged, List<Tensor> current, long number) {
    requireAsMany(averaged, current);
    Map<Kind, Part> parts = new LinkedHashMap<>();
    for (int i = 0; i < averaged.size(); i++) {
      Tensor mine = averaged.get(i).detach();
      Part part =
          parts.computeIfAbsent(
              new Kind(mine.dtype(), mine.device()),
              kind -> new Part(new ArrayList<>(), new ArrayList<>()));
      part.averaged.add(mine);
      part.current.add(current.get(i).detach().to(mine.device()));
    }
    AvgFn each = options.avgFn;
    MultiAvgFn set = each == null ? options.multiAvgFn : oneByOne(each);
    parts.forEach((kind, part) -> {
      MultiAvgFn all = set == null ? plain(kind.device) : set;
      all.average(part.averaged, part.current, number);
    });
  }

  /// Python's choice: on the CPU it averages one tensor after the other, by another formula.
  private static MultiAvgFn plain(Device device) {
    if (!device.equals(Device.CPU)) return SwaUtils.getSwaMultiAvgFn();
    return oneByOne(SwaUtils.getSwaAvgFn());
  }

  private static MultiAvgFn oneByOne(AvgFn each) {
    return (averaged, current, number) -> {
      for (int i = 0; i < averaged.size(); i++) {
        Tensor mine = averaged.get(i);
        mine.copy_(each.average(mine, current.get(i), number));
      }
    };
  }
}
