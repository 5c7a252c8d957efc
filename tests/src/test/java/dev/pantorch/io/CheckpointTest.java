package dev.pantorch.io;

import static dev.pantorch.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.nn.BatchNorm1d;
import dev.pantorch.nn.LSTM;
import dev.pantorch.nn.Linear;
import dev.pantorch.optim.Adam;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is saved here comes back here.
class CheckpointTest {
  @TempDir private Path folder;

  @Test
  void should_save_and_load_a_training() throws IOException {
    Path path = folder.resolve("checkpoint.pt");
    var model = new LSTM(3, 4);
    var optimizer = new Adam(model.parameters(), 1e-3);
    model.forward(Torch.randn(5, 2, 3)).output().sum().backward();
    optimizer.step();

    Torch.save(
        Map.of("model", model.stateDict(), "optimizer", optimizer.stateDict(), "epoch", 7), path);

    var other = new LSTM(3, 4);
    var otherOptimizer = new Adam(other.parameters(), 0.5);
    Checkpoint checkpoint = Torch.load(path);
    other.loadStateDict(checkpoint.stateDict("model"));
    otherOptimizer.loadStateDict(checkpoint.map("optimizer"));
    long epoch = checkpoint.integer("epoch");

    assertThat(epoch).isEqualTo(7);
    assertThat(otherOptimizer).hasToString(optimizer.toString());
    Tensor x = Torch.randn(5, 2, 3);
    assertThat(other.forward(x).output()).isBitEqualTo(model.forward(x).output());
  }

  @Test
  void should_keep_every_kind_of_value() throws IOException {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("none", null);
    value.put("flags", List.of(true, false));
    value.put(
        "integers",
        List.of(0, 255, 256, 65536, -1, Integer.MIN_VALUE, 1L << 40, Long.MIN_VALUE, huge()));
    value.put("numbers", List.of(0.1, -0.0, Double.POSITIVE_INFINITY, Double.MIN_VALUE));
    value.put("complex", new Complex(1, -2));
    value.put("text", "grüße, \uD83D\uDE00 and \u0000");
    value.put("tuples", List.of(Tuple.of(), Tuple.of(1), Tuple.of(1, 2, 3, Tuple.of("a"))));
    value.put("set", new LinkedHashSet<>(List.of(3, "x", Tuple.of(1, 2))));
    value.put("keys", Map.of(0, Map.of(Tuple.of(1, "b"), 2.5)));
    value.put("dtype", DType.BFLOAT16);
    value.put("device", Device.cuda(1));
    value.put("layout", Layout.SPARSE_CSR);
    value.put("empty", List.of(new ArrayList<>(), Map.of(), ""));

    for (boolean zip : new boolean[] {true, false}) {
      assertThat(roundTrip(value, zip).value()).isEqualTo(value);
    }
  }

  private static BigInteger huge() {
    return BigInteger.ONE.shiftLeft(2000).negate();
  }

  @Test
  void should_keep_bytes_and_sizes() throws IOException {
    Checkpoint read =
        roundTrip(Map.of("bytes", new byte[] {0, -1, 65}, "size", new long[] {2, 3}), true);

    assertThat((byte[]) read.map().get("bytes")).containsExactly(0, -1, 65);
    assertThat((long[]) read.map().get("size")).containsExactly(2, 3);
    assertThat(Arrays.asList(read.list("size").toArray())).isEqualTo(List.of(2L, 3L));
  }

  @Test
  void should_keep_views_of_one_storage_views_of_one() throws IOException {
    Tensor x = Torch.arange(12).view(3, 4);

    for (boolean zip : new boolean[] {true, false}) {
      Checkpoint read = roundTrip(Map.of("x", x, "row", x.select(0, 1), "t", x.t()), zip);

      assertThat(read.tensor("t").strides()).containsExactly(1, 4);
      assertThat(read.tensor("row").storageOffset()).isEqualTo(4);
      read.tensor("x").zero_();
      assertThat(read.tensor("row")).hasValues(0, 0, 0, 0);
      assertThat(read.tensor("t")).isBitEqualTo(Torch.zeros(DType.INT64, 4, 3));
    }
  }

  @Test
  void should_keep_one_object_that_is_there_twice_one() throws IOException {
    List<Object> shared = new ArrayList<>(List.of(Torch.ones(2)));

    List<?> read = (List<?>) requireNonNull(roundTrip(List.of(shared, shared), true).value());

    assertThat(read.getFirst()).isSameAs(read.getLast());
  }

  @Test
  void should_write_ordered_dicts_with_the_versions_of_modules() throws IOException {
    Object read = requireNonNull(roundTrip(new BatchNorm1d(2).stateDict(), true).value());

    assertThat(read).isInstanceOf(OrderedDict.class);
    assertThat(((OrderedDict<?, ?>) read).attributes())
        .isEqualTo(Map.of("_metadata", Map.of("", Map.of("version", 2))));
  }

  @Test
  void should_map_a_file() throws IOException {
    Path path = folder.resolve("mapped.pt");
    Torch.save(Map.of("x", Torch.arange(5), "none", Torch.zeros(0)), path);

    Tensor x = Torch.load(path, o -> o.mmap(true)).tensor("x");
    x.add_(1);

    assertThat(x).hasValues(1, 2, 3, 4, 5);
    assertThat(Torch.load(path).tensor("x")).hasValues(0, 1, 2, 3, 4);
  }

  @Test
  void should_say_what_cannot_be_saved_and_leave_the_file() throws IOException {
    Path path = folder.resolve("kept.pt");
    Torch.save(1, path);

    assertThatThrownBy(() -> Torch.save(Map.of("models", List.of(1, new Linear(1, 1))), path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the value['models'][1] is a dev.pantorch.nn.Linear, which Python's"
                + " torch.load(weights_only=True) does not read; save its stateDict()");
    List<Object> cycle = new ArrayList<>();
    cycle.add(cycle);
    assertThatThrownBy(() -> Torch.save(cycle, path)).hasMessage("the value[0] contains itself");
    assertThatThrownBy(() -> Torch.save(BigInteger.ONE.shiftLeft(2100), path))
        .hasMessage(
            "the value is an integer of 263 bytes; Python's torch.load(weights_only=True) reads at"
                + " most 255");
    Tensor x = Torch.zeros(2);
    assertThatThrownBy(() -> Torch.save(List.of(x, x.view(DType.INT32)), path))
        .hasMessage(
            "the value[1]: Cannot save multiple tensors or storages that view the same data as"
                + " different types: torch.float32 and torch.int32; save a clone of one");

    assertThat(Torch.load(path).value()).isEqualTo(1);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void should_say_what_is_at_a_key() throws IOException {
    Checkpoint read = roundTrip(Map.of("epoch", "seven"), true);

    assertThatThrownBy(() -> read.integer("epoch"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("checkpoint['epoch'] is a String; expected an integer");
    assertThatThrownBy(() -> read.stateDict("model"))
        .hasMessage("the checkpoint has no 'model'; it has [epoch]");
    assertThatThrownBy(read::stateDict)
        .hasMessage("the checkpoint[epoch] is a String; expected a tensor");
  }

  private Checkpoint roundTrip(Object value, boolean zip) throws IOException {
    Path path = folder.resolve("value.pt");
    Torch.save(value, path, o -> o.useNewZipfileSerialization(zip));
    return Torch.load(path);
  }
}
