package dev.pantorch.export;

import dev.pantorch.Device;
import dev.pantorch.Tensor;
import dev.pantorch.TorchException;
import dev.pantorch.TypeException;
import dev.pantorch.ffi.LibraryFile;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.PackageCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A model that Python has compiled, loaded from a `.pt2` package.
///
/// ```java
/// try (AOTICompiledModel model = AOTInductor.loadPackage(path)) {
///   Object out = model.call(x, Map.of("mask", mask)); // as Python's model(x, {"mask": mask})
///   Tensor y = model.forward(x);
/// }
/// ```
///
/// Inputs and outputs are nested as they were in Python: maps for dicts, lists, arrays and records
/// for tuples and lists, with tensors at the leaves. Numbers, booleans, strings and null, which the
/// compiler has made constants, may stand where they stood and change nothing. Outputs come as maps
/// and lists; they require no gradients.
///
/// Every input is compared with what the package was compiled for, before the call: dtype, device,
/// sizes, and strides. The compiled code itself checks nothing.
///
/// **Ownership.** Outputs belong to the innermost scope, or to nobody, as those of operators. The
/// model holds its own copy of the weights. Closing it frees them and deletes the temporary folder
/// that the package was unpacked to; outputs stay valid. A model that is not closed is freed some
/// time after it has become unreachable.
///
/// **Threads.** Any number may run it; {@link PackageOptions#numRunners} of them run at once.
/// Closing it and loading weights wait for those that run.
///
/// [torch._inductor.aoti_load_package](https://docs.pytorch.org/docs/2.13/torch.compiler_aot_inductor.html)
public final class AOTICompiledModel implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger("dev.pantorch");

  private final Path path;
  private final String name;
  private final NativeHandle handle;
  private final Map<String, String> metadata;
  private final Device device;
  private final List<InputSpec> inputs;
  private final List<String> places;
  private final @Nullable InputCheck check;
  private final TreeSpec inSpec;
  private final TreeSpec outSpec;
  private final Constants constants;
  private final Lock running;
  private final Lock changing;
  private boolean closed;

  static AOTICompiledModel load(Path path, PackageOptions options) throws IOException {
    return Pt2Archive.read(path, archive -> load(path, archive, options));
  }

  private static AOTICompiledModel load(Path path, Pt2Archive archive, PackageOptions options)
      throws IOException {
    String name = options.modelName;
    Map<String, String> metadata = archive.metadata(name);
    Machine.check(path, metadata);
    String text = archive.source(name);
    ModelSource source = text == null ? null : ModelSource.parse(text);
    Path folder = UnpackedFolder.create();
    NativeHandle handle = null;
    AOTICompiledModel model = null;
    try {
      String fault = LibraryFile.fault(archive.unpack(name, folder));
      if (fault != null) throw new IOException(fault);
      handle =
          PackageCalls.load(
              folder.toString(),
              name,
              options.numRunners,
              options.runSingleThreaded,
              options.deviceIndex,
              () -> UnpackedFolder.delete(folder));
      model = new AOTICompiledModel(path, options, handle, metadata, source);
      return model;
    } catch (TorchException e) {
      throw Machine.explained(path, e);
    } finally {
      if (handle == null) UnpackedFolder.delete(folder);
      else if (model == null) handle.close();
    }
  }

  private AOTICompiledModel(
      Path path,
      PackageOptions options,
      NativeHandle handle,
      Map<String, String> metadata,
      @Nullable ModelSource source)
      throws IOException {
    this.path = path;
    this.name = options.modelName;
    this.handle = handle;
    this.metadata = Map.copyOf(metadata);
    inputs = source == null ? List.of() : source.inputs();
    places = IntStream.range(0, inputs.size()).mapToObj(i -> "input " + i).toList();
    check = source == null ? null : new InputCheck(source);
    device = Machine.device(metadata, options.deviceIndex);
    List<?> parts = PackageCalls.describe(handle);
    List<?> structures = (List<?>) parts.get(0);
    inSpec = TreeSpec.parse((String) structures.get(0));
    if (!inSpec.isCall()) throw new IOException("its inputs are no arguments: " + inSpec);
    outSpec = TreeSpec.parse((String) structures.get(1));
    constants = new Constants(name, (List<?>) parts.get(1), (List<?>) parts.get(2), source);
    ReadWriteLock lock = new ReentrantReadWriteLock();
    changing = lock.writeLock();
    running = options.runSingleThreaded ? changing : lock.readLock();
    if (source == null) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          "%s does not say what model '%s' takes, in a way that is understood: its inputs are not checked"
              .formatted(path, name));
    }
  }

  // Running.

  /// Runs a model of one input and one output.
  ///
  /// @param input the input
  /// @return the output
  /// @throws TypeException if it returns something else than one tensor: then use {@link #call}
  /// @throws TorchException if the input is not what the package was compiled for; says what that
  ///   is
  public Tensor forward(Tensor input) {
    if (call(input) instanceof Tensor output) return output;
    throw new TypeException("the model does not return one tensor; use call(...)");
  }

  /// Runs the model as Python's `model(*args)` does.
  ///
  /// @param arguments its positional arguments
  /// @return what it returns
  /// @throws TorchException if the arguments are not what the package was compiled for; says what
  ///   that is
  public @Nullable Object call(@Nullable Object... arguments) {
    return callNamed(Arrays.asList(arguments), Map.of());
  }

  /// Runs the model as Python's `model(*args, **kwargs)` does.
  ///
  /// @param arguments its positional arguments
  /// @param named its arguments by name
  /// @return what it returns
  /// @throws TorchException if the arguments are not what the package was compiled for; says what
  ///   that is
  public @Nullable Object callNamed(
      List<? extends @Nullable Object> arguments, Map<String, ? extends @Nullable Object> named) {
    TreeSpec.Leaves leaves = inSpec.flattenCall(arguments, named);
    List<@Nullable Tensor> outputs = run(leaves.tensors, leaves.places);
    if (outputs.size() != outSpec.leafCount()) {
      throw new TorchException(
          "the model returns %d tensors, where its structure has %d: the package is broken"
              .formatted(outputs.size(), outSpec.leafCount()));
    }
    return outSpec.unflatten(outputs.iterator());
  }

  /// Runs the model on its inputs without structure, in the order of {@link #inputs}.
  ///
  /// @param inputs the tensors
  /// @return the outputs in their order, null for None
  /// @throws TorchException if the inputs are not what the package was compiled for; says what that
  ///   is
  public List<@Nullable Tensor> run(List<Tensor> inputs) {
    return run(inputs, places);
  }

  private List<@Nullable Tensor> run(List<Tensor> inputs, List<?> where) {
    if (check != null) check.check(inputs, where);
    return locked(
        running,
        () -> {
          constants.requireComplete();
          return PackageCalls.run(handle, inputs);
        });
  }

  private <T> T locked(Lock lock, Supplier<T> body) {
    lock.lock();
    try {
      if (closed) throw new IllegalStateException("the model of %s is closed".formatted(path));
      return body.get();
    } finally {
      lock.unlock();
    }
  }

  // What it is.

  /// What the model takes, tensor by tensor.
  ///
  /// @return a read-only list; empty too if the package does not say
  public List<InputSpec> inputs() {
    return inputs;
  }

  /// What was noted when the model was compiled: the machine, and what `aot_inductor.metadata` was
  /// given.
  ///
  /// @return texts by name, read-only
  public Map<String, String> metadata() {
    return metadata;
  }

  // Weights.

  /// The names of the weights that the model holds, as in the state dict of the model that was
  /// exported. Those that the compiler has written into the code, and those that the model does not
  /// use, are not among them; `always_keep_tensor_constants` in its settings keeps the former.
  ///
  /// @return a read-only set
  public SequencedSet<String> constantFqns() {
    return constants.names();
  }

  /// Replaces all weights: copies tensors into them.
  ///
  /// @param weights one for each of {@link #constantFqns}
  /// @throws TorchException if names are missing or unexpected, or dtypes or shapes differ; says
  ///   all that is wrong, and has changed nothing
  public void loadConstants(Map<String, Tensor> weights) {
    load(weights, true);
  }

  /// Replaces some weights: copies tensors into them.
  ///
  /// @param weights some of {@link #constantFqns}
  /// @throws TorchException if names are unexpected, or dtypes or shapes differ; says all that is
  ///   wrong, and has changed nothing
  public void updateConstants(Map<String, Tensor> weights) {
    load(weights, false);
  }

  private void load(Map<String, Tensor> weights, boolean complete) {
    locked(
        changing,
        () -> {
          constants.load(handle, weights, complete, device);
          return true;
        });
  }

  /// Frees the model, once the calls that run have returned, and deletes what was unpacked.
  @Override
  public void close() {
    changing.lock();
    try {
      closed = true;
      handle.close();
    } finally {
      changing.unlock();
    }
  }

  @Override
  public String toString() {
    return "AOTICompiledModel(%s, model '%s', inputs %s)".formatted(path, name, inputs());
  }
}
