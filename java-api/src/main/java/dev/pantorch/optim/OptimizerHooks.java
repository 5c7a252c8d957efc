package dev.pantorch.optim;

import dev.pantorch.HookHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// The hooks of an optimizer, and those of all.
final class OptimizerHooks {
  static final List<Consumer<? super Optimizer<?>>> GLOBAL_STEP_PRE = new CopyOnWriteArrayList<>();
  static final List<Consumer<? super Optimizer<?>>> GLOBAL_STEP_POST = new CopyOnWriteArrayList<>();

  final List<Consumer<? super Optimizer<?>>> stepPre = new ArrayList<>();
  final List<Consumer<? super Optimizer<?>>> stepPost = new ArrayList<>();
  final List<Consumer<? super Optimizer<?>>> stateDictPre = new ArrayList<>();
  final List<Optimizer.StateDictHook> stateDictPost = new ArrayList<>();
  final List<Optimizer.StateDictHook> loadPre = new ArrayList<>();
  final List<Consumer<? super Optimizer<?>>> loadPost = new ArrayList<>();

  static <H> HookHandle add(List<H> hooks, H hook, boolean prepend) {
    Objects.requireNonNull(hook, "hook");
    if (prepend) hooks.addFirst(hook);
    else hooks.add(hook);
    // The same function may be registered twice; each handle removes it once.
    AtomicBoolean registered = new AtomicBoolean(true);
    return () -> {
      if (registered.getAndSet(false)) hooks.remove(hook);
    };
  }

  void beforeStep(Optimizer<?> optimizer) {
    call(GLOBAL_STEP_PRE, optimizer);
    call(stepPre, optimizer);
  }

  void afterStep(Optimizer<?> optimizer) {
    call(stepPost, optimizer);
    call(GLOBAL_STEP_POST, optimizer);
  }

  void beforeStateDict(Optimizer<?> optimizer) {
    call(stateDictPre, optimizer);
  }

  void afterLoad(Optimizer<?> optimizer) {
    call(loadPost, optimizer);
  }

  private static void call(List<Consumer<? super Optimizer<?>>> hooks, Optimizer<?> optimizer) {
    // A copy, since a hook may remove itself.
    if (!hooks.isEmpty()) List.copyOf(hooks).forEach(hook -> hook.accept(optimizer));
  }

  static Map<String, Object> through(
      List<Optimizer.StateDictHook> hooks, Optimizer<?> optimizer, Map<String, Object> stateDict) {
    Map<String, Object> current = stateDict;
    for (Optimizer.StateDictHook hook : List.copyOf(hooks)) {
      Map<String, Object> other = hook.apply(optimizer, current);
      if (other != null) current = other;
    }
    return current;
  }
}
