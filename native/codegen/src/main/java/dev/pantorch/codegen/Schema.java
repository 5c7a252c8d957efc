package dev.pantorch.codegen;

import java.util.List;

/// One operator overload as libtorch declares it.
///
/// @param name the operator without namespace and overload: `add_`
/// @param overload the overload name, often empty: `Tensor`
/// @param text the whole schema as libtorch spells it, without the `aten::` in front
record Schema(
    String name, String overload, List<Argument> arguments, List<Result> results, String text) {

  /// One of the results; `name` is empty where the schema gives none.
  record Result(Type type, String name) {}

  /// `aten::add.Tensor`, the name the operator is found by.
  String qualifiedName() {
    return "aten::" + nameWithOverload();
  }

  String nameWithOverload() {
    return overload.isEmpty() ? name : name + "." + overload;
  }

  /// `aten::add.Tensor(Tensor self, ...) -> Tensor`
  String qualifiedText() {
    return "aten::" + text;
  }

  /// The struct of `at::_ops` that declares the operator: `add_Tensor`.
  String structName() {
    return overload.isEmpty() ? name : name + "_" + overload;
  }

  /// Whether the caller hands in the tensor that the result is written to: a written argument by
  /// keyword only, or an overload that says so by its name.
  boolean isOutVariant() {
    return arguments.stream()
        .anyMatch(a -> a.type().isMutable() && (a.keywordOnly() || overload.equals("out")));
  }

  /// Whether this is that operator with the tensors for its results as further arguments.
  boolean isOutVariantOf(Schema plain) {
    int taken = plain.arguments.size();
    return isOutVariant()
        && name.equals(plain.name)
        && taken < arguments.size()
        && namesAndTypes(arguments.subList(0, taken)).equals(namesAndTypes(plain.arguments))
        && arguments.stream().skip(taken).allMatch(a -> a.type().isMutable());
  }

  private static List<String> namesAndTypes(List<Argument> arguments) {
    return arguments.stream().map(a -> a.type() + " " + a.name()).toList();
  }

  /// Whether the operator returns its first argument, changed: `add_`.
  boolean isInPlace() {
    return !arguments.isEmpty()
        && arguments.getFirst().type().is(Type.Base.TENSOR)
        && arguments.getFirst().type().isMutable()
        && results.size() == 1
        && results.getFirst().type().alias().equals(arguments.getFirst().type().alias());
  }
}
