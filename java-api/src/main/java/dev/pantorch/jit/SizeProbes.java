package dev.pantorch.jit;

import dev.pantorch.Tensor;
import dev.pantorch.Torch;
import dev.pantorch.internal.JitCalls;
import dev.pantorch.internal.NativeHandle;
import dev.pantorch.internal.Structure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds out which sizes of the inputs may differ, and records what the module calls with others.
///
/// A size that Java has read is a number like any other, and nothing tells where the numbers that
/// an operator is given came from. But run on inputs of other sizes, the module gives other
/// numbers: what changes, and how, says it.
final class SizeProbes {
  private static final int MAX_RUNS = 64;
  private static final int MAX_SYMBOLS = 4;
  private static final int MAX_SHARED = 6;

  /// One dimension of one tensor among the inputs.
  private record Place(int tensor, int dim) {}

  /// Dimensions that have to grow together.
  private record Symbol(Set<Place> places, long size, NativeHandle recording) {
    Place first() {
      return places.iterator().next();
    }
  }

  /// Runs the module on inputs.
  interface Run {
    NativeHandle record(List<Object> inputs);
  }

  private final List<Object> inputs;
  private final List<Tensor> tensors;
  private final @Nullable List<Set<Integer>> dims;
  private final Run run;
  private final NativeHandle base;
  private final List<Symbol> symbols = new ArrayList<>();
  private int runs;

  /// @param inputs the example's
  /// @param dims of each tensor among them, the dimensions that may differ; null for all
  /// @param base what the module calls with them
  SizeProbes(List<Object> inputs, @Nullable List<Set<Integer>> dims, NativeHandle base, Run run) {
    this.inputs = inputs;
    this.tensors = Structure.tensors(inputs);
    this.dims = dims;
    if (dims != null && dims.size() != tensors.size()) {
      throw new IllegalArgumentException(
          "dynamic dimensions were given for %d tensors; the inputs have %d"
              .formatted(dims.size(), tensors.size()));
    }
    this.base = base;
    this.run = run;
  }

  JitCalls.SizeRuns find() {
    Map<Long, List<Place>> bySize = new LinkedHashMap<>();
    for (int i = 0; i < tensors.size(); i++) {
      long[] shape = tensors.get(i).shape();
      for (int dim = 0; dim < shape.length; dim++) {
        if (shape[dim] == 0 || (dims != null && !dims.get(i).contains(dim))) continue;
        bySize.computeIfAbsent(shape[dim], size -> new ArrayList<>()).add(new Place(i, dim));
      }
    }
    bySize.forEach(this::findAmong);
    return probes();
  }

  /// Dimensions of one size may be one and the same: a batch is in several inputs.
  private void findAmong(long size, List<Place> places) {
    List<Place> left = new ArrayList<>(places);
    for (int count = 1; count <= Math.min(left.size(), MAX_SHARED); count++) {
      for (Set<Place> some : subsets(left, count)) {
        if (!left.containsAll(some) || symbols.size() == MAX_SYMBOLS) continue;
        NativeHandle recording = attempt(Map.of(some, 1L));
        if (recording == null) continue;
        left.removeAll(some);
        // A size that changes nothing is none of the trace's.
        boolean same =
            JitCalls.compare(base, recording, List.of()).stream().allMatch(d -> d == null);
        if (!same) symbols.add(new Symbol(some, size, recording));
      }
    }
  }

  private static List<Set<Place>> subsets(List<Place> places, int count) {
    List<Set<Place>> found = new ArrayList<>();
    if (places.size() > MAX_SHARED && count > 1 && count < places.size()) return found;
    for (int bits = 1; bits < 1 << Math.min(places.size(), 30); bits++) {
      if (Integer.bitCount(bits) != count) continue;
      Set<Place> some = new LinkedHashSet<>();
      for (int i = 0; i < places.size(); i++) {
        if ((bits >> i & 1) != 0) some.add(places.get(i));
      }
      found.add(some);
    }
    return found;
  }

  private JitCalls.SizeRuns probes() {
    List<Long> sizes = new ArrayList<>();
    List<@Nullable NativeHandle> recordings = new ArrayList<>();
    for (Symbol symbol : symbols) {
      sizes.add((long) symbol.first().tensor);
      sizes.add((long) symbol.first().dim);
      sizes.add(symbol.size);
      recordings.add(symbol.recording);
    }
    for (int i = 0; i < symbols.size(); i++) {
      for (int j = i + 1; j < symbols.size(); j++) {
        recordings.add(attempt(Map.of(symbols.get(i).places, 1L, symbols.get(j).places, 1L)));
      }
    }
    Map<Set<Place>, Long> growth = new LinkedHashMap<>();
    List<Long> checkSizes = new ArrayList<>();
    long more = 2;
    for (Symbol symbol : symbols) {
      growth.put(symbol.places, more);
      checkSizes.add(symbol.size + more);
      more++;
    }
    if (!symbols.isEmpty()) recordings.add(attempt(growth));
    return new JitCalls.SizeRuns(sizes, recordings, checkSizes);
  }

  /// What the module calls with larger inputs, or null where it refuses them.
  private @Nullable NativeHandle attempt(Map<Set<Place>, Long> growth) {
    if (++runs > MAX_RUNS) return null;
    try {
      return run.record(grown(growth));
    } catch (RuntimeException refused) {
      return null;
    }
  }

  private List<Object> grown(Map<Set<Place>, Long> growth) {
    int[] next = {0};
    List<Object> larger = new ArrayList<>();
    for (Object input : inputs) {
      larger.add(
          Structure.map(
              input,
              tensor -> {
                int index = next[0]++;
                Tensor result = tensor.detach();
                for (var entry : growth.entrySet()) {
                  for (Place place : entry.getKey()) {
                    if (place.tensor == index) result = grown(result, place.dim, entry.getValue());
                  }
                }
                return Torch.clone(result).requiresGrad_(tensor.requiresGrad());
              }));
    }
    return larger;
  }

  /// The last element once more: whatever it means, it is a valid one.
  private static Tensor grown(Tensor tensor, int dim, long more) {
    Tensor last = tensor.narrow(dim, tensor.size(dim) - 1, 1);
    List<Tensor> parts = new ArrayList<>();
    parts.add(tensor);
    for (long i = 0; i < more; i++) parts.add(last);
    return Torch.cat(parts, dim);
  }

  /// The sizes of other inputs at the places of these runs' sizes.
  static List<Long> sizesOf(JitCalls.SizeRuns runs, List<Object> inputs) {
    List<Tensor> tensors = Structure.tensors(inputs);
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < runs.sizes().size(); i += 3) {
      Tensor tensor = tensors.get(runs.sizes().get(i).intValue());
      sizes.add(tensor.size(runs.sizes().get(i + 1).intValue()));
    }
    return sizes;
  }
}
