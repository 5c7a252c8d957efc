package dev.pantorch.export;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.DeviceException;
import dev.pantorch.ShapeException;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.TypeException;
import dev.pantorch.ValueException;
import dev.pantorch.jit.NamedTuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What packages say of their inputs, and what is said to inputs that do not fit. The sources are
/// parts of packages that tests/python/packages.py compiled.
class InputCheckTest {
  private static ModelSource source(String name) throws IOException {
    Path path = Path.of("src/test/resources/fixtures/packages", name + ".wrapper.cpp");
    return requireNonNull(ModelSource.parse(Files.readString(path)));
  }

  private static void check(String name, Tensor... inputs) throws IOException {
    List<String> places = IntStream.range(0, inputs.length).mapToObj(i -> "argument " + i).toList();
    new InputCheck(source(name)).check(List.of(inputs), places);
  }

  @Test
  void should_read_what_a_package_takes() throws IOException {
    assertThat(source("dynamic").inputs())
        .extracting(InputSpec::toString)
        .containsExactly("float32 [2..64, 3] on cpu", "float32 [2..64, 1] on cpu");
    assertThat(source("scores").inputs())
        .extracting(InputSpec::toString)
        .containsExactly("float32 [2.., 2..100, 5] on cpu", "float32 [2.., 2..100, 5] on cpu");
    assertThat(source("scores").inputs().getFirst().strides()).containsExactly(null, 5L, 1L);
    assertThat(source("dynamic").constants())
        .containsEntry(
            "fc.weight",
            new ModelSource.ConstantSpec(DType.FLOAT32, List.of(20L, 3L), List.of(3L, 1L)));
    assertThat(ModelSource.parse("inputs_info_[0].name = \"x\";")).isNull();
  }

  @Test
  void should_accept_what_fits() throws IOException {
    check("dynamic", Torch.ones(2, 3), Torch.ones(2, 1));
    check("dynamic", Torch.ones(64, 3), Torch.ones(64, 1));
    check("scores", Torch.ones(4, 100, 5), Torch.ones(4, 100, 5));
    check("doubled", Torch.ones(64, 3));
    // A dimension of one element is not stepped along.
    check("dynamic", Torch.ones(2, 3), Torch.ones(2, 2).narrow(1, 0, 1).contiguous());
    Tensor oneStep = Torch.ones(1, 4).t();
    assertThat(oneStep.strides()).containsExactly(1, 4);
    check("dynamic", Torch.ones(4, 3), oneStep);
  }

