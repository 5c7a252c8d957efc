package dev.pantorch.jit;

import dev.pantorch.nn.Module;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A module's method that fits the inputs: each model has the signature it needs.
record ForwardMethod(Module module, Method method) implements Function<List<Object>, Object> {
  static ForwardMethod find(Module module, String name, List<Object> inputs) {
    List<Method> candidates = new ArrayList<>();
    for (Class<?> type = module.getClass(); type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(name)
            && !method.isBridge()
            && !Modifier.isAbstract(method.getModifiers())) {
          candidates.add(method);
        }
      }
    }
    for (Method method : candidates) {
      if (!accepts(method, inputs)) continue;
      if (!method.trySetAccessible()) {
        throw new IllegalArgumentException(
            "%s is not accessible to module dev.pantorch; make it and its class public, open its package, or say what is called: Jit.trace(model, o -> o.function(inputs -> ...), ...)"
                .formatted(describe(method)));
      }
      return new ForwardMethod(module, method);
    }
    String given =
        inputs.stream()
            .map(input -> input.getClass().getSimpleName())
            .collect(Collectors.joining(", ", "(", ")"));
    throw new IllegalArgumentException(
        candidates.isEmpty()
            ? "%s has no method '%s'".formatted(module.getClass().getName(), name)
            : "no method '%s' takes %s; there are %s"
                .formatted(name, given, candidates.stream().map(ForwardMethod::describe).toList()));
  }

  private static boolean accepts(Method method, List<Object> inputs) {
    Class<?>[] types = method.getParameterTypes();
    if (types.length != inputs.size()) return false;
    for (int i = 0; i < types.length; i++) {
      if (!types[i].isInstance(inputs.get(i))) return false;
    }
    return true;
  }

  private static String describe(Method method) {
    return method.getDeclaringClass().getSimpleName()
        + "."
        + method.getName()
        + Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(", ", "(", ")"));
  }

  /// The parameters' names, where the class file has them.
  @Nullable List<String> parameterNames() {
    Parameter[] parameters = method.getParameters();
    for (Parameter parameter : parameters) {
      if (!parameter.isNamePresent()) return null;
    }
    return Arrays.stream(parameters).map(Parameter::getName).toList();
  }

  @Override
  public Object apply(List<Object> inputs) {
    try {
      return method.invoke(module, inputs.toArray());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(describe(method) + " was made accessible, but is not", e);
    } catch (InvocationTargetException e) {
      throw rethrown(e.getCause());
    }
  }

  private static RuntimeException rethrown(@Nullable Throwable cause) {
    return switch (cause) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      case null, default -> new IllegalStateException("the traced method failed", cause);
    };
  }
}
