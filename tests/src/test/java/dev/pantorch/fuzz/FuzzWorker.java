package dev.pantorch.fuzz;

import dev.pantorch.CpuMemory;
import dev.pantorch.DType;
import dev.pantorch.DeviceType;
import dev.pantorch.Operator;
import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import dev.pantorch.TorchException;
import dev.pantorch.parity.TypedOperators;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedTransferQueue;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The child process: makes calls, each as its number says, and notes how they end.
public final class FuzzWorker {
  /// What tensors may take: a call that wants more gets an exception.
  private static final long MEMORY = 128L << 20;

  /// Held, for a logger that nobody holds forgets its level.
  private static final Logger WARNINGS = Logger.getLogger("dev.pantorch");

  private final TypedOperators operators = new TypedOperators();
  private final Map<String, Operator> boxed = new HashMap<>();
  private final LinkedTransferQueue<List<Tensor>> closing = new LinkedTransferQueue<>();
  private final CallGenerator generator;
  private final FuzzProgress progress;
  private final Tensor undefined;

  private FuzzWorker(CallGenerator generator, FuzzProgress progress) throws Throwable {
    this.generator = generator;
    this.progress = progress;
    // Python gives None for what it did not compute, libtorch a tensor that is none.
    Tensor x = Torch.ones(2, 3);
    Tensor perRow = Torch.ones(2, 1);
    List<@Nullable Object> arguments = new ArrayList<>();
    Collections.addAll(
        arguments,
        x,
        x,
        new long[] {3},
        perRow,
        perRow,
        null,
        null,
        new boolean[] {false, false, false});
    Object none = operators.call("aten::native_layer_norm_backward", 0, arguments).getFirst();
    if (!(none instanceof Tensor tensor) || tensor.isDefined()) {
      throw new AssertionError("expected an undefined tensor, got " + none);
    }
    this.undefined = tensor.keep();
  }

  /// Makes calls, or tells of one.
  ///
  /// @param arguments seed, first call, the call after the last, the file of progress, and a file
  ///   with names of operators to leave out; or `describe`, seed and call
  public static void main(String[] arguments) throws Throwable {
    if (arguments[0].equals("describe")) {
      CallGenerator generator = new CallGenerator(Long.parseLong(arguments[1]), new Samples());
      System.out.println(generator.call(Long.parseLong(arguments[2])).json());
      return;
    }
    CallGenerator generator = new CallGenerator(Long.parseLong(arguments[0]), new Samples());
    FuzzProgress progress = FuzzProgress.open(Path.of(arguments[3]), generator.operators());
    new FuzzWorker(generator, progress)
        .run(Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), Path.of(arguments[4]));
  }

  private void run(long from, long to, Path leftOut) throws IOException {
    Set<String> without = new HashSet<>(Files.readAllLines(leftOut));
    Thread.ofPlatform().daemon().start(this::closeForEver);
    WARNINGS.setLevel(Level.OFF);
    CpuMemory.setLimit(CpuMemory.memoryAllocated() + MEMORY);
    for (long number = from; number < to; number++) {
      int operator = generator.operatorOf(number);
      if (without.contains(generator.operator(operator))) continue;
      progress.begin(number);
      CallRecipe call = generator.call(number);
      String kind = "returned";
      try {
        kind = make(call);
      } catch (Throwable e) {
        kind = kind(e, call);
      }
      progress.end(FuzzProgress.KINDS.indexOf(kind), operator, kind.equals("returned"));
    }
  }

  private void closeForEver() {
    try {
      while (true) closing.take().stream().filter(t -> t != undefined).forEach(Tensor::close);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String make(CallRecipe call) throws Throwable {
    Torch.manualSeed(call.number());
    try (TensorScope scope = call.closing() ? TensorScope.openShared() : TensorScope.open()) {
      List<Tensor> tensors = new ArrayList<>();
      List<@Nullable Object> arguments;
      try {
        arguments = call.build(tensors, undefined);
      } catch (TorchException e) {
        return "arguments refused";
      }
      if (call.closing()) closing.put(tensors);
      progress.phase(1);
      List<Tensor> results;
      try (AutoCloseable mode = mode(call.mode())) {
        results = tensorsOf(call(call, arguments));
      }
      if (call.backward()) {
        progress.phase(2);
        results.forEach(FuzzWorker::backward);
      }
      progress.phase(3);
      if (call.number() % 31 == 0) results.forEach(FuzzWorker::print);
      progress.phase(4);
    }
    return "returned";
  }

  private static @Nullable AutoCloseable mode(String name) {
    return switch (name) {
      case "noGrad" -> Torch.noGrad();
      case "inference" -> Torch.inferenceMode();
      case "autocast" -> Torch.autocast(DeviceType.CPU, DType.BFLOAT16);
      default -> null;
    };
  }

  private List<@Nullable Object> call(CallRecipe call, List<@Nullable Object> arguments)
      throws Throwable {
    if (call.boxed()) {
      return boxed.computeIfAbsent(call.operator(), Torch::op).call(arguments.toArray());
    }
    return operators.call(call.operator(), (int) call.number(), arguments);
  }

  private static List<Tensor> tensorsOf(List<?> results) {
    List<Tensor> tensors = new ArrayList<>();
    for (Object result : results) {
      if (result instanceof Tensor tensor && tensor.isDefined()) tensors.add(tensor);
      if (result instanceof List<?> list) tensors.addAll(tensorsOf(list));
    }
    return tensors;
  }

  private static void backward(Tensor result) {
    if (result.requiresGrad() && !result.isInference()) result.sum().backward();
  }

  private static void print(Tensor result) {
    if (result.numel() <= 1000 && result.toString().isEmpty()) {
      throw new AssertionError("a tensor without text");
    }
  }

  /// What was thrown; anything but what callers are promised is reported.
  private String kind(Throwable thrown, CallRecipe call) {
    String name = thrown.getClass().getSimpleName();
    String message = String.valueOf(thrown.getMessage());
    boolean expected =
        switch (thrown) {
          case TorchException e -> !String.valueOf(e.getMessage()).isBlank();
          case IllegalStateException e -> message.contains("is closed");
          case NullPointerException e -> message.contains("aten::");
          case IllegalArgumentException e -> !message.contains("argument type mismatch");
          case OutOfMemoryError e -> true;
          default -> false;
        };
    if (expected && FuzzProgress.KINDS.contains(name)) return name;
    if (expected && thrown instanceof TorchException) return "TorchException";
    synchronized (System.out) {
      System.out.println(
          "UNEXPECTED " + call.number() + " " + progress.phase() + " " + call.operator());
      thrown.printStackTrace(System.out);
    }
    return "unexpected";
  }
}
