package dev.pantorch;

import dev.pantorch.internal.GeneratorCalls;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What stands at the root of the `torch` module in Python: factories, operators as functions,
/// modes, seeds, devices.
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

  /// Any operator by name, those of custom libraries too.
  ///
  /// @param name `ns::name` or `ns::name.overload`, as in `aten::add.Tensor`
  /// @return the operator
  /// @throws UnknownOperatorException if libtorch has no operator of that name
  public static Operator op(String name) {
    return Operator.of(name);
  }
}
