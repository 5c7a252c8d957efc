package dev.pantorch.io;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed while it saves leaves the old file or the new one.
class SavingKilledTest {
  private static final int KILLS = 4;
  private static final String DONE = "done.txt";
  private static final int ELEMENTS = 200_000;

  @TempDir private Path folder;

  /// Saves numbers that grow, in every format, until it is killed.
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (long i = Long.parseLong(arguments[1]); ; i++) {
      try (var scope = TensorScope.open()) {
        Map<String, Tensor> tensors =
            Map.of(
                "a",
                Torch.full(new long[] {ELEMENTS}, i),
                "b",
                Torch.full(new long[] {ELEMENTS}, i));
        Torch.save(tensors, folder.resolve("zip.pt"));
        Torch.save(tensors, folder.resolve("legacy.pt"), o -> o.useNewZipfileSerialization(false));
        Safetensors.save(folder.resolve("x.safetensors"), tensors);
        Safetensors.saveSharded(folder.resolve("m.safetensors.index.json"), tensors, 8L * ELEMENTS);
        Numpy.save(folder.resolve("x.npy"), tensors.values().iterator().next());
        Numpy.savez(folder.resolve("x.npz"), tensors);
        Files.writeString(
            folder.resolve(DONE), i + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    }
  }

  @Test
  void should_leave_the_old_file_or_the_new_one() throws IOException, InterruptedException {
    Random random = new Random(7);
    long next = 1;
    for (int kill = 0; kill < KILLS; kill++) {
      Process process = start(next);
      // Once around, then somewhere in the next saves.
      while (done() < next && process.isAlive()) Thread.sleep(5);
      Thread.sleep(random.nextInt(60));
      process.destroyForcibly().waitFor();
      next = done() + 1;
      check(next - 1);
    }
  }

  /// The last round that was finished.
  private long done() throws IOException {
    Path done = folder.resolve(DONE);
    if (!Files.exists(done)) return 0;
    // A line that is being written has no end yet.
    String text = Files.readString(done);
    List<String> lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    return lines.isEmpty() ? 0 : Long.parseLong(lines.getLast());
  }

  private Process start(long first) throws IOException {
    ChildJvm jvm = ChildJvm.of(SavingKilledTest.class).flags("-Xmx64m").arguments(folder, first);
    return jvm.builder().redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /// Each file is whole, and from the round before the kill or the one after.
  private void check(long finished) throws IOException {
    try (var scope = TensorScope.open()) {
      checkTensors(Torch.load(folder.resolve("zip.pt")).stateDict(), finished);
      checkTensors(Torch.load(folder.resolve("legacy.pt")).stateDict(), finished);
      checkTensors(Safetensors.load(folder.resolve("x.safetensors")), finished);
      checkTensors(Safetensors.load(folder.resolve("m.safetensors.index.json")), finished);
      checkTensors(Numpy.loadz(folder.resolve("x.npz")), finished);
      checkTensor(Numpy.load(folder.resolve("x.npy")), finished);
    }
    // What a kill leaves behind has its own name.
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()).filter(n -> n.contains("tmp")))
          .allMatch(name -> name.startsWith(".") && name.endsWith(".tmp"));
    }
  }

  private static void checkTensors(SequencedMap<String, Tensor> tensors, long finished) {
    assertThat(tensors).containsOnlyKeys("a", "b");
    tensors.values().forEach(tensor -> checkTensor(tensor, finished));
    assertThat(tensors.firstEntry().getValue().equal(tensors.lastEntry().getValue())).isTrue();
  }

  private static void checkTensor(Tensor tensor, long finished) {
    long first = tensor.select(0, 0).to(DType.INT64).itemLong();
    assertThat(first).isBetween(finished, finished + 1);
    assertThat(tensor.equal(Torch.fullLike(tensor, first))).isTrue();
  }
}
