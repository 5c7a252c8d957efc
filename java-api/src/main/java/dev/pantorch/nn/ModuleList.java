package dev.pantorch.nn;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Modules in a list: children under the names `0`, `1`, ..., so that their parameters are found.
///
/// ```java
/// class Stack extends Layer {
///   final ModuleList<Linear> layers =
///       register("layers", new ModuleList<>(new Linear(64, 64), new Linear(64, 64)));
///
///   @Override
///   public Tensor forward(Tensor input) {
///     Tensor value = input;
///     for (Linear layer : layers) value = layer.forward(value).relu();
///     return value;
///   }
/// }
/// ```
///
/// It computes nothing itself; {@link Sequential} chains layers. Modules are added, replaced and
/// removed at any time, and names follow positions; an optimizer made before sees none of it.
///
/// **Shape.** None: it has no forward.
///
/// [torch.nn.ModuleList](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ModuleList.html)
///
/// @param <M> what the modules are
public final class ModuleList<M extends Module> extends Module implements Iterable<M> {
  /// A list of modules.
  ///
  /// @param modules the modules in their order
  @SafeVarargs
  public ModuleList(M... modules) {
    for (M module : modules) append(module);
  }

  /// A list of modules.
  ///
  /// @param modules the modules in their order
  public ModuleList(Iterable<? extends M> modules) {
    extend(modules);
  }

  /// Adds a module at the end.
  ///
  /// @param module the module
  /// @return this list
  public ModuleList<M> append(M module) {
    register(Integer.toString(size()), module);
    return this;
  }

  /// Adds modules at the end.
  ///
  /// @param modules the modules in their order
  /// @return this list
  public ModuleList<M> extend(Iterable<? extends M> modules) {
    List<M> added = new ArrayList<>(); // a list may be extended by itself
    modules.forEach(added::add);
    added.forEach(this::append);
    return this;
  }

  /// Adds a module before another one; those behind it move.
  ///
  /// @param index the position; negative ones count from the end
  /// @param module the module
  /// @return this list
  /// @throws IndexOutOfBoundsException if there is no such position
  public ModuleList<M> insert(int index, M module) {
    Positions.insert(childrenByName(), index, checked("module", module));
    return this;
  }

  /// A module by its position.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the module
  /// @throws IndexOutOfBoundsException if there is none
  public M get(int index) {
    return asList().get(Positions.check(index, size()));
  }

  /// Replaces a module.
  ///
  /// @param index the position; negative ones count from the end
  /// @param module what stands there from now on
  /// @return what stood there
  /// @throws IndexOutOfBoundsException if there is none
  public M set(int index, M module) {
    M old = get(index);
    childrenByName()
        .put(Integer.toString(Positions.check(index, size())), checked("module", module));
    return old;
  }

  @Override
  void replaceChild(String name, Module module) {
    replaceExisting(name, module);
  }

  /// Removes a module; those behind it move.
  ///
  /// @param index the position; negative ones count from the end
  /// @return the module
  /// @throws IndexOutOfBoundsException if there is none
  public M remove(int index) {
    M old = get(index);
    Positions.remove(childrenByName(), index);
    return old;
  }

  /// The number of modules.
  ///
  /// @return the number
  public int size() {
    return childrenByName().size();
  }

  /// The modules in their order: for streams and slices, `layers.asList().subList(1, 3)`.
  ///
  /// @return a new read-only list
  @SuppressWarnings("unchecked") // nothing else is ever added
  public List<M> asList() {
    return (List<M>) children();
  }

  /// Goes through the modules as they are now.
  ///
  /// @return a read-only iterator
  @Override
  public Iterator<M> iterator() {
    return asList().iterator();
  }

  /// The list as Python prints it: neighbours that look alike come as one.
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    List<String> texts = asList().stream().map(Module::toString).toList();
    for (int start = 0; start < texts.size(); ) {
      String text = texts.get(start);
      int end = start;
      while (end < texts.size() && texts.get(end).equals(text)) end++;
      String line =
          end == start + 1
              ? "(%d): %s".formatted(start, text)
              : "(%d-%d): %d x %s".formatted(start, end - 1, end - start, text);
      lines.add(line.replace("\n", "\n  "));
      start = end;
    }
    if (lines.isEmpty()) return "ModuleList()";
    return "ModuleList(\n  " + String.join("\n  ", lines) + "\n)";
  }
}
