package dev.pantorch;

import dev.pantorch.internal.CustomLibraries;
import dev.pantorch.internal.GeneratorCalls;
import dev.pantorch.io.Checkpoint;
import dev.pantorch.io.LoadOptions;
import dev.pantorch.io.SaveOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What stands at the root of the `torch` module in Python: factories, operators as functions,
/// modes, seeds, devices.
///
/// ```java
/// Torch.manualSeed(42);
/// Tensor x = Torch.randn(32, 10, 5);
/// Tensor predicted = Torch.noGrad(() -> model.forward(x));
/// Tensor both = Torch.cat(List.of(x, x), 2); // (32, 10, 10)
/// ```
///
/// [torch](https://docs.pytorch.org/docs/2.13/torch.html)
public final class Torch extends TorchSettings {
  private Torch() {}

  /// Stops recording gradients in this thread until closed, `torch.no_grad()`.
  ///
  /// @return restores the previous mode when closed
  public static Autograd.Mode noGrad() {
    return Autograd.noGrad();
  }

  /// Runs a computation without recording gradients.
  ///
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return its result
  public static <T extends @Nullable Object> T noGrad(Supplier<T> body) {
    return Autograd.noGrad().run(body);
  }

  /// Records gradients in this thread until closed, within {@link #noGrad} for instance.
  ///
  /// @return restores the previous mode when closed
  public static Autograd.Mode enableGrad() {
    return Autograd.enableGrad();
  }

  /// Runs a computation with gradients recorded.
  ///
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return its result
  public static <T extends @Nullable Object> T enableGrad(Supplier<T> body) {
    return Autograd.enableGrad().run(body);
  }

  /// Switches this thread to inference mode until closed: faster than {@link #noGrad}, but its
  /// tensors cannot take part in recorded computations later.
  ///
  /// @return restores the previous mode when closed
  public static Autograd.Mode inferenceMode() {
    return Autograd.inference(true);
  }

  /// Switches inference mode on or off in this thread until closed.
  ///
  /// @param enabled whether it is on
  /// @return restores the previous mode when closed
  public static Autograd.Mode inferenceMode(boolean enabled) {
    return Autograd.inference(enabled);
  }

  /// Runs a computation in inference mode.
  ///
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return its result
  public static <T extends @Nullable Object> T inferenceMode(Supplier<T> body) {
    return Autograd.inference(true).run(body);
  }

  /// Whether operators of this thread are recorded.
  ///
  /// @return whether they are
  public static boolean isGradEnabled() {
    return Autograd.isGradEnabled();
  }

  /// Lets operators on a kind of device choose their dtypes until closed: see {@link Autocast}.
  ///
  /// @param type the kind of device
  /// @return ends the region when closed
  /// @throws TorchException if the kind of device has no autocast
  public static Autocast autocast(DeviceType type) {
    return Autocast.open(type, o -> {});
  }

  /// Lets operators on a kind of device choose their dtypes until closed: see {@link Autocast}.
  ///
  /// @param type the kind of device
  /// @param dtype bfloat16 or float16, what operators that run in lower precision convert to
  /// @return ends the region when closed
  /// @throws TorchException if the kind of device has no autocast
  public static Autocast autocast(DeviceType type, DType dtype) {
    return Autocast.open(type, o -> o.dtype(dtype));
  }

  /// Lets operators on a kind of device choose their dtypes until closed, or keeps them from it:
  /// see {@link Autocast}.
  ///
  /// @param type the kind of device
  /// @param settings sets the options
  /// @return ends the region when closed
  /// @throws TorchException if the kind of device has no autocast
  public static Autocast autocast(DeviceType type, Consumer<Autocast.Options> settings) {
    return Autocast.open(type, settings);
  }

  /// Runs a computation under autocast.
  ///
  /// @param type the kind of device
  /// @param dtype bfloat16 or float16, what operators that run in lower precision convert to
  /// @param body the computation
  /// @param <T> the type of its result
  /// @return its result
  /// @throws TorchException if the kind of device has no autocast
  public static <T extends @Nullable Object> T autocast(
      DeviceType type, DType dtype, Supplier<T> body) {
    return autocast(type, dtype).run(body);
  }

