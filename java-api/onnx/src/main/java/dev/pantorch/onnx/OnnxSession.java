package dev.pantorch.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model in ONNX Runtime, run with tensors. The only class that knows ONNX Runtime, which need
/// not be on the class path of who exports.
final class OnnxSession implements AutoCloseable {
  private final OrtEnvironment environment;
  private final OrtSession session;

  private OnnxSession(OrtEnvironment environment, OrtSession session) {
    this.environment = environment;
    this.session = session;
  }

  /// What opens a session.
  private interface Opening {
    OrtSession open(OrtEnvironment environment) throws OrtException;
  }

  static OnnxSession of(byte[] model) {
    return open(environment -> environment.createSession(model));
  }

  static OnnxSession of(Path model) {
    return open(environment -> environment.createSession(model.toString()));
  }

  private static OnnxSession open(Opening opening) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      return new OnnxSession(environment, opening.open(environment));
    } catch (OrtException e) {
      throw new OnnxExportException("ONNX Runtime refuses the model: " + e.getMessage(), e);
    }
  }

  /// The names of the model's inputs in order.
  List<String> inputNames() {
    return List.copyOf(session.getInputNames());
  }

  /// The names of the model's outputs in order.
  List<String> outputNames() {
    return List.copyOf(session.getOutputNames());
  }

  /// Runs the model.
  ///
  /// @param inputs the inputs by name
  /// @return the outputs in order
  List<Tensor> run(Map<String, Tensor> inputs) {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      try {
        for (var entry : inputs.entrySet()) {
          given.put(entry.getKey(), toOnnx(entry.getValue(), arena));
        }
        List<Tensor> outputs = new ArrayList<>();
        try (OrtSession.Result result = session.run(given)) {
          for (Map.Entry<String, OnnxValue> each : result) {
            outputs.add(toTensor((OnnxTensor) each.getValue()));
          }
        }
        return outputs;
      } finally {
        given.values().forEach(OnnxTensor::close);
      }
    } catch (OrtException e) {
      throw new OnnxExportException("ONNX Runtime cannot run the model: " + e.getMessage(), e);
    }
  }

  private OnnxTensor toOnnx(Tensor tensor, Arena arena) throws OrtException {
    Tensor plain = tensor.detach().cpu().contiguous();
    MemorySegment data = plain.data(arena);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect((int) data.byteSize()).order(ByteOrder.nativeOrder());
    MemorySegment.ofBuffer(bytes).copyFrom(data);
    OnnxJavaType type =
        switch (plain.dtype()) {
          case UINT8 -> OnnxJavaType.UINT8;
          case INT8 -> OnnxJavaType.INT8;
          case INT16 -> OnnxJavaType.INT16;
          case INT32 -> OnnxJavaType.INT32;
          case INT64 -> OnnxJavaType.INT64;
          case FLOAT16 -> OnnxJavaType.FLOAT16;
          case BFLOAT16 -> OnnxJavaType.BFLOAT16;
          case FLOAT32 -> OnnxJavaType.FLOAT;
          case FLOAT64 -> OnnxJavaType.DOUBLE;
          case BOOL -> OnnxJavaType.BOOL;
          default ->
              throw new OnnxExportException(
                  "ONNX Runtime is not given tensors of " + plain.dtype());
        };
    return OnnxTensor.createTensor(environment, bytes, plain.shape(), type);
  }

  private static Tensor toTensor(OnnxTensor tensor) {
    DType dtype =
        switch (tensor.getInfo().type) {
          case UINT8 -> DType.UINT8;
          case INT8 -> DType.INT8;
          case INT16 -> DType.INT16;
          case INT32 -> DType.INT32;
          case INT64 -> DType.INT64;
          case FLOAT16 -> DType.FLOAT16;
          case BFLOAT16 -> DType.BFLOAT16;
          case FLOAT -> DType.FLOAT32;
          case DOUBLE -> DType.FLOAT64;
          case BOOL -> DType.BOOL;
          default ->
              throw new OnnxExportException("ONNX Runtime gives a tensor of " + tensor.getInfo());
        };
    long[] shape = tensor.getInfo().getShape();
    if (Arrays.stream(shape).anyMatch(size -> size == 0)) {
      return Torch.zeros(shape, dtype);
    }
    MemorySegment data = MemorySegment.ofBuffer(tensor.getByteBuffer());
    return Torch.tensor(data, dtype, data.byteSize() / dtype.itemSize()).reshape(shape);
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
