package dev.pantorch.jit;

import dev.pantorch.Device;
import dev.pantorch.ValueException;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.Log;
import dev.pantorch.nn.Module;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Traces modules into TorchScript and loads TorchScript.
///
/// ```java
/// model.eval();
/// ScriptModule traced = Jit.trace(model, Torch.randn(32, 10, 5));
/// traced.save(Path.of("model.pt")); // Python: torch.jit.load("model.pt")
/// ```
///
/// [torch.jit](https://docs.pytorch.org/docs/2.13/jit.html)
public final class Jit {

  private Jit() {}

  /// Runs a module on example inputs and records the operators that it calls: a script that
  /// computes the same for other inputs, without Java.
  ///
  /// What is recorded is what happened: conditions and loops of Java's as they went, and numbers
  /// that were read from tensors as constants, of which a warning tells. Sizes of the inputs stay
  /// sizes ({@link TraceOptions#dynamicSizes}). The mode, train or eval, is the one that the module
  /// is in.
  ///
  /// @param module the module; its parameters are shared with the script
  /// @param exampleInputs the arguments of its `forward`: tensors, and records, lists and maps of
  ///   them
  /// @return the script
  /// @throws TracingCheckException if a second run calls other operators
  /// @throws dev.pantorch.TorchException if something cannot be recorded
  public static ScriptModule trace(Module module, Object... exampleInputs) {
    return trace(module, o -> {}, exampleInputs);
  }

  /// The same with options: `Jit.trace(model, o -> o.checkTrace(false), x)`.
  ///
  /// @param module the module; its parameters are shared with the script
  /// @param settings sets the options
  /// @param exampleInputs the arguments of its method
  /// @return the script
  /// @throws TracingCheckException if a second run calls other operators
  /// @throws dev.pantorch.TorchException if something cannot be recorded
  public static ScriptModule trace(
      Module module, Consumer<TraceOptions> settings, Object... exampleInputs) {
    if (module instanceof ScriptModule script) {
      Log.LOGGER.log(
          System.Logger.Level.WARNING,
          "The input to trace is already a ScriptModule, tracing it is a no-op. Returning the"
              + " object as is.");
      return script;
    }
    TraceOptions options = new TraceOptions();
    settings.accept(options);
    return new Tracer(module, options, List.of(exampleInputs)).trace();
  }

  /// Reads a module that `torch.jit.save` or {@link ScriptModule#save} has written.
  ///
  /// @param path the file
  /// @return the module
  /// @throws IOException if there is no such file
  /// @throws dev.pantorch.TorchException if it holds no TorchScript
  public static ScriptModule load(Path path) throws IOException {
    return load(path, o -> {});
  }

  /// The same with options: `Jit.load(path, o -> o.mapLocation(Device.CPU))`.
  ///
  /// @param path the file
  /// @param settings sets the options
  /// @return the module
  /// @throws IOException if there is no such file
  /// @throws dev.pantorch.TorchException if it holds no TorchScript
  public static ScriptModule load(Path path, Consumer<LoadOptions> settings) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new FileNotFoundException("The provided filename %s does not exist".formatted(path));
    }
    LoadOptions options = configured(settings);
    return loaded(
        JitCalls.load(path.toString(), deviceType(options), deviceIndex(options), names(options)),
        options);
  }

  /// Reads a module from a stream, to its end.
  ///
  /// @param in the stream, which is not closed
  /// @param settings sets the options
  /// @return the module
  /// @throws IOException if the stream fails
  /// @throws dev.pantorch.TorchException if it holds no TorchScript
  public static ScriptModule load(InputStream in, Consumer<LoadOptions> settings)
      throws IOException {
    LoadOptions options = configured(settings);
    byte[] bytes = in.readAllBytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      return loaded(
          JitCalls.load(copy, deviceType(options), deviceIndex(options), names(options)), options);
    }
  }

  private static LoadOptions configured(Consumer<LoadOptions> settings) {
    LoadOptions options = new LoadOptions();
    settings.accept(options);
    return options;
  }

  private static int deviceType(LoadOptions options) {
    Device device = options.mapLocation;
    return device == null ? -1 : device.type().code();
  }

  private static int deviceIndex(LoadOptions options) {
    Device device = options.mapLocation;
    return device == null ? -1 : device.index();
  }

  private static List<String> names(LoadOptions options) {
    Set<String> names = new LinkedHashSet<>(options.extraFiles.keySet());
    names.addAll(options.extraFilesAsBytes.keySet());
    return List.copyOf(names);
  }

  private static ScriptModule loaded(JitCalls.Loaded loaded, LoadOptions options) {
    List<String> names = names(options);
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      byte[] bytes = loaded.extra().get(i);
      fill(options.extraFiles, name, bytes == null ? null : () -> text(name, bytes));
      fill(options.extraFilesAsBytes, name, bytes == null ? null : () -> bytes);
    }
    return new ScriptModule(loaded.module());
  }

  private static <T> void fill(Map<String, T> files, String name, @Nullable Supplier<T> content) {
    if (!files.containsKey(name)) return;
    if (content == null) files.remove(name);
    else files.put(name, content.get());
  }

  private static String text(String name, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new ValueException(
          "extra file '%s' is no text in UTF-8; ask for it with extraFilesAsBytes".formatted(name));
    }
  }
}
