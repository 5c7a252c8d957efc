package dev.pantorch.benchmarks;

import dev.pantorch.Tensor;
import dev.pantorch.TensorScope;
import dev.pantorch.Torch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One operator in JMH, whose `gc` profiler tells how many bytes of the Java heap a call takes.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class JmhOperators {
  private static final int SCOPE = 50;

  private Tensor a;
  private Tensor b;

  /// Called by JMH.
  public JmhOperators() {}

  /// Makes the operands.
  @Setup
  public void setUp() {
    Torch.setNumThreads(1);
    a = Torch.ones(1);
    b = Torch.ones(1);
  }

  /// Each result closed at once.
  @Benchmark
  public void addClosed() {
    a.add(b).close();
  }

  /// Fifty results in a scope.
  @Benchmark
  @OperationsPerInvocation(SCOPE)
  public void addScoped() {
    try (var scope = TensorScope.open()) {
      for (int i = 0; i < SCOPE; i++) a.add(b);
    }
  }

  /// Results that are dropped, for the garbage collector to find.
  ///
  /// @return the result
  @Benchmark
  public Tensor addDropped() {
    return a.add(b);
  }
}
