package dev.pantorch.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pantorch.testing.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The parent process: has children make the calls, goes on behind a call that ends one, finds out
/// which call is to blame, asks Python for the same call, and keeps count in a file, from which the
/// next run goes on.
final class FuzzRun {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// Calls of one child.
  private static final long CHUNK = 50_000;

  /// A call that takes longer is given up, here and in Python.
  private static final long SECONDS_A_CALL = Long.getLong("pantorch.fuzz.seconds", 20);

  /// After so many calls that ended a child an operator is left out.
  private static final int MOST_PER_OPERATOR = Integer.getInteger("pantorch.fuzz.most", 3);

  /// KiB of address space: a list of 2^40 tensors must not take the machine's memory.
  private static final long ADDRESS_SPACE = 10L << 20;

  private final long seed;
  private final Path folder;
  private final @Nullable String python;

  /// The library of native/test/guard, or null.
  private final @Nullable String guard = System.getProperty("pantorch.fuzz.guard");

  private final Set<String> upstream;
  private final CallGenerator names;
  private final Path progressFile;
  private final Path leftOutFile;
  private final Path stateFile;

  /// What is known so far.
  private final ObjectNode state;

  private final TreeSet<String> leftOut = new TreeSet<>();
  private final Map<String, Integer> ended = new HashMap<>();

  /// Python without and with guarded memory.
  private final Map<Boolean, PythonReplay> replays = new HashMap<>();

  /// @param folder for state, logs, and as the children's working folder
  /// @param python a Python with the same PyTorch, or null
  /// @param upstream operators that do not end in Python either: left out without Python, and asked
  ///   for once with it
  FuzzRun(long seed, Path folder, @Nullable String python, Set<String> upstream)
      throws IOException {
    this.seed = seed;
    this.folder = Files.createDirectories(folder.toAbsolutePath());
    this.python = python;
    this.upstream = upstream;
    this.names = new CallGenerator(seed, new Samples());
    this.progressFile = folder.resolve("progress").toAbsolutePath();
    this.leftOutFile = folder.resolve("left-out.txt").toAbsolutePath();
    this.stateFile = folder.resolve("state.json").toAbsolutePath();
    this.state =
        Files.exists(stateFile)
            ? (ObjectNode) JSON.readTree(stateFile.toFile())
            : JSON.createObjectNode().put("seed", seed).put("next", 0);
    if (state.get("seed").asLong() != seed) {
      throw new IllegalStateException(stateFile + " is of seed " + state.get("seed"));
    }
    if (python == null) leftOut.addAll(upstream);
    for (var found : state.withArray("found")) note(found.get("operator").asText());
  }

  private void note(String operator) {
    if (ended.merge(operator, 1, Integer::sum) >= MOST_PER_OPERATOR) leftOut.add(operator);
  }

  /// Makes the calls up to a number.
  ///
  /// @return what is known then
  ObjectNode run(long to) throws IOException, InterruptedException {
    while (next() < to) {
      long from = next();
      long end = Math.min(to, from + CHUNK);
      ChildEnd child = child(from, end, progressFile, false);
      FuzzProgress progress = FuzzProgress.open(progressFile, names.operators());
      add(progress);
      unexpected(child.output());
      if (child.exit() == 0) {
        state.put("next", end);
      } else {
        long number = progress.number();
        if (number < 0) throw new IllegalStateException("no call was made:\n" + child.output());
        ObjectNode found = state.withArray("found").addObject();
        found.put("number", number);
        found.put("phase", progress.phase());
        found.put("from", from);
        describe(found, number, child);
        note(names.call(number).operator());
        state.put("next", number + 1);
      }
      save();
      System.out.printf("%,d calls, %d ended a child%n", next(), state.withArray("found").size());
    }
    try {
      for (JsonNode each : state.withArray("found")) {
        ObjectNode found = (ObjectNode) each;
        if (found.has("alone") || isKnown(found)) continue;
        blame(found);
        save();
      }
    } finally {
      for (PythonReplay replay : replays.values()) replay.close();
    }
    return state;
  }

  private void save() throws IOException {
    JSON.writerWithDefaultPrettyPrinter().writeValue(stateFile.toFile(), state);
  }

  private long next() {
    return state.get("next").asLong();
  }

  private void describe(ObjectNode found, long number, ChildEnd child) {
    found.put("operator", names.call(number).operator());
    found.put("end", child.name());
    if (child.exit() == -1) found.put("busySeconds", child.busy().toSeconds());
    found.put("frame", child.frame());
    found.set("call", names.call(number).json());
  }

  /// Whether upstream lets the operator run for ever, as one of its calls has shown in this run.
  private boolean isKnown(ObjectNode found) {
    JsonNode operator = found.get("operator");
    return FuzzVerdict.isHung(found)
        && upstream.contains(operator.asText())
        && state
            .withArray("found")
            .valueStream()
            .anyMatch(f ->
                f.get("operator").equals(operator) && f.path("python").asText().equals("hung"));
  }

