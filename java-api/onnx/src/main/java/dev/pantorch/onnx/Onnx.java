package dev.pantorch.onnx;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.internal.AtomicFile;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Writes models as ONNX files, which ONNX Runtime and others run.
///
/// ```java
/// Onnx.export(model, List.of(x), Path.of("model.onnx"), o ->
///     o.inputNames("x").outputNames("y").dynamicAxes("x", Map.of(0, "batch", 1, "time")));
/// ```
///
/// [torch.onnx](https://docs.pytorch.org/docs/2.13/onnx.html)
public final class Onnx {
  private Onnx() {}

  /// Traces the module in eval mode, as {@link dev.pantorch.jit.Jit#trace} does, and writes what it
  /// computes, its weights included. Each submodule is in its own mode again afterwards.
  ///
  /// Sizes named by {@link OnnxOptions#dynamicAxes} may differ from the example's; the trace is run
  /// with larger ones to see that it can be. The file is there whole or not at all.
  ///
  /// @param module the module; its `forward` takes tensors and returns a tensor, or a record or
  ///   list of tensors
  /// @param inputs example inputs
  /// @param path the file, replaced if it exists
  /// @param settings sets the options
  /// @throws OnnxExportException if something in the model cannot be exported; the message names
  ///   the operator, the module and the line
  /// @throws IllegalArgumentException if options do not fit the inputs
  /// @throws IOException if the file cannot be written; what was there before is untouched
  public static void export(
      Module module, List<Tensor> inputs, Path path, Consumer<OnnxOptions> settings)
      throws IOException {
    OnnxOptions options = new OnnxOptions();
    settings.accept(options);
    Map<Module, Boolean> modes = new LinkedHashMap<>();
    for (Module each : module.modules()) modes.put(each, each.isTraining());
    byte[] bytes;
    module.eval();
    try (TensorScope scope = TensorScope.open()) {
      bytes = new Exporter(module, inputs, options).export().toByteArray();
    } finally {
      // Parents before children, since a mode is set for all that is below.
      modes.forEach((each, mode) -> {
        if (each.isTraining() != mode) each.train(mode);
      });
    }
    AtomicFile.write(
        path,
        file -> {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) file.write(rest);
        });
  }
}
