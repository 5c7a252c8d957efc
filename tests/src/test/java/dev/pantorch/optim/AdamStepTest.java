package dev.pantorch.optim;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The step that one call makes for all parameters has the bits of the operators. Python's are
/// compared in the parity tests.
class AdamStepTest {
  private static final int STEPS = 5;

  /// Steps along the same gradients, once for parameters as they are and once for their transposes,
  /// which the one call is not made for.
  private static void compare(List<long[]> shapes, Consumer<Adam.Group> options) {
    Torch.manualSeed(3);
    List<Tensor> start = shapes.stream().map(shape -> Torch.randn(shape)).toList();
    List<Tensor> plain = start.stream().map(t -> t.clone(null).requiresGrad_()).toList();
    List<Tensor> turned = start.stream().map(t -> t.t().contiguous().t().requiresGrad_()).toList();
    Adam atOnce = new Adam(plain, options);
    Adam byOperators = new Adam(turned, options);
    for (int step = 0; step < STEPS; step++) {
      for (int i = 0; i < start.size(); i++) {
        // From large to denormal squares.
        Tensor grad = Torch.randn(shapes.get(i)).mul(Math.pow(10, 2 - 6 * step));
        plain.get(i).setGrad(grad);
        turned.get(i).setGrad(grad.t().contiguous().t());
      }
      atOnce.step();
      byOperators.step();
    }
    for (int i = 0; i < start.size(); i++) {
      assertThat(plain.get(i).isContiguous()).isTrue();
      assertThat(turned.get(i).isContiguous()).isFalse();
      assertThat(plain.get(i).equal(start.get(i))).isFalse();
      assertThat(bits(plain.get(i))).isEqualTo(bits(turned.get(i)));
      for (String name : List.of("exp_avg", "exp_avg_sq")) {
        Tensor state = (Tensor) requireNonNull(atOnce.state(plain.get(i)).get(name));
        Tensor other = (Tensor) requireNonNull(byOperators.state(turned.get(i)).get(name));
        assertThat(bits(state)).as(name).isEqualTo(bits(other));
      }
    }
  }

  private static int[] bits(Tensor tensor) {
    return tensor.detach().contiguous().view(DType.INT32).flatten().toIntArray();
  }

  /// Two rows of every length, so that no vector is full at their end, and more than a thread
  /// takes.
  private static List<long[]> shapes() {
    return Stream.concat(
            IntStream.rangeClosed(2, 40).mapToObj(n -> new long[] {2, n}),
            Stream.of(new long[] {300, 257}))
        .toList();
  }

  static Stream<Arguments> options() {
    return Stream.of(
        Arguments.of("as they are", (Consumer<Adam.Group>) o -> o.lr(1e-3)),
        Arguments.of("far betas", (Consumer<Adam.Group>) o -> o.betas(0.3, 0.5).eps(1e-4)),
        Arguments.of("no betas", (Consumer<Adam.Group>) o -> o.betas(0, 0)),
        Arguments.of("decay", (Consumer<Adam.Group>) o -> o.weightDecay(0.1)),
        Arguments.of(
            "decoupled decay",
            (Consumer<Adam.Group>) o -> o.weightDecay(0.1).decoupledWeightDecay(true)),
        Arguments.of("maximize", (Consumer<Adam.Group>) o -> o.maximize(true)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("options")
  void should_have_the_bits_of_the_operators(String name, Consumer<Adam.Group> options) {
    compare(shapes(), options);
  }

  /// For a process of its own.
  static final class Compare {
    private Compare() {}

    public static void main(String[] args) {
      compare(shapes(), o -> o.lr(1e-3));
      compare(shapes(), o -> o.betas(0.3, 0.5));
      System.out.println("equal");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"default", "avx2", "avx512"})
  void should_round_as_libtorch_does_on_every_processor(String capability)
      throws IOException, InterruptedException {
    String output =
        ChildJvm.of(Compare.class).environment("ATEN_CPU_CAPABILITY", capability).output();
    assertThat(output.strip()).isEqualTo("equal");
  }

  @Test
  void should_count_what_it_changes_as_the_operators_do() {
    Tensor plain = Torch.ones(2, 3).requiresGrad_();
    Tensor turned = Torch.ones(3, 2).t().requiresGrad_();
    for (Tensor parameter : List.of(plain, turned)) {
      parameter.setGrad(Torch.onesLike(parameter));
      long before = parameter.version();
      Adam adam = new Adam(List.of(parameter), 0.1);
      adam.step();
      assertThat(parameter.version() - before).isEqualTo(1);
      Tensor square = (Tensor) requireNonNull(adam.state(parameter).get("exp_avg_sq"));
      assertThat(square.version()).isEqualTo(2);
    }
  }

  @Test
  void should_leave_other_tensors_to_the_operators() {
    Tensor wide = Torch.ones(new long[] {3}, DType.FLOAT64).requiresGrad_();
    Tensor narrow = Torch.ones(3).requiresGrad_();
    wide.setGrad(Torch.full(new long[] {3}, 0.5, DType.FLOAT64));
    narrow.setGrad(Torch.full(new long[] {6}, 0.5).slice(0, 0, 6L, 2));
    new Adam(List.of(wide, narrow), 0.25).step();
    assertThat(wide.toDoubleArray()).containsOnly(1 - 0.25 * (0.5 / (0.5 + 1e-8)));
    assertThat(narrow.toFloatArray()).containsOnly(0.75F);
  }
}