  /// Whether operators of this thread choose their dtypes on a kind of device.
  ///
  /// @param type the kind of device
  /// @return whether they do
  public static boolean isAutocastEnabled(DeviceType type) {
    return Autocast.isEnabled(type);
  }

  /// What operators that run in lower precision convert to under autocast, in this thread.
  ///
  /// @param type the kind of device
  /// @return the dtype, also where autocast is off
  /// @throws TorchException if the kind of device has no autocast
  public static DType getAutocastDtype(DeviceType type) {
    return Autocast.dtype(type);
  }

  /// Whether weights that autocast has converted are kept for this thread: see {@link Autocast}.
  ///
  /// @return whether they are
  public static boolean isAutocastCacheEnabled() {
    return Autocast.isCacheEnabled();
  }

  /// Seeds the default random number generators of all devices. With the same seed and calls come
  /// the same bits as in Python.
  ///
  /// @param seed any 64 bits
  public static void manualSeed(long seed) {
    GeneratorCalls.manualSeed(seed);
  }

  /// Writes a value to a file that Python's `torch.load` reads, `torch.save(value, path)`: tensors,
  /// numbers, texts, and maps, lists and sets of them, as {@link Checkpoint} lists them. Tensors
  /// that share memory share it again when they are loaded.
  ///
  /// The bytes go to a temporary file first, which then takes the place of the old one: whoever
  /// looks finds one or the other, whole, even after a crash.
  ///
  /// @param value such as `model.stateDict()`, or a map of several
  /// @param path the file, replaced if it exists
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if something in the value has no form in the file; says where
  public static void save(@Nullable Object value, Path path) throws IOException {
    Checkpoint.save(value, path, _ -> {});
  }

  /// The same with options.
  ///
  /// @param value such as `model.stateDict()`, or a map of several
  /// @param path the file, replaced if it exists
  /// @param options how to write it
  /// @throws IOException if it cannot be written; what was there before is untouched
  /// @throws IllegalArgumentException if something in the value has no form in the file; says where
  public static void save(@Nullable Object value, Path path, Consumer<SaveOptions> options)
      throws IOException {
    Checkpoint.save(value, path, options);
  }

  /// Reads a file that `torch.save` wrote, in Python or here: `torch.load(path,
  /// weights_only=True)`. Nothing in the file is run; one that names anything but tensors,
  /// containers and numbers, such as a whole module, is refused with the name.
  ///
  /// @param path the file
  /// @return its value
  /// @throws IOException if it cannot be read, is broken, or names something else; says what
  /// @throws DeviceException if tensors were saved on a device that is not there; see {@link
  ///   LoadOptions#mapLocation(Device)}
  public static Checkpoint load(Path path) throws IOException {
    return Checkpoint.load(path, _ -> {});
  }

  /// The same with options.
  ///
  /// @param path the file
  /// @param options where to put tensors, and whether to map the file into memory
  /// @return its value
  /// @throws IOException if it cannot be read, is broken, or names something else; says what
  /// @throws DeviceException if tensors were saved on a device that is not there
  public static Checkpoint load(Path path, Consumer<LoadOptions> options) throws IOException {
    return Checkpoint.load(path, options);
  }

  /// Any operator by name, those of custom libraries too.
  ///
  /// @param name `ns::name` or `ns::name.overload`, as in `aten::add.Tensor`
  /// @return the operator
  /// @throws UnknownOperatorException if libtorch has no operator of that name
  public static Operator op(String name) {
    return Operator.of(name);
  }

  /// Loads a library of custom operators, which then are {@link #op} like any other. It stays
  /// loaded as long as the process lives; loading it again does nothing.
  ///
  /// ```java
  /// Torch.loadLibrary(Path.of("libmy_ops.so"));
  /// Tensor z = Torch.op("my_ops::scale_add").callTensor(x, y);
  /// ```
  ///
  /// The library must be built with the libtorch that runs here. It is a program: load only what
  /// you trust.
  ///
  /// [torch.ops.load_library](https://docs.pytorch.org/docs/2.13/notes/custom_operators.html)
  ///
  /// @param path the library
  /// @throws IOException if there is no such file or it cannot be read
  /// @throws TorchException if it is no library, lacks something, or defines operators that another
  ///   library has defined
  public static void loadLibrary(Path path) throws IOException {
    CustomLibraries.load(path);
  }
}
