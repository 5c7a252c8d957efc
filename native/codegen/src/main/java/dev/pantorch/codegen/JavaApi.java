package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Every generated Java method, by the type it goes to, with no two of one type in each other's
/// way.
final class JavaApi {
  private final Map<String, List<JavaMethod>> byClass = new TreeMap<>();
  private final List<JavaMethod> primary = new ArrayList<>();

  /// @param isMethod whether `at::Tensor` has the operator as a method
  /// @param isFunction whether namespace `at` has it as a function
  void add(Operator operator, boolean isMethod, boolean isFunction) {
    Families.Family family = operator.place().family();
    boolean asMethod =
        isMethod && family.methods() != null && operator.params().stream().anyMatch(Param::self);
    JavaMethod function = null;
    if (isFunction || !asMethod) {
      function = add(new JavaMethod(operator, family.functions(), true, null));
      if (family.alias() != null) {
        add(new JavaMethod(operator, family.alias(), true, function));
      }
    }
    JavaMethod method = null;
    if (asMethod) {
      method = add(new JavaMethod(operator, family.methods(), false, function));
    }
    primary.add(function != null ? function : method);
  }

  private JavaMethod add(JavaMethod method) {
    byClass.computeIfAbsent(method.javaClass, c -> new ArrayList<>()).add(method);
    return method;
  }

  /// The generated types' names.
  Iterable<String> classes() {
    return byClass.keySet();
  }

  List<JavaMethod> methods(String javaClass) {
    return byClass.getOrDefault(javaClass, List.of());
  }

  /// One method an operator, that which makes the call, in the order of the schemas.
  List<JavaMethod> primary() {
    return primary;
  }

  /// Makes the signatures of each name in each type distinct, always in the same way:
  ///
  /// 1. Two full signatures that are equal: the operator that comes later by its overload's name is
  ///    renamed, the overload's name appended.
  /// 2. A shorter signature equal to another: the one nearer to its operator's full signature
  ///    stays, then the one of the operator that comes first.
  /// 3. Two that end in `long...` where a call could mean either: the shorter one takes an array.
  void resolve() {
    for (List<JavaMethod> methods : byClass.values()) {
      methods.sort(
          Comparator.comparing((JavaMethod m) -> m.operator.schema().name())
              .thenComparing(m -> m.operator.schema().overload()));
      renameEqual(methods);
      for (List<JavaMethod> sameName : byName(methods).values()) {
        dropEqual(sameName);
        disambiguate(sameName);
      }
    }
  }

  private static void renameEqual(List<JavaMethod> methods) {
    for (List<JavaMethod> sameName : byName(methods).values()) {
      var seen = new HashMap<String, JavaMethod>();
      for (JavaMethod method : sameName) {
        if (seen.putIfAbsent(method.full().erasure(), method) != null) {
          method.rename();
        }
      }
    }
  }

  private static void dropEqual(List<JavaMethod> methods) {
    record Owned(JavaMethod method, Form form) {}
    var best = new HashMap<String, Owned>();
    for (JavaMethod method : methods) {
      for (Form form : method.forms()) {
        Owned rival = best.get(form.erasure());
        if (rival == null) {
          best.put(form.erasure(), new Owned(method, form));
        } else if (form.rank() < rival.form().rank()) {
          rival.method().drop(rival.form());
          best.put(form.erasure(), new Owned(method, form));
        } else {
          method.drop(form);
        }
      }
    }
  }

  private static void disambiguate(List<JavaMethod> methods) {
    for (JavaMethod method : methods) {
      for (Form form : method.forms()) {
        boolean ambiguous =
            methods.stream().flatMap(m -> m.forms().stream()).anyMatch(form::isAmbiguousWith);
        if (ambiguous) {
          method.replace(form, form.withoutVarargs());
        }
      }
    }
  }

  private static Map<String, List<JavaMethod>> byName(List<JavaMethod> methods) {
    var groups = new TreeMap<String, List<JavaMethod>>();
    for (JavaMethod method : methods) {
      groups.computeIfAbsent(method.name(), n -> new ArrayList<>()).add(method);
    }
    return groups;
  }
}
