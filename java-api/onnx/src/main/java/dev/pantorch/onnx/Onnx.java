package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.pantorch.TensorScope;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
  /// Sizes named by {@link OnnxOptions#dynamicAxes} may differ from the example's; the module is
  /// traced and the trace run with larger ones to see that it can be. The file is there whole or
  /// not at all, and only if the model passes {@link OnnxOptions#verify}, where that is asked for.
  ///
  /// @param module the module
  /// @param inputs the arguments of its `forward`: tensors, and records, lists and maps of them,
  ///   each tensor an input of the ONNX model. What it returns may be such, too
  /// @param path the file, replaced if it exists
  /// @param settings sets the options
  /// @return what was written
  /// @throws OnnxExportException if something in the model cannot be exported, where the message
  ///   names the operator, the module and the line; or if it does not pass the verification
  /// @throws IllegalArgumentException if options do not fit the inputs
  /// @throws IOException if the file cannot be written; what was there before is untouched
  public static OnnxReport export(
      Module module, List<?> inputs, Path path, Consumer<OnnxOptions> settings) throws IOException {
    OnnxOptions options = new OnnxOptions();
    settings.accept(options);
    Map<Module, Boolean> modes = new LinkedHashMap<>();
    for (Module each : module.modules()) modes.put(each, each.isTraining());
    module.eval();
    try (TensorScope scope = TensorScope.open()) {
      return write(new Exporter(module, inputs, options), path, options);
    } finally {
      // Parents before children, since a mode is set for all that is below.
      modes.forEach((each, mode) -> {
        if (each.isTraining() != mode) each.train(mode);
      });
    }
  }

  private static OnnxReport write(Exporter exporter, Path path, OnnxOptions options)
      throws IOException {
    var weights =
        new ExternalWeights(ModelFile.name(path), options.externalData, options.mostEmbedded);
    ModelProto model = exporter.export(weights);
    List<OnnxReport.Run> runs = new ArrayList<>();
    VerifyOptions verify = options.verify;
    new ModelFile(path, model, weights)
        .write(
            session -> {
              if (verify != null) runs.addAll(new Verification(exporter, verify).run(session));
            },
            verify != null);
    Map<String, Integer> operators = new TreeMap<>();
    for (NodeProto node : model.getGraph().getNodeList()) {
      operators.merge(node.getOpType(), 1, Integer::sum);
    }
    return new OnnxReport(operators, weights.bytes(), List.copyOf(runs));
  }
}
