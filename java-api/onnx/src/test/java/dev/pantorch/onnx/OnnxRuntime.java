package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs files in ONNX Runtime, in the same process as libtorch.
final class OnnxRuntime {
  private static final double TOLERANCE = 1e-5;

  private OnnxRuntime() {}

  /// ONNX Runtime computes what is expected, shapes included, with a difference of at most 1e-5.
  static void assertSame(Path path, List<Tensor> expected, Tensor... inputs) {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      try (OrtSession session = environment.createSession(path.toString())) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        Iterator<String> names = session.getInputNames().iterator();
        for (Tensor input : inputs) given.put(names.next(), toOnnx(environment, input));
        try (OrtSession.Result result = session.run(given)) {
          assertThat(result.size()).isEqualTo(expected.size());
          for (int i = 0; i < expected.size(); i++) {
            compare((OnnxTensor) result.get(i), expected.get(i));
          }
        } finally {
          given.values().forEach(OnnxTensor::close);
        }
      }
    } catch (OrtException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  private static OnnxTensor toOnnx(OrtEnvironment environment, Tensor tensor) throws OrtException {
    long[] shape = tensor.shape();
    return switch (tensor.dtype()) {
      case INT64 ->
          OnnxTensor.createTensor(environment, LongBuffer.wrap(tensor.toLongArray()), shape);
      case BOOL -> {
        long[] flags = tensor.to(DType.INT64).toLongArray();
        ByteBuffer bytes = ByteBuffer.allocateDirect(flags.length).order(ByteOrder.nativeOrder());
        for (long flag : flags) bytes.put((byte) flag);
        yield OnnxTensor.createTensor(
            environment, bytes.flip(), shape, ai.onnxruntime.OnnxJavaType.BOOL);
      }
      default ->
          OnnxTensor.createTensor(
              environment, FloatBuffer.wrap(tensor.detach().toFloatArray()), shape);
    };
  }

  private static void compare(OnnxTensor actual, Tensor expected) {
    assertThat(actual.getInfo().getShape()).isEqualTo(expected.shape());
    switch (expected.dtype()) {
      case INT64 -> {
        LongBuffer numbers = actual.getLongBuffer();
        long[] got = new long[numbers.remaining()];
        numbers.get(got);
        assertThat(got).isEqualTo(expected.toLongArray());
      }
      case BOOL -> {
        ByteBuffer bytes = actual.getByteBuffer();
        for (long flag : expected.to(DType.INT64).toLongArray()) {
          assertThat((long) bytes.get()).isEqualTo(flag);
        }
      }
      default -> {
        FloatBuffer numbers = actual.getFloatBuffer();
        for (float value : expected.detach().toFloatArray()) {
          float got = numbers.get();
          if (Float.isNaN(value)) {
            assertThat(got).isNaN();
          } else if (got != value) {
            assertThat(Math.abs(got - value)).isLessThanOrEqualTo((float) TOLERANCE);
          }
        }
      }
    }
  }
}
