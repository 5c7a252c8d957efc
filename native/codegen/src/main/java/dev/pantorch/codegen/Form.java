package dev.pantorch.codegen;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// One Java signature of an operator: which parameters it takes, in which order and type. What it
/// does not take has its default.
///
/// @param parts the parameters in the order of the Java declaration
/// @param rank how far this is from the operator's full signature, which has rank 0; of two equal
///   signatures the one of lower rank stays
record Form(List<Part> parts, int rank) {

  /// How a parameter is declared.
  enum Choice {
    /// By the type that can say everything.
    FULL,
    /// A list as `long...`.
    VARARGS,
    /// A list of one repeated number, or an optional number that is present.
    SIMPLE,
    /// A list of tensors as `Tensor...`.
    TENSORS,
    /// A number that is a truth value.
    BOOLEAN
  }

  /// A parameter and how it is declared.
  record Part(Param param, Choice choice) {

    String javaType() {
      return switch (choice) {
        case FULL -> param.javaType();
        case VARARGS -> param.javaType().replace("[]", "...");
        case SIMPLE -> param.isOptionalPrimitive() ? primitive() : "long";
        case TENSORS -> "Tensor...";
        case BOOLEAN -> "boolean";
      };
    }

    String erasure() {
      return switch (choice) {
        case FULL, VARARGS -> param.erasure();
        case SIMPLE, BOOLEAN -> javaType();
        case TENSORS -> "Tensor[]";
      };
    }

    boolean isVarargs() {
      return choice == Choice.VARARGS || choice == Choice.TENSORS;
    }

    /// What the full signature takes for this parameter.
    String asFull() {
      return switch (choice) {
        case FULL, VARARGS -> param.name();
        case SIMPLE ->
            param.isOptionalPrimitive()
                ? "(" + param.erasure() + ") " + param.name()
                : param.repeat(param.name());
        case TENSORS -> "List.of(" + param.name() + ")";
        case BOOLEAN -> throw new IllegalStateException("a truth value is written to the frame");
      };
    }

    private String primitive() {
      return switch (param.type().base()) {
        case BOOL -> "boolean";
        case FLOAT -> "double";
        default -> "long";
      };
    }
  }

  boolean isFull() {
    return rank == 0;
  }

  /// Whether the method writes the call frame itself even where it is not the full signature.
  boolean hasBooleanScalar() {
    return parts.stream().anyMatch(p -> p.choice() == Choice.BOOLEAN);
  }

  String erasure() {
    return parts.stream().map(Part::erasure).collect(Collectors.joining(","));
  }

  boolean isVarargs() {
    return !parts.isEmpty() && parts.getLast().isVarargs();
  }

  /// The same signature with its last list as an array.
  Form withoutVarargs() {
    var arrays = new ArrayList<>(parts);
    Part last = arrays.removeLast();
    arrays.add(new Part(last.param(), Choice.FULL));
    return new Form(List.copyOf(arrays), rank);
  }

  /// Whether a call could mean this signature as well as a longer one: both end in `long...` and
  /// the longer one only has more whole numbers before it.
  boolean isAmbiguousWith(Form longer) {
    if (!isVarargs()
        || !longer.isVarargs()
        || parts.size() >= longer.parts.size()
        || !parts.getLast().erasure().equals(longer.parts.getLast().erasure())) {
      return false;
    }
    int fixed = parts.size() - 1;
    String element = parts.getLast().erasure().replace("[]", "");
    for (int i = 0; i < longer.parts.size() - 1; i++) {
      String other = longer.parts.get(i).erasure();
      if (!other.equals(i < fixed ? parts.get(i).erasure() : element)) {
        return false;
      }
    }
    return true;
  }

