package dev.pantorch.jit;

import dev.pantorch.Tensor;
import dev.pantorch.TypeException;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.JitCalls.Role;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// A TorchScript module: traced from Java, or loaded from what Python or Java has saved. A {@link
/// Module} like any other: its parameters are trained by optimizers, its state dict is Python's,
/// and it can be a part of a Java model.
///
/// ```java
/// ScriptModule model = Jit.load(path);
/// model.eval();
/// Tensor y = model.forward(x);
/// ```
///
/// Parameters and buffers share memory with the script. Methods take and return tensors, numbers,
/// strings, lists, maps, null for None, records for tuples, {@link NamedTuple}, {@link ScriptEnum}
/// and {@link ScriptObject}; tuples come back as lists, futures as what they will be.
///
/// **Threads.** Any number may call it at once, if its methods assign no attributes.
///
/// [torch.jit.ScriptModule](https://docs.pytorch.org/docs/2.13/generated/torch.jit.ScriptModule.html)
public final class ScriptModule extends Layer {
  private static final String TRAINING = "training";
  private static final int PIECE = 1 << 16;

  private final ScriptObject object;
  private final SequencedMap<String, String> methods;
  private final List<String> attributes;
  private @Nullable Boolean assignsBuffers;

  ScriptModule(ScriptObject object) {
    this.object = object;
    List<?> parts = JitCalls.members(object);
    List<String> names = new ArrayList<>();
    for (Object part : (List<?>) parts.get(0)) {
      List<?> member = (List<?>) part;
      names.add((String) member.get(0));
      adopt((String) member.get(0), Role.of((Long) member.get(1)), (Boolean) member.get(2));
    }
    attributes = List.copyOf(names);
    SequencedMap<String, String> found = new LinkedHashMap<>();
    for (Object part : (List<?>) parts.get(1)) {
      List<?> method = (List<?>) part;
      found.put((String) method.get(0), (String) method.get(1));
    }
    methods = Collections.unmodifiableSequencedMap(found);
  }

  private void adopt(String name, Role role, boolean isModule) {
    Object value = JitCalls.attribute(object, name);
    if (value instanceof Tensor tensor && role == Role.PARAMETER) {
      registerParameter(name, tensor, tensor.requiresGrad());
    } else if (value instanceof Tensor tensor) {
      registerBuffer(name, tensor);
    } else if (value instanceof ScriptObject child && isModule) {
      register(name, new ScriptModule(child));
    } else if (name.equals(TRAINING) && value instanceof Boolean mode) {
      super.setTraining(mode);
    }
  }

  /// The module as a value, to be given to operators and attributes.
  ///
  /// @return the native object
  public ScriptObject object() {
    return object;
  }

  // Running.

  /// Calls `forward` with one tensor, for one tensor.
  ///
  /// @param input the input
  /// @return the output
  /// @throws TypeException if it returns something else: then use {@link #call}
  /// @throws dev.pantorch.TorchException if the input does not fit or the script fails
  @Override
  public Tensor forward(Tensor input) {
    return hooked(
        input,
        x -> {
          if (call(x) instanceof Tensor output) return output;
          throw new TypeException(
              "'%s' does not return one tensor; use call(...)".formatted(schema("forward")));
        });
  }

  /// Calls `forward`.
  ///
  /// @param arguments its arguments in order; those left out take their defaults
  /// @return what it returns
  /// @throws dev.pantorch.TorchException if the arguments do not fit or the script fails
  public @Nullable Object call(@Nullable Object... arguments) {
    return callMethod("forward", arguments);
  }

  /// Calls a method.
  ///
  /// @param name the method
  /// @param arguments its arguments in order; those left out take their defaults
  /// @return what it returns
  /// @throws IllegalArgumentException if there is no such method
  /// @throws dev.pantorch.TorchException if the arguments do not fit or the script fails
  public @Nullable Object callMethod(String name, @Nullable Object... arguments) {
    return callNamed(name, Arrays.asList(arguments), Map.of());
  }

