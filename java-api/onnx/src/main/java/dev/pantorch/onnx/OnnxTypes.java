package dev.pantorch.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import java.lang.foreign.Arena;
import java.util.List;

/// ONNX's names of dtypes, and tensors and attributes as messages.
final class OnnxTypes {
  private OnnxTypes() {}

  static int code(DType dtype) {
    TensorProto.DataType type =
        switch (dtype) {
          case UINT8 -> TensorProto.DataType.UINT8;
          case INT8 -> TensorProto.DataType.INT8;
          case INT16 -> TensorProto.DataType.INT16;
          case INT32 -> TensorProto.DataType.INT32;
          case INT64 -> TensorProto.DataType.INT64;
          case FLOAT16 -> TensorProto.DataType.FLOAT16;
          case FLOAT32 -> TensorProto.DataType.FLOAT;
          case FLOAT64 -> TensorProto.DataType.DOUBLE;
          case BFLOAT16 -> TensorProto.DataType.BFLOAT16;
          case BOOL -> TensorProto.DataType.BOOL;
          default ->
              throw new OnnxExportException("tensors of %s are not exported".formatted(dtype));
        };
    return type.getNumber();
  }

  /// A tensor's message without its elements.
  static TensorProto.Builder header(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(code(tensor.dtype()));
    for (long size : tensor.shape()) proto.addDims(size);
    return proto;
  }

  static TensorProto tensor(String name, Tensor tensor) {
    TensorProto.Builder proto = header(name, tensor);
    try (Arena arena = Arena.ofConfined()) {
      proto.setRawData(ByteString.copyFrom(tensor.data(arena).asByteBuffer()));
    }
    return proto.build();
  }

  static AttributeProto attribute(String name, Object value) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (value) {
      case Boolean flag -> proto.setType(AttributeProto.AttributeType.INT).setI(flag ? 1 : 0);
      case Integer number -> proto.setType(AttributeProto.AttributeType.INT).setI(number);
      case Long number -> proto.setType(AttributeProto.AttributeType.INT).setI(number);
      case Float number -> proto.setType(AttributeProto.AttributeType.FLOAT).setF(number);
      case Double number ->
          proto.setType(AttributeProto.AttributeType.FLOAT).setF(number.floatValue());
      case String text ->
          proto.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(text));
      case Tensor tensor ->
          proto.setType(AttributeProto.AttributeType.TENSOR).setT(tensor("", tensor));
      case GraphProto graph -> proto.setType(AttributeProto.AttributeType.GRAPH).setG(graph);
      case List<?> list when list.stream().allMatch(Long.class::isInstance) -> {
        proto.setType(AttributeProto.AttributeType.INTS);
        for (Object number : list) proto.addInts((Long) number);
      }
      case List<?> list when list.stream().allMatch(String.class::isInstance) -> {
        proto.setType(AttributeProto.AttributeType.STRINGS);
        for (Object text : list) proto.addStrings(ByteString.copyFromUtf8((String) text));
      }
      default ->
          throw new IllegalArgumentException(
              ("attribute '%s' is %s; wanted a number, a boolean, a string, a tensor, or a list of"
                      + " longs or strings")
                  .formatted(name, value));
    }
    return proto.build();
  }
}
