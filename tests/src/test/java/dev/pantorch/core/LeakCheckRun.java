package dev.pantorch.core;

import dev.pantorch.junit.LeakCheck;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Runs a body as {@link LeakCheck} sees a test: with a context that has a store, and nothing else.
final class LeakCheckRun {
  private LeakCheckRun() {}

  static void of(Runnable test) {
    LeakCheck check = new LeakCheck();
    ExtensionContext context = context();
    check.beforeEach(context);
    test.run();
    check.afterEach(context);
  }

  private static ExtensionContext context() {
    Map<Object, Object> values = new HashMap<>();
    ExtensionContext.Store store =
        proxy(
            ExtensionContext.Store.class,
            (method, arguments) ->
                switch (method) {
                  case "put" -> values.put(arguments[0], arguments[1]);
                  case "get" -> values.get(arguments[0]);
                  default -> throw new UnsupportedOperationException(method);
                });
    return proxy(
        ExtensionContext.class,
        (method, arguments) -> {
          if (method.equals("getStore")) return store;
          throw new UnsupportedOperationException(method);
        });
  }

  private interface Answer {
    Object to(String method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> answer.to(method.getName(), arguments)));
  }
}
