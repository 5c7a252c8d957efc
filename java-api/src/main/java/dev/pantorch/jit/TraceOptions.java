package dev.pantorch.jit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The options of {@link Jit#trace}, under Python's names.
///
/// ```java
/// ScriptModule traced =
///     Jit.trace(model, o -> o.checkTolerance(1e-4).checkInputs(Torch.randn(8, 20, 5)), x);
/// ```
public final class TraceOptions {
  boolean checkTrace = true;
  final List<List<Object>> checkInputs = new ArrayList<>();
  double checkTolerance = 1e-5;
  boolean strict = true;
  boolean dynamicSizes = true;
  @Nullable List<Set<Integer>> dynamicDims;
  String method = "forward";
  @Nullable List<String> inputNames;
  @Nullable Function<List<Object>, Object> function;

  TraceOptions() {}

  /// Whether the module is run again, to see whether it calls the same operators and whether the
  /// trace computes the same numbers. True unless set.
  ///
  /// @param checkTrace whether to check
  /// @return these options
  public TraceOptions checkTrace(boolean checkTrace) {
    this.checkTrace = checkTrace;
    return this;
  }

  /// Inputs to check with instead of the example's: fresh numbers, other sizes. May be called
  /// several times.
  ///
  /// @param inputs one set of inputs
  /// @return these options
  public TraceOptions checkInputs(Object... inputs) {
    checkInputs.add(List.of(inputs));
    return this;
  }

  /// How far outputs may differ in the check, relatively. 1e-5 unless set.
  ///
  /// @param checkTolerance the tolerance
  /// @return these options
  public TraceOptions checkTolerance(double checkTolerance) {
    this.checkTolerance = checkTolerance;
    return this;
  }

  /// Whether outputs in lists and maps are refused or warned about, since their length could depend
  /// on the inputs. True unless set. A record is a tuple and always accepted.
  ///
  /// @param strict false to accept them
  /// @return these options
  public TraceOptions strict(boolean strict) {
    this.strict = strict;
    return this;
  }

  /// Whether sizes that the module asks its inputs for stay sizes of the inputs in the trace. True
  /// unless set. To find out which numbers come from sizes, the module is run on inputs that have
  /// one element more in one dimension; buffers and the random number generator are put back as
  /// they were. False bakes the example's sizes in.
  ///
  /// @param dynamicSizes whether sizes are found out
  /// @return these options
  public TraceOptions dynamicSizes(boolean dynamicSizes) {
    this.dynamicSizes = dynamicSizes;
    return this;
  }

  /// Which dimensions may differ, where others always have the example's sizes: these are found out
  /// and warned about alone.
  ///
  /// @param dims the dimensions of each tensor among the inputs, in the order of the tensors; all
  ///   unless set
  /// @return these options
  public TraceOptions dynamicSizes(List<Set<Integer>> dims) {
    dynamicSizes = true;
    dynamicDims = dims.stream().map(Set::copyOf).toList();
    return this;
  }

  /// The method of the module that is traced, and its name in the script. `forward` unless set.
  ///
  /// @param method the method's name
  /// @return these options
  public TraceOptions method(String method) {
    this.method = method;
    return this;
  }

  /// What is called instead of the module's method, where that cannot be found by its name or is
  /// not accessible.
  ///
  /// @param function from the inputs to the output
  /// @return these options
  public TraceOptions function(Function<List<Object>, Object> function) {
    this.function = function;
    return this;
  }

  /// What the inputs are called in the script. Unless set, as in Java where the class was compiled
  /// with `-parameters`, else `input` or `input_0`, `input_1`, ...
  ///
  /// @param inputNames a name for each input
  /// @return these options
  public TraceOptions inputNames(String... inputNames) {
    this.inputNames = List.of(inputNames);
    return this;
  }
}