  /// All signatures of an operator with these parameters, the full one first.
  static List<Form> of(List<Param> params) {
    var forms = new ArrayList<Form>();
    int rank = 0;
    for (int kept = params.size(); kept >= 0; kept--) {
      if (kept < params.size() && !params.get(kept).hasDefault()) {
        break;
      }
      for (List<Part> parts : choices(params.subList(0, kept))) {
        forms.add(new Form(parts, rank++));
      }
      rank += params.size();
    }
    for (List<Part> parts : sizeLast(params)) {
      forms.add(new Form(parts, rank++));
    }
    return forms;
  }

  /// The signatures that take just these parameters.
  private static List<List<Part>> choices(List<Param> params) {
    var result = new ArrayList<List<Part>>();
    List<Part> full = params.stream().map(p -> new Part(p, Choice.FULL)).toList();
    boolean endsInOnlyList =
        !params.isEmpty()
            && params.getLast().type().isIntegerList()
            && params.stream().filter(p -> p.type().list()).count() == 1;
    result.add(endsInOnlyList ? lastAs(full, Choice.VARARGS) : full);
    List<Part> simpleLists = replace(full, Param::isBroadcastList, Choice.SIMPLE);
    addIfNew(result, simpleLists);
    addIfNew(result, replace(full, Param::isOptionalPrimitive, Choice.SIMPLE));
    addIfNew(result, replace(simpleLists, Param::isOptionalPrimitive, Choice.SIMPLE));
    addIfNew(result, replace(full, Form::mayBeBoolean, Choice.BOOLEAN));
    if (!params.isEmpty() && params.getLast().javaType().equals("List<Tensor>")) {
      result.add(lastAs(full, Choice.TENSORS));
    }
    return result;
  }

  /// For factories: what stands after the size in the schema moves before it, so that the size can
  /// end the call: `zeros(options, 2, 3)`.
  private static List<List<Part>> sizeLast(List<Param> params) {
    int size = params.size() - 1;
    while (size >= 0 && isFactorySetting(params.get(size))) {
      size--;
    }
    if (size < 0
        || size == params.size() - 1
        || !params.get(size).type().isIntegerList()
        || params.get(size).type().optional()
        || params.subList(0, size).stream().anyMatch(p -> p.type().list())) {
      return List.of();
    }
    var result = new ArrayList<List<Part>>();
    for (int end = size + 2; end <= params.size(); end++) {
      if (end < params.size() && !params.get(end).hasDefault()) {
        continue;
      }
      var parts = new ArrayList<Part>();
      params.subList(0, size).stream()
          .filter(Param::self)
          .forEach(p -> parts.add(new Part(p, Choice.FULL)));
      params.subList(size + 1, end).forEach(p -> parts.add(new Part(p, Choice.FULL)));
      params.subList(0, size).stream()
          .filter(p -> !p.self())
          .forEach(p -> parts.add(new Part(p, Choice.FULL)));
      parts.add(new Part(params.get(size), Choice.VARARGS));
      result.add(parts);
    }
    return result;
  }

  private static boolean isFactorySetting(Param param) {
    return param.options()
        || param.type().isOptional(Type.Base.GENERATOR)
        || param.type().isOptional(Type.Base.MEMORY_FORMAT);
  }

  private static boolean mayBeBoolean(Param param) {
    return param.type().is(Type.Base.SCALAR)
        && (param.name().equals("value") || param.name().equals("fillValue"));
  }

  private static List<Part> lastAs(List<Part> parts, Choice choice) {
    var changed = new ArrayList<>(parts);
    changed.set(parts.size() - 1, new Part(parts.getLast().param(), choice));
    return changed;
  }

  private static List<Part> replace(List<Part> parts, Predicate<Param> which, Choice choice) {
    return parts.stream()
        .map(p -> which.test(p.param()) ? new Part(p.param(), choice) : p)
        .toList();
  }

  private static void addIfNew(List<List<Part>> all, List<Part> parts) {
    if (parts.stream().anyMatch(p -> p.choice() != Choice.FULL) && !all.contains(parts)) {
      all.add(parts);
    }
  }
}
