package dev.pantorch.parity;

import static dev.pantorch.nn.utils.ClipGrad.clipGradNorm_;
import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Gradients are clipped as in Python, to the bit: every kind of norm, also of several dtypes.
class ClippingParityTest {
  private final JsonNode fixture = Fixtures.json("clipping.json");
  private final TensorFile tensors = Fixtures.tensors("clipping.safetensors");
  private final double maxNorm = fixture.get("maxNorm").asDouble();

  private List<Tensor> parameters(String name) {
    List<Tensor> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Tensor gradient = tensors.tensor("%s.before.%d".formatted(name, i));
      Tensor parameter = Torch.zerosLike(gradient).requiresGrad_();
      parameter.setGrad(gradient);
      made.add(parameter);
    }
    return made;
  }

  private List<Tensor> withBad(String bad) {
    List<Tensor> made = parameters("float32");
    requireNonNull(made.get(1).grad()).select(0, 2).fill_(number(bad));
    return made;
  }

  private static double number(String text) {
    return switch (text) {
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      case "nan" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  private void checkClipped(List<Tensor> parameters, Tensor norm, String prefix) {
    equal(norm, prefix + ".norm");
    for (int i = 0; i < 3; i++) {
      equal(requireNonNull(parameters.get(i).grad()), prefix + ".after." + i);
    }
  }

  private void equal(Tensor actual, String name) {
    // bfloat16 has 8 bits.
    Values.check(actual, tensors.tensor(name), name, 0.01, 0);
  }

  @TestFactory
  Stream<DynamicTest> should_clip_by_every_norm() {
    return fixture
        .get("dtypes")
        .valueStream()
        .map(JsonNode::asText)
        .flatMap(dtypes ->
            fixture
                .get("norms")
                .valueStream()
                .map(JsonNode::asText)
                .map(norm ->
                    dynamicTest(
                        dtypes + ", norm " + norm,
                        () -> {
                          try (var scope = TensorScope.open()) {
                            List<Tensor> parameters = parameters(dtypes);
                            Tensor total = clipGradNorm_(parameters, maxNorm, number(norm), false);
                            checkClipped(parameters, total, dtypes + "." + norm);
                          }
                        })));
  }

  @TestFactory
  Stream<DynamicTest> should_refuse_a_norm_that_is_not_finite() {
    return fixture.get("messages").properties().stream()
        .map(each ->
            dynamicTest(
                each.getKey(),
                () -> {
                  int dot = each.getKey().indexOf('.');
                  double norm = number(each.getKey().substring(dot + 1));
                  try (var scope = TensorScope.open()) {
                    List<Tensor> parameters = withBad(each.getKey().substring(0, dot));
                    if (each.getValue().isNull()) {
                      assertThat(clipGradNorm_(parameters, maxNorm, norm, true).item()).isFinite();
                      return;
                    }
                    assertThatThrownBy(() -> clipGradNorm_(parameters, maxNorm, norm, true))
                        .isInstanceOf(TorchException.class)
                        .hasMessage(each.getValue().asText());
                    // Nothing has changed.
                    assertThat(requireNonNull(parameters.getFirst().grad()))
                        .isBitEqualTo(tensors.tensor("float32.before.0"));
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> should_scale_by_a_norm_that_is_not_finite_if_nobody_minds() {
    return Stream.of("inf", "nan")
        .map(bad ->
            dynamicTest(
                bad,
                () -> {
                  try (var scope = TensorScope.open()) {
                    List<Tensor> parameters = withBad(bad);
                    checkClipped(parameters, clipGradNorm_(parameters, maxNorm), bad);
                  }
                }));
  }
}
