package dev.pantorch.export;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SequencedSet;
import java.util.function.Consumer;

/// Loads `.pt2` packages: models that Python has compiled ahead of time, for one kind of machine.
///
/// ```java
/// try (AOTICompiledModel model = AOTInductor.loadPackage(Path.of("model.pt2"))) {
///   Tensor y = model.forward(x);
/// }
/// ```
///
/// Python makes them with `torch._inductor.aoti_compile_and_package`. A package holds native code,
/// which runs in this process: load only what you trust. What `torch.export.save` writes is another
/// kind of `.pt2`, without code; libtorch runs it in Python only.
///
/// [AOTInductor](https://docs.pytorch.org/docs/2.13/torch.compiler_aot_inductor.html)
public final class AOTInductor {
  private AOTInductor() {}

  /// Loads the model of a package.
  ///
  /// @param path the package
  /// @return the model, to be closed
  /// @throws IOException if the file cannot be read, is broken, or holds no compiled model; says
  ///   what it is instead
  /// @throws dev.pantorch.TorchException if the model was compiled for another machine or libtorch
  public static AOTICompiledModel loadPackage(Path path) throws IOException {
    return loadPackage(path, o -> {});
  }

  /// The same with options: `AOTInductor.loadPackage(path, o -> o.numRunners(4))`.
  ///
  /// @param path the package
  /// @param settings sets the options
  /// @return the model, to be closed
  /// @throws IOException if the file cannot be read, is broken, or holds no compiled model; says
  ///   what it is instead
  /// @throws dev.pantorch.TorchException if the model was compiled for another machine or libtorch
  public static AOTICompiledModel loadPackage(Path path, Consumer<PackageOptions> settings)
      throws IOException {
    PackageOptions options = new PackageOptions();
    settings.accept(options);
    return AOTICompiledModel.load(path, options);
  }

  /// The names of the compiled models in a package, found without loading it.
  ///
  /// @param path the package
  /// @return the names, in the order of the file
  /// @throws IOException if the file cannot be read, is broken, or holds no compiled model; says
  ///   what it is instead
  public static SequencedSet<String> modelNames(Path path) throws IOException {
    return Pt2Archive.read(path, Pt2Archive::models);
  }

  /// What was noted when a model was compiled, read without loading it: the machine, and what
  /// `aot_inductor.metadata` was given.
  ///
  /// @param path the package
  /// @param modelName the model
  /// @return texts by name
  /// @throws IOException if the file cannot be read, is broken, or holds no such model; says what
  ///   it is instead
  public static Map<String, String> loadMetadata(Path path, String modelName) throws IOException {
    return Pt2Archive.read(path, archive -> archive.metadata(modelName));
  }
}
