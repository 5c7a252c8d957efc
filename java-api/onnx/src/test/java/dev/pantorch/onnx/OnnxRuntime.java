package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs files in ONNX Runtime, in the same process as libtorch.
final class OnnxRuntime {
  private static final double TOLERANCE = 1e-5;

  private OnnxRuntime() {}

  /// ONNX Runtime computes what is expected, dtypes and shapes included, with a difference of at
  /// most 1e-5, relative to numbers above 1.
  static void assertSame(Path path, List<Tensor> expected, Tensor... inputs) {
    try (OnnxSession session = OnnxSession.of(path)) {
      assertSame(session, expected, inputs);
    }
  }

  static void assertSame(OnnxSession session, List<Tensor> expected, Tensor... inputs) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    List<String> names = session.inputNames();
    for (int i = 0; i < inputs.length; i++) given.put(names.get(i), inputs[i]);
    List<Tensor> actual = session.run(given);
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).shape()).isEqualTo(expected.get(i).shape());
      assertThat(actual.get(i).dtype()).isEqualTo(expected.get(i).dtype());
      assertThat(Verification.difference(actual.get(i), expected.get(i)))
          .isLessThanOrEqualTo(TOLERANCE);
    }
  }
}
