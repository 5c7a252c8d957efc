package dev.pantorch.jit;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.Layer;
import dev.pantorch.nn.Module;
import dev.pantorch.onnx.Onnx;
import dev.pantorch.onnx.OnnxExportException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sizes of the inputs that a module asks for stay sizes in the trace.
class TraceSizesTest {
  @Test
  void should_follow_sizes_through_arithmetic() {
    Layer model =
        TraceTest.layer(x -> {
          long batch = x.size(0);
          long steps = x.size(1);
          Tensor flat = x.view(batch * steps, 4).relu();
          Tensor positions = Torch.arange(2 * steps + 1).float32();
          return flat.view(batch, steps * 4).sum(1).mul(positions.sum()).div(batch);
        });
    ScriptModule traced = Jit.trace(model, Torch.randn(2, 3, 4));
    Tensor x = Torch.randn(5, 6, 4);
    assertThat(traced.forward(x)).isBitEqualTo(model.forward(x));
  }

  record Pair(Tensor x, Tensor mask) {}

  @Test
  void should_grow_dimensions_together_that_belong_together() {
    class Masked extends Module {
      Tensor forward(Pair in, Tensor lengths) {
        long batch = in.x().size(0);
        return Torch.where(in.mask().eq(1), in.x(), Torch.zeros(batch, in.x().size(1)))
            .view(batch, -1)
            .sum(1)
            .div(lengths);
      }
    }
    Masked model = new Masked();
    ScriptModule traced =
        Jit.trace(model, new Pair(Torch.randn(3, 4), Torch.ones(3, 4)), Torch.ones(3));
    Pair other = new Pair(Torch.randn(5, 2), Torch.ones(5, 2));
    Tensor lengths = Torch.full(new long[] {5}, 2.0);
    assertThat((Tensor) requireNonNull(traced.call(other, lengths)))
        .isBitEqualTo(model.forward(other, lengths));
  }

  @Test
  void should_warn_where_a_loop_follows_a_size() {
    Layer model =
        TraceTest.layer(x -> {
          Tensor sum = Torch.zeros(2);
          for (long i = 0; i < x.size(1); i++) sum = sum.add(x.select(1, i));
          return sum;
        });
    try (Warnings warnings = new Warnings()) {
      Jit.trace(model, Torch.randn(2, 3));
      assertThat(warnings.messages()).hasSize(1);
      assertThat(warnings.messages().getFirst())
          .startsWith(
              "The operators that are called depend on the size 3 of dimension 1 of input tensor 0:"
                  + " a loop or condition of Java's was recorded as it went, and the trace holds"
                  + " for this size only (TraceSizesTest.java:");
    }
  }

  /// Its loop follows dimension 1.
  private static Layer looping() {
    return TraceTest.layer(x -> {
      Tensor sum = Torch.zeros(x.size(0));
      for (long i = 0; i < x.size(1); i++) sum = sum.add(x.select(1, i));
      return sum;
    });
  }

  @Test
  void should_find_out_the_sizes_alone_that_may_differ() {
    try (Warnings warnings = new Warnings()) {
      ScriptModule traced =
          Jit.trace(looping(), o -> o.dynamicSizes(List.of(Set.of(0))), Torch.randn(2, 3));
      Tensor x = Torch.randn(5, 3);
      assertThat(traced.forward(x)).isBitEqualTo(looping().forward(x));
      assertThat(warnings.messages()).isEmpty();
      Jit.trace(looping(), o -> o.dynamicSizes(List.of(Set.of(1))), Torch.randn(2, 3));
      assertThat(warnings.messages()).hasSize(1);
    }
    assertThatThrownBy(
            () -> Jit.trace(looping(), o -> o.dynamicSizes(List.of()), Torch.randn(2, 3)))
        .hasMessage("dynamic dimensions were given for 0 tensors; the inputs have 1");
  }

  @Test
  void should_warn_of_dynamic_axes_alone_in_an_export(@TempDir Path folder) throws IOException {
    List<Tensor> inputs = List.of(Torch.randn(2, 3));
    Path file = folder.resolve("model.onnx");
    try (Warnings warnings = new Warnings()) {
      Onnx.export(
          looping(),
          inputs,
          file,
          o -> o.inputNames("x").dynamicAxes("x", Map.of(0, "batch")).verify());
      // What has no name of its own is called as in a trace.
      Onnx.export(
          looping(), inputs, file, o -> o.dynamicAxes("input", Map.of(0, "batch")).verify());
      assertThat(warnings.messages()).isEmpty();
      assertThatThrownBy(() ->
              Onnx.export(
                  looping(),
                  inputs,
                  file,
                  o -> o.inputNames("x").dynamicAxes("x", Map.of(1, "time")).verify()))
          .isInstanceOf(OnnxExportException.class);
      assertThat(warnings.messages())
          .isNotEmpty()
          .allMatch(message -> message.contains("of dimension 1 of input tensor 0"));
    }
  }
}