  /// Calls a method with positional and named arguments.
  ///
  /// @param name the method
  /// @param arguments the positional arguments
  /// @param named arguments by name
  /// @return what it returns
  /// @throws IllegalArgumentException if there is no such method
  /// @throws dev.pantorch.TorchException if the arguments do not fit or the script fails
  public @Nullable Object callNamed(
      String name,
      List<? extends @Nullable Object> arguments,
      Map<String, ? extends @Nullable Object> named) {
    schema(name);
    Object result = JitCalls.call(object, name, arguments, named);
    if (assignsBuffers()) refreshBuffers();
    return result;
  }

  /// The methods by name, with their schemas.
  ///
  /// @return a read-only map
  public SequencedMap<String, String> methods() {
    return methods;
  }

  private String schema(String method) {
    String schema = methods.get(method);
    if (schema == null) {
      throw new IllegalArgumentException(
          "Method '%s' is not defined; there are %s".formatted(method, methods.keySet()));
    }
    return schema;
  }

  /// A script may put a new tensor in a buffer's place, instead of changing the old one.
  private synchronized boolean assignsBuffers() {
    if (assignsBuffers == null) {
      boolean found = false;
      for (Module module : modules()) {
        found |= module instanceof ScriptModule script && JitCalls.assigns(script.object);
      }
      assignsBuffers = found;
    }
    return assignsBuffers;
  }

  private void refreshBuffers() {
    for (Module module : modules()) {
      if (!(module instanceof ScriptModule script)) continue;
      for (String name : script.namedBuffers(false).keySet()) {
        if (JitCalls.attribute(script.object, name) instanceof Tensor now) {
          script.replaceBuffer(name, now);
        }
      }
    }
  }

  // Attributes.

  /// The names of all attributes, constants, parameters, buffers and modules of this module.
  ///
  /// @return a read-only list
  public List<String> attributeNames() {
    return attributes;
  }

  /// An attribute or a constant. Parameters, buffers and modules are those that this module has
  /// registered.
  ///
  /// @param name its name
  /// @return its value
  /// @throws dev.pantorch.TorchException if there is none of this name
  public @Nullable Object attribute(String name) {
    Module child = namedChildren().get(name);
    if (child != null) return child;
    Tensor parameter = namedParameters(false).get(name);
    if (parameter != null) return parameter;
    Tensor buffer = namedBuffers(false).get(name);
    return buffer != null ? buffer : JitCalls.attribute(object, name);
  }

  /// Sets an attribute.
  ///
  /// @param name its name
  /// @param value a value of its type
  /// @throws IllegalArgumentException if it is a parameter or a module
  /// @throws dev.pantorch.TorchException if there is none of this name, it is a constant, or the
  ///   value is of another type
  public void setAttribute(String name, @Nullable Object value) {
    if (namedParameters(false).containsKey(name) || namedChildren().containsKey(name)) {
      throw new IllegalArgumentException(
          "'%s' is a parameter or a module and stays what it is; copy values into a parameter with copy_(...) under noGrad, or with loadStateDict"
              .formatted(name));
    }
    JitCalls.setAttribute(object, name, value);
    if (value instanceof Tensor tensor && namedBuffers(false).containsKey(name)) {
      replaceBuffer(name, tensor);
    }
    if (name.equals(TRAINING) && value instanceof Boolean mode) super.setTraining(mode);
  }

  @Override
  protected void setTraining(boolean mode) {
    super.setTraining(mode);
    if (attributes.contains(TRAINING)) JitCalls.setAttribute(object, TRAINING, mode);
  }

  // Other forms of it.

  /// A copy with tensors of its own.
  ///
  /// @return a new module
  public ScriptModule copy() {
    return new ScriptModule(JitCalls.copy(object));
  }

  /// The module with its parameters and attributes as constants of its methods, for inference:
  /// smaller and faster, and no longer trained. The module must be in evaluation mode.
  ///
  /// @param preserved names of methods and attributes that are to stay, besides forward
  /// @return a new module
  /// @throws dev.pantorch.TorchException if it is in training mode
  public ScriptModule freeze(String... preserved) {
    return new ScriptModule(JitCalls.freeze(object, List.of(preserved), true));
  }