  /// Finds the call that is to blame: the last one, if it does not return by itself either. Else
  /// one before it may have spoilt memory, and guarded memory shows which. Then asks Python for the
  /// same call.
  private void blame(ObjectNode found) throws IOException, InterruptedException {
    // The others were left out, mostly, when it happened; itself it must be made.
    state.withArray("found").forEach(f -> leftOut.add(f.get("operator").asText()));
    leftOut.remove(found.get("operator").asText());
    long number = found.get("number").asLong();
    Path file = folder.resolve("progress-again");
    ChildEnd alone = child(number, number + 1, file, false);
    boolean guarded = alone.exit() == 0 && guard != null && !FuzzVerdict.isHung(found);
    if (guarded) {
      alone = child(found.get("from").asLong(), number + 1, file, true);
      if (alone.exit() != 0) {
        found.put("endedBy", number);
        number = FuzzProgress.open(file, names.operators()).number();
        found.put("number", number);
        describe(found, number, alone);
      }
    }
    CallRecipe call = names.call(number);
    if (alone.exit() != 0 && python != null && call.isForPython()) {
      found.put("python", replay(python, guarded).answer(call));
    }
    found.put("alone", alone.name());
  }

  private PythonReplay replay(String python, boolean guarded) {
    String script = Path.of("python/replay_fuzz.py").toAbsolutePath().toString();
    List<String> command = List.of(python, script, String.valueOf(SECONDS_A_CALL));
    return replays.computeIfAbsent(guarded, g -> new PythonReplay(builder(command, g)));
  }

  private ChildEnd child(long from, long to, Path file, boolean guarded)
      throws IOException, InterruptedException {
    FuzzProgress progress = FuzzProgress.open(file, names.operators());
    progress.clear();
    Files.write(leftOutFile, leftOut);
    ChildJvm worker =
        ChildJvm.of(FuzzWorker.class)
            .flags(
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=64m",
                "-XX:CompressedClassSpaceSize=64m",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=" + folder.resolve("hs_err.log"))
            .arguments(seed, from, to, file, leftOutFile);
    if (guarded) worker.flags("-Dpantorch.allocator=libtorch");
    return start(builder(worker.command(), guarded), progress);
  }

  /// A command with bounded memory and one thread.
  private ProcessBuilder builder(List<String> command, boolean guarded) {
    List<String> bounded = new ArrayList<>();
    // A sanitizer that is preloaded takes terabytes of address space for itself.
    boolean sanitized = System.getenv("LD_PRELOAD") != null;
    if (!guarded && !sanitized && !System.getProperty("os.name").startsWith("Windows")) {
      bounded.addAll(
          List.of("/bin/sh", "-c", "ulimit -v " + ADDRESS_SPACE + "; exec \"$@\"", "sh"));
    }
    bounded.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(bounded).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("OMP_NUM_THREADS", "1");
    environment.put("MKL_NUM_THREADS", "1");
    if (guarded) environment.put("LD_PRELOAD", String.valueOf(guard));
    return builder;
  }

  /// Runs a child until it ends or stands still.
  private ChildEnd start(ProcessBuilder builder, FuzzProgress progress)
      throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    long seen = -2;
    long since = System.nanoTime();
    Duration busy = Duration.ZERO;
    while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
      long number = progress.number();
      if (number != seen) {
        seen = number;
        since = System.nanoTime();
        busy = busy(process);
      } else if (System.nanoTime() - since > patience(number)) {
        busy = busy(process).minus(busy);
        process.destroyForcibly().waitFor();
        return new ChildEnd(-1, Files.readString(output), busy);
      }
    }
    return new ChildEnd(process.exitValue(), Files.readString(output), Duration.ZERO);
  }

  private static Duration busy(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /// A busy machine may take its time to start a process.
  private static long patience(long number) {
    return TimeUnit.SECONDS.toNanos(number < 0 ? 20 * SECONDS_A_CALL : SECONDS_A_CALL);
  }

  private void add(FuzzProgress progress) {
    ObjectNode kinds = state.withObject("kinds");
    for (int i = 0; i < FuzzProgress.KINDS.size(); i++) {
      String kind = FuzzProgress.KINDS.get(i);
      kinds.put(kind, kinds.path(kind).asLong(0) + progress.count(i));
    }
    ObjectNode operators = state.withObject("operators");
    for (int i = 0; i < names.operators(); i++) {
      long returned = progress.returned(i);
      long threw = progress.threw(i);
      if (returned + threw == 0) continue;
      ArrayNode before = operators.withArray(names.operator(i));
      long[] sums = {before.path(0).asLong(0) + returned, before.path(1).asLong(0) + threw};
      operators.putArray(names.operator(i)).add(sums[0]).add(sums[1]);
    }
  }

  private void unexpected(String output) throws IOException {
    int at = output.indexOf("UNEXPECTED ");
    if (at >= 0) {
      Path file = folder.resolve("unexpected.txt");
      Files.writeString(
          file, output.substring(at), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      state.put("unexpected", file.toString());
    }
  }
}