  @Test
  void should_say_which_size_does_not_fit() {
    assertThatThrownBy(() -> check("dynamic", Torch.ones(65, 3), Torch.ones(65, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "argument 0 has shape [65, 3]; the package takes [2..64, 3] there: give it that size,"
                + " or export the model again with dynamic_shapes that include this one");
    for (Tensor wrong :
        List.of(Torch.ones(1, 3), Torch.ones(4, 4), Torch.ones(4, 3, 1), Torch.ones(3))) {
      assertThatThrownBy(() -> check("dynamic", wrong, Torch.ones(4, 1)))
          .isInstanceOf(ShapeException.class)
          .hasMessageStartingWith(
              "argument 0 has shape %s; the package takes [2..64, 3] there"
                  .formatted(Arrays.toString(wrong.shape())));
    }
  }

  @Test
  void should_say_which_sizes_do_not_agree() {
    assertThatThrownBy(() -> check("dynamic", Torch.ones(4, 3), Torch.ones(5, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessageMatching(
            "argument 1 has shape \\[5, 1\\]; its dimension 0 must be 4, since the model was"
                + " exported with sizes that depend on each other \\(s\\d+ = 4\\)");
    assertThatThrownBy(() -> check("scores", Torch.ones(4, 7, 5), Torch.ones(4, 8, 5)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("its dimension 1 must be 7");
    assertThatThrownBy(() -> check("doubled", Torch.ones(7, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessageMatching(
            "argument 0 has shape \\[7, 3\\]; its dimension 0 must be 6, .* \\(2\\*s\\d+ = 6\\)");
  }

  @Test
  void should_say_what_else_does_not_fit() {
    Tensor scale = Torch.ones(4, 1);
    assertThatThrownBy(() -> check("dynamic", Torch.ones(DType.FLOAT64, 4, 3), scale))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "argument 0 is float64; the package takes float32 there: convert it with"
                + " to(DType.FLOAT32)");
    assertThatThrownBy(() -> check("dynamic", Torch.ones(4, 3).to(Device.META), scale))
        .isInstanceOf(DeviceException.class)
        .hasMessage(
            "argument 0 is on meta; the package was compiled for cpu: move it with to(device), or"
                + " compile for meta");
    assertThatThrownBy(() -> check("dynamic", Torch.ones(3, 4).t(), scale))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "argument 0 has strides [1, 4], but dimension 0 must have 3: the package takes float32"
                + " [2..64, 3] on cpu as it lay in memory when the model was exported; call"
                + " contiguous(), or lay it out as then");
    assertThatThrownBy(
            () -> check("scores", Torch.ones(4, 7, 5), Torch.ones(4, 14, 5).narrow(1, 0, 7)))
        .isInstanceOf(ValueException.class)
        .hasMessage(
            "argument 1 has strides [70, 5, 1], but dimension 0 must have 35: the package takes"
                + " float32 [2.., 2..100, 5] on cpu as it lay in memory when the model was"
                + " exported; call contiguous(), or lay it out as then");
    assertThatThrownBy(() -> check("dynamic", Torch.ones(4, 3).toSparse(), scale))
        .isInstanceOf(TypeException.class)
        .hasMessageStartingWith("argument 0 is sparse, or a lazy conjugate or negative;");
    assertThatThrownBy(() -> check("dynamic", Torch.ones(4, 3)))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "the model takes 2 tensors, but 1 are given; it takes [float32 [2..64, 3] on cpu,"
                + " float32 [2..64, 1] on cpu]");
  }

  @Test
  void should_evaluate_sizes_as_the_compiler_writes_them() {
    assertThat(size("5L*s0")).isEqualTo(35);
    assertThat(size("2L + s0*(s0 - 1L)")).isEqualTo(44);
    assertThat(size("(1.0/2.0)*arg0_1_size[0]")).isEqualTo(4.5);
    assertThat(size("-s0")).isEqualTo(-7);
    assertThat(size("c10::div_floor_integer(static_cast<int64_t>(s0), static_cast<int64_t>(2L))"))
        .isEqualTo(3);
    for (String unknown : List.of("s1", "std::max(s0, 2L)", "", "s0 s0", "(s0", "s0 /", "*")) {
      assertThat(size(unknown)).as(unknown).isNull();
    }
    assertThat(size("(".repeat(100_000))).isNull();
    assertThat(size("-".repeat(1000))).isNull();
  }

  /// With s0 = 7 and the first size of the first input 9.
  private static @Nullable Double size(String text) {
    SizeExpression size = SizeExpression.parse(text, Map.of("s0", 0, "arg0_1_size[0]", 1));
    return size == null ? null : size.of(new long[] {7, 9});
  }

  // Structures.

  private static final String CALL =
      """
      [1, {"type": "builtins.tuple", "context": "null", "children_spec": [
        {"type": "builtins.tuple", "context": "null", "children_spec": [
          {"type": "builtins.dict", "context": "[\\"x\\", 7]", "children_spec": [
            {"type": null, "context": null, "children_spec": []},
            {"type": null, "context": null, "children_spec": []}]},
          {"type": "builtins.list", "context": "null", "children_spec": [
            {"type": null, "context": null, "children_spec": []},
            {"type": null, "context": null, "children_spec": []}]}]},
        {"type": "builtins.dict", "context": "[\\"scale\\"]", "children_spec": [
          {"type": null, "context": null, "children_spec": []}]}]}]\
      """;

  record Pair(@Nullable Object first, @Nullable Object second) {}

  @Test
  void should_flatten_arguments_and_build_outputs() throws IOException {
    TreeSpec spec = TreeSpec.parse(CALL);
    Tensor a = Torch.ones(1);
    Tensor b = Torch.ones(2);
    Tensor c = Torch.ones(3);
    Map<Object, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(7, b);
    inputs.put("x", a);
    LinkedHashMap<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("first", c);
    fields.put("second", null);
    for (Object pair :
        List.of(
            new Pair(c, 3),
            new NamedTuple("Pair", fields),
            new Object[] {c, true},
            Arrays.asList(c, "text"))) {
      TreeSpec.Leaves leaves = spec.flattenCall(List.of(inputs, pair), Map.of("scale", b));
      assertThat(leaves.tensors).containsExactly(a, b, c, b);
      assertThat(leaves.places)
          .extracting(TreeSpec.Place::toString)
          .containsExactly("argument 0['x']", "argument 0[7]", "argument 1[0]", "argument 'scale'");
    }
    assertThat(spec.leafCount()).isEqualTo(5);
    assertThat(spec.unflatten(List.of(1, 2, 3, 4, 5).iterator()))
        .isEqualTo(List.of(List.of(Map.of("x", 1, 7L, 2), List.of(3, 4)), Map.of("scale", 5)));
  }

  @Test
  void should_say_where_arguments_have_another_structure() throws IOException {
    TreeSpec spec = TreeSpec.parse(CALL);
    Tensor x = Torch.ones(1);
    Map<Object, Tensor> inputs = Map.of("x", x, 7, x);
    Map<String, Tensor> named = Map.of("scale", x);
    assertThatThrownBy(() -> spec.flattenCall(List.of(inputs), named))
        .isInstanceOf(TypeException.class)
        .hasMessage(
            "the model takes 2 positional arguments and those named [scale]; 1 and [scale] are"
                + " given");
    assertThatThrownBy(
            () -> spec.flattenCall(List.of(Map.of("x", x, "y", x), List.of(x, x)), named))
        .hasMessageMatching(
            "argument 0 has the keys \\[[xy], [xy]\\]; the package takes \\[x, 7\\]");
    assertThatThrownBy(() -> spec.flattenCall(List.of(x, List.of(x, x)), named))
        .hasMessage(
            "argument 0 is a dev.pantorch.Tensor; the package takes a builtins.dict of 2 there");
    assertThatThrownBy(() -> spec.flattenCall(List.of(inputs, List.of(x)), named))
        .hasMessage("argument 1 has 1 items; the package takes 2");
    assertThatThrownBy(() -> spec.flattenCall(List.of(inputs, List.of(x, List.of(x))), named))
        .hasMessageStartingWith("argument 1[1] is a java.util.")
        .hasMessageEndingWith("; the package takes a tensor there");
    for (String broken :
        List.of("", "[", "{}", "[1, 2]", "[1, {}", "[2, {}]", CALL.substring(0, 300))) {
      assertThatThrownBy(() -> TreeSpec.parse(broken)).as(broken).isInstanceOf(IOException.class);
    }
  }
}
