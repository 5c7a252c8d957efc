package dev.pantorch.codegen;

import java.util.List;
import java.util.Locale;

/// A generated operator with what Java needs to know of it.
///
/// @param params its Java parameters in the order of the schema
/// @param place where the families' table lists it
/// @param results what a call gives
/// @param superseded whether it gets no shorter signatures than the full one
record Operator(
    Schema schema,
    List<Param> params,
    Families.Place place,
    ResultType results,
    boolean superseded) {

  /// The operator's constant in `dev.pantorch.internal.Ops`.
  String constant() {
    return schema.nameWithOverload().replace('.', '_').toUpperCase(Locale.ROOT);
  }

  /// The parameter that the operator changes and returns; null if it returns something new.
  Param changed() {
    return schema.isInPlace() ? params.getFirst() : null;
  }
}
