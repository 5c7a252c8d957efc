package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.pantorch.TorchException;
import dev.pantorch.internal.JitCalls;

/// The rules of ONNX's own checker, which libtorch carries: names, attributes, types, and shapes as
/// far as they can be inferred.
final class OnnxRules {
  /// Shapes are inferred from smaller constants, which are therefore kept.
  private static final long LARGE = 1024;

  private OnnxRules() {}

  /// @throws OnnxExportException if a rule is broken
  static void check(ModelProto model) {
    for (NodeProto node : model.getGraph().getNodeList()) {
      // The checker knows ONNX's operators only.
      if (!node.getDomain().isEmpty()) return;
    }
    ModelProto small = model.toBuilder().setGraph(withoutWeights(model.getGraph())).build();
    try {
      JitCalls.checkOnnx(small.toByteArray());
    } catch (TorchException broken) {
      throw new OnnxExportException(
          "the model breaks a rule of ONNX: " + broken.getMessage(), broken);
    }
  }

  /// Large weights as inputs of their type and shape, since their elements matter to no rule.
  private static GraphProto withoutWeights(GraphProto graph) {
    GraphProto.Builder small = graph.toBuilder().clearInitializer();
    for (TensorProto weight : graph.getInitializerList()) {
      if (weight.getRawData().size() < LARGE && weight.getExternalDataCount() == 0) {
        small.addInitializer(weight);
        continue;
      }
      TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
      for (long size : weight.getDimsList()) {
        shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(size));
      }
      ValueInfoProto.Builder info = ValueInfoProto.newBuilder().setName(weight.getName());
      info.getTypeBuilder()
          .getTensorTypeBuilder()
          .setElemType(weight.getDataType())
          .setShape(shape);
      small.addInput(info);
    }
    return small.build();
  }
}
