package dev.pantorch.io;

import dev.pantorch.DType;
import dev.pantorch.Device;
import dev.pantorch.Layout;
import dev.pantorch.Tensor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Looks through what came out of a pickle, without recursion, since it can be as deep as the file
/// wants: finds the tensors, and refuses what would trap the code that receives it.
final class ValueWalk {
  private static final int MAX_DEPTH = 1000;

  /// As many values as nobody can count: shared lists of shared lists.
  private static final double MAX_WEIGHT = 1e12;

  private final Set<Tensor> tensors = Collections.newSetFromMap(new IdentityHashMap<>());
  private final IdentityHashMap<Object, Done> done = new IdentityHashMap<>();
  private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Visit> visits = new ArrayDeque<>();

  /// How deep a container is, and how many values it has when shared ones are counted each time.
  private record Done(int depth, double weight) {}

  private static final class Visit {
    final Object container;
    final Iterator<? extends @Nullable Object> rest;
    int depth;
    double weight = 1;

    Visit(Object container, Iterator<? extends @Nullable Object> rest) {
      this.container = container;
      this.rest = rest;
    }
  }

  private ValueWalk() {}

  /// The tensors in a value.
  ///
  /// @throws IOException if a container contains itself, is too deep or too large, or has something
  ///   that is no value
  static Set<Tensor> tensors(@Nullable Object value) throws IOException {
    ValueWalk walk = new ValueWalk();
    walk.enter(value);
    while (!walk.visits.isEmpty()) walk.step();
    return walk.tensors;
  }

  private void step() throws IOException {
    Visit visit = visits.getLast();
    if (visit.rest.hasNext()) {
      enter(visit.rest.next());
      return;
    }
    visits.removeLast();
    open.remove(visit.container);
    Done result = new Done(visit.depth + 1, visit.weight);
    if (result.depth > MAX_DEPTH) {
      throw new IOException("its containers are nested more than %d deep".formatted(MAX_DEPTH));
    }
    if (result.weight > MAX_WEIGHT) {
      throw new IOException("its containers share each other so often that nobody can list them");
    }
    done.put(visit.container, result);
    count(result);
  }

  private void count(Done part) {
    Visit parent = visits.peekLast();
    if (parent == null) return;
    parent.depth = Math.max(parent.depth, part.depth);
    parent.weight += part.weight;
  }

  private void enter(@Nullable Object value) throws IOException {
    Iterator<? extends @Nullable Object> parts =
        switch (value) {
          case Map<?, ?> map -> entries(map).iterator();
          case Collection<?> collection -> collection.iterator();
          case null, default -> null;
        };
    if (value == null || parts == null) {
      checkLeaf(value);
      count(new Done(0, 1));
    } else if (open.contains(value)) {
      throw new IOException("a container of it contains itself");
    } else if (done.containsKey(value)) {
      count(done.getOrDefault(value, new Done(0, 1)));
    } else {
      open.add(value);
      visits.addLast(new Visit(value, parts));
    }
  }

  private static List<@Nullable Object> entries(Map<?, ?> map) {
    List<@Nullable Object> parts = new ArrayList<>(2 * map.size());
    parts.addAll(map.keySet());
    parts.addAll(map.values());
    if (map instanceof OrderedDict<?, ?> dict) parts.addAll(dict.attributes().values());
    return parts;
  }

  private void checkLeaf(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> {}
      case Boolean _, Number _, String _, byte[] _, long[] _, DType _, Device _, Layout _ -> {}
      case Tensor tensor -> tensors.add(tensor);
      case TorchVocabulary.Global global ->
          throw new IOException(
              "%s itself is a value in it, which Java has no form for".formatted(global.name()));
      case TorchVocabulary.Storage _ ->
          throw new IOException("a storage is a value in it; save the tensor in its place");
      default ->
          throw new IOException(
              "a %s is a value in it".formatted(value.getClass().getSimpleName()));
    }
  }
}
