package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;

/// An operator as a method of one Java type: its name there and its signatures.
final class JavaMethod {
  final Operator operator;
  final String javaClass;
  final boolean isStatic;

  /// The method that this one hands its call to; null if it makes the call itself.
  final JavaMethod target;

  private String name;
  private List<Form> forms;

  JavaMethod(Operator operator, String javaClass, boolean isStatic, JavaMethod target) {
    this.operator = operator;
    this.javaClass = javaClass;
    this.isStatic = isStatic;
    this.target = target;
    this.name = Names.method(javaClass, operator.schema().name());
    this.forms =
        Form.of(operator.params().stream().filter(p -> isStatic || !p.self()).toList()).stream()
            .filter(form -> form.isFull() || !operator.superseded())
            .filter(form -> !overridesObject(form))
            .toList();
  }

  /// `clone()` of Object cannot be overridden by an interface's default method.
  private boolean overridesObject(Form form) {
    return !isStatic && form.parts().isEmpty() && name.equals("clone");
  }

  String name() {
    return name;
  }

  /// The signatures, the full one first.
  List<Form> forms() {
    return forms;
  }

  Form full() {
    return forms.getFirst();
  }

  /// Adds the overload's name, where two operators would have the same full signature.
  void rename() {
    name += Names.upperCamel(operator.schema().overload());
  }

  void drop(Form form) {
    var kept = new ArrayList<>(forms);
    kept.remove(form);
    forms = kept;
  }

  void replace(Form form, Form by) {
    var changed = new ArrayList<>(forms);
    changed.set(forms.indexOf(form), by);
    forms = changed;
  }
}
