package dev.pantorch.nn;

import java.util.Iterator;
import java.util.Map;
import java.util.SequencedMap;

/// Modules by name: children under these names, so that their parameters are found.
///
/// ```java
/// class Heads extends Module {
///   final ModuleDict<Linear> heads =
///       register("heads", new ModuleDict<>(Map.of("rain", new Linear(64, 1))));
///
///   Tensor forward(Tensor input, String what) {
///     return heads.get(what).forward(input);
///   }
/// }
/// ```
///
/// It computes nothing itself. Modules are added, replaced and removed at any time; an optimizer
/// made before sees none of it. The order is that of adding.
///
/// **Shape.** None: it has no forward.
///
/// [torch.nn.ModuleDict](https://docs.pytorch.org/docs/2.13/generated/torch.nn.ModuleDict.html)
///
/// @param <M> what the modules are
public final class ModuleDict<M extends Module> extends Module implements Iterable<String> {
  /// Without modules.
  public ModuleDict() {}

  /// With modules.
  ///
  /// @param modules modules by name; a {@link java.util.LinkedHashMap} says in which order
  public ModuleDict(Map<String, ? extends M> modules) {
    update(modules);
  }

  /// Adds a module at the end, or puts it where one of that name stands.
  ///
  /// @param key the name, without a dot
  /// @param module the module
  /// @return the module
  /// @throws IllegalArgumentException if the name is empty or has a dot
  public M put(String key, M module) {
    checkWord("module", key);
    childrenByName().put(key, checked(key, module));
    return module;
  }

  @Override
  @SuppressWarnings("unchecked") // a wrong type is found where it is taken out, as in Python
  void replaceChild(String name, Module module) {
    put(name, (M) module);
  }

  /// Adds or replaces modules.
  ///
  /// @param modules modules by name, in the order of adding
  /// @throws IllegalArgumentException if a name is empty or has a dot
  public void update(Map<String, ? extends M> modules) {
    modules.forEach(this::put);
  }

  /// A module by its name.
  ///
  /// @param key the name
  /// @return the module
  /// @throws IllegalArgumentException if there is none
  public M get(String key) {
    return find(asMap(), "module", key);
  }

  /// Whether there is a module of a name.
  ///
  /// @param key the name
  /// @return whether there is
  public boolean containsKey(String key) {
    return asMap().containsKey(key);
  }

  /// Removes a module.
  ///
  /// @param key the name
  /// @return the module
  /// @throws IllegalArgumentException if there is none
  public M remove(String key) {
    M old = get(key);
    childrenByName().remove(key);
    return old;
  }

  /// Removes all modules.
  public void clear() {
    childrenByName().clear();
  }

  /// The number of modules.
  ///
  /// @return the number
  public int size() {
    return asMap().size();
  }

  /// The modules by name, in their order.
  ///
  /// @return a read-only view
  @SuppressWarnings("unchecked") // nothing else is ever added
  public SequencedMap<String, M> asMap() {
    return (SequencedMap<String, M>) namedChildren();
  }

  /// Goes through the names.
  ///
  /// @return a read-only iterator
  @Override
  public Iterator<String> iterator() {
    return asMap().keySet().iterator();
  }
}