  /// The module, frozen if it is not yet, with what makes inference faster on this machine, such as
  /// layouts of oneDNN. Not to be saved: it may run here only.
  ///
  /// @param methods methods to optimize, besides forward
  /// @return a new module
  public ScriptModule optimizeForInference(String... methods) {
    return new ScriptModule(JitCalls.optimizeForInference(object, List.of(methods)));
  }

  /// The source of `forward`, as TorchScript.
  ///
  /// @return the text
  public String code() {
    return code("forward");
  }

  /// The source of a method, as TorchScript.
  ///
  /// @param method the method
  /// @return the text
  /// @throws IllegalArgumentException if there is no such method
  public String code(String method) {
    schema(method);
    return JitCalls.code(object, method);
  }

  /// What `forward` does, with its calls of other modules as calls.
  ///
  /// @return a copy of its graph
  public Graph graph() {
    return graph("forward");
  }

  /// What a method does, with its calls of other methods as calls.
  ///
  /// @param method the method
  /// @return a copy of its graph
  /// @throws IllegalArgumentException if there is no such method
  public Graph graph(String method) {
    schema(method);
    return GraphReader.read(JitCalls.graph(object, method, false));
  }

  /// What `forward` does, with the called methods in the place of their calls.
  ///
  /// @return a copy of its graph
  public Graph inlinedGraph() {
    return inlinedGraph("forward");
  }

  /// What a method does, with the called methods in the place of their calls.
  ///
  /// @param method the method
  /// @return a copy of its graph
  /// @throws IllegalArgumentException if there is no such method
  public Graph inlinedGraph(String method) {
    schema(method);
    return GraphReader.read(JitCalls.graph(object, method, true));
  }

  // Saving.

  /// Writes the module to a file that `torch.jit.load` reads, in Python, C++ and here. The file is
  /// there whole or not at all.
  ///
  /// @param path the file, replaced if it exists
  /// @throws IOException if it cannot be written; what was there before is untouched
  public void save(Path path) throws IOException {
    save(path, Map.of());
  }

  /// Writes the module, and other files beside it.
  ///
  /// @param path the file, replaced if it exists
  /// @param extraFiles texts and `byte[]`s by the names of their files within the archive
  /// @throws TypeException if a file is neither
  /// @throws IOException if it cannot be written; what was there before is untouched
  public void save(Path path, Map<String, ?> extraFiles) throws IOException {
    Map<String, byte[]> files = contents(extraFiles);
    AtomicFile.write(
        path,
        file ->
            write(
                files,
                bytes -> {
                  var piece = bytes.asByteBuffer();
                  while (piece.hasRemaining()) file.write(piece);
                }));
  }

  /// Writes the module to a stream.
  ///
  /// @param out the stream, which is not closed
  /// @param extraFiles texts and `byte[]`s by the names of their files within the archive
  /// @throws TypeException if a file is neither
  /// @throws IOException if the stream refuses
  public void save(OutputStream out, Map<String, ?> extraFiles) throws IOException {
    write(contents(extraFiles), bytes -> out.write(bytes.toArray(ValueLayout.JAVA_BYTE)));
  }

  private static Map<String, byte[]> contents(Map<String, ?> files) {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    files.forEach((name, content) ->
        contents.put(
            name,
            switch (content) {
              case String text -> text.getBytes(StandardCharsets.UTF_8);
              case byte[] bytes -> bytes;
              default ->
                  throw new TypeException(
                      "extra file '%s' is a %s; expected a String or a byte[]"
                          .formatted(name, content.getClass().getName()));
            }));
    return contents;
  }

  private interface Sink {
    void write(MemorySegment piece) throws IOException;
  }

  private void write(Map<String, byte[]> files, Sink sink) throws IOException {
    try {
      JitCalls.save(
          object,
          files,
          bytes -> {
            try {
              for (long done = 0; done < bytes.byteSize(); done += PIECE) {
                sink.write(bytes.asSlice(done, Math.min(PIECE, bytes.byteSize() - done)));
              }
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  protected String extraRepr() {
    String type = object.typeName();
    return "original_name=" + type.substring(type.lastIndexOf('.') + 1);
  }
}
