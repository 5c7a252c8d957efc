package dev.pantorch.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.jit.Jit;
import dev.pantorch.jit.Node;
import dev.pantorch.nn.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OperatorsTest {
  private static final int BATCH = Integer.getInteger("batch", 40);

  @TempDir Path folder;

  /// Several calls in one model, since it is the trace and the session that take time.
  record Batch(List<OperatorCases.Case> cases) {
    @Override
    public String toString() {
      return cases.stream().map(OperatorCases.Case::name).collect(Collectors.joining(", "));
    }

    List<Tensor> run(Tensor x) {
      return cases.stream().flatMap(each -> each.function().apply(x).stream()).toList();
    }

    Module module() {
      return new Module() {
        @SuppressWarnings("UnusedMethod") // the trace finds it
        List<Tensor> forward(Tensor x) {
          return run(x);
        }
      };
    }
  }

  static List<Batch> batches() {
    List<OperatorCases.Case> all = OperatorCases.all().toList();
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < all.size(); i += BATCH) {
      batches.add(new Batch(all.subList(i, Math.min(all.size(), i + BATCH))));
    }
    return batches;
  }

  private Path export(Batch batch, int opset) throws IOException {
    Path path = folder.resolve("model.onnx");
    Torch.manualSeed(1);
    Onnx.export(
        batch.module(),
        List.of(Torch.randn(2, 5, 4)),
        path,
        o -> o.opset(opset).inputNames("x").dynamicAxes("x", Map.of(0, "batch", 1, "time")));
    return path;
  }

  @ParameterizedTest
  @MethodSource("batches")
  void should_compute_the_same_for_any_size(Batch batch) throws IOException {
    Path path = export(batch, 18);
    OnnxRules.check(ModelProto.parseFrom(Files.readAllBytes(path)));
    try (var mode = Torch.noGrad();
        OnnxSession session = OnnxSession.of(path)) {
      for (long[] shape : new long[][] {{2, 5, 4}, {3, 8, 4}, {4, 4, 4}}) {
        Tensor x = Torch.randn(shape);
        OnnxRuntime.assertSame(session, batch.run(x), x);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("batches")
  void should_follow_the_rules_of_the_newest_operators(Batch batch) throws IOException {
    Path path = export(batch, 23);
    OnnxRules.check(ModelProto.parseFrom(Files.readAllBytes(path)));
    Tensor x = Torch.randn(2, 5, 4);
    try (var mode = Torch.noGrad()) {
      OnnxRuntime.assertSame(path, batch.run(x), x);
    }
  }

  @Test
  void should_say_at_least_200_operators_each_of_which_is_tested_here() {
    Set<String> called = new TreeSet<>();
    try (var mode = Torch.noGrad()) {
      for (Batch batch : batches()) {
        Jit.trace(
                batch.module(),
                o -> o.strict(false).dynamicSizes(false).checkTrace(false),
                Torch.randn(2, 5, 4))
            .inlinedGraph()
            .nodes()
            .stream()
            .map(Node::kind)
            .forEach(called::add);
      }
    }
    Set<String> known = new TreeSet<>(Lowerings.all().keySet());
    // Those of QuantizedLayersTest.
    known.removeIf(name -> name.contains("quant"));
    assertThat(known).hasSizeGreaterThanOrEqualTo(200);
    known.removeAll(called);
    known.removeIf(name -> called.contains(name + "_"));
    assertThat(known).as("operators that no case calls").isEmpty();
  }

  @Test
  void should_list_the_operators_in_the_documentation() throws IOException {
    String text = Files.readString(Path.of("../../docs/onnx.md"));
    Set<String> listed = new TreeSet<>();
    Matcher names = Pattern.compile("`(\\w+)`( to `3d`)?").matcher(text);
    while (names.find()) {
      listed.add(names.group(1));
      if (names.group(2) == null) continue;
      for (int n = 2; n <= 3; n++) listed.add(names.group(1).replace("1d", n + "d"));
    }
    Set<String> known = new TreeSet<>();
    for (String name : Lowerings.all().keySet()) known.add(name.replaceFirst(".*::", ""));
    assertThat(text).contains("These %d operators".formatted(Lowerings.all().size()));
    known.removeAll(listed);
    assertThat(known).as("operators that docs/onnx.md does not list").isEmpty();
  }
}
