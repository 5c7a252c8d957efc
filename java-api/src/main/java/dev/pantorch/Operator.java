package dev.pantorch;

import dev.pantorch.internal.BoxedCalls;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Any operator that libtorch knows, by name: those without a method of their own, and those of
/// custom libraries. Arguments are checked against the schema before the call.
///
/// ```java
/// Operator add = Torch.op("aten::add.Tensor");
/// Tensor z = add.callTensor(x, y);
/// System.out.println(add.schema());
/// ```
///
/// Arguments may be tensors, numbers, booleans, strings, dtypes, devices, layouts, memory formats,
/// generators, null, and collections, arrays or maps of these. Results come back as `Tensor`,
/// `Long`, `Double`, `Boolean`, {@link Complex}, `String`, {@link Device}, `List` or `Map`.
///
/// A method of {@link Tensor} or {@link Torch} is several times faster where there is one.
///
/// [torch.ops](https://docs.pytorch.org/docs/2.13/library.html)
public final class Operator {
  private final String name;
  private final String overload;

  private Operator(String name, String overload) {
    this.name = name;
    this.overload = overload;
  }

  /// The operator of a name.
  ///
  /// @param qualified `ns::name` or `ns::name.overload`
  /// @return the operator
  /// @throws UnknownOperatorException if libtorch has no operator of that name
  static Operator of(String qualified) {
    int colons = qualified.indexOf("::");
    if (colons <= 0 || colons + 2 >= qualified.length()) {
      throw new IllegalArgumentException(
          "'%s' is no operator name; expected \"ns::name\" or \"ns::name.overload\", as in \"aten::add.Tensor\""
              .formatted(qualified));
    }
    int dot = qualified.indexOf('.', colons);
    Operator operator =
        dot < 0
            ? new Operator(qualified, "")
            : new Operator(qualified.substring(0, dot), qualified.substring(dot + 1));
    operator.schema();
    return operator;
  }

  /// The operator's name with its overload, `aten::add.Tensor`.
  ///
  /// @return the name
  public String name() {
    return overload.isEmpty() ? name : name + "." + overload;
  }

  /// The operator's schema: its arguments with types and defaults, and its results.
  ///
  /// @return the schema as libtorch words it
  public String schema() {
    List<String> schemas = BoxedCalls.schemas(name);
    for (String schema : schemas) {
      if (schema.startsWith(name() + "(")) return schema;
    }
    throw new UnknownOperatorException(
        schemas.isEmpty()
            ? "no operator is called '%s' in this libtorch".formatted(name())
            : "no operator is called '%s' in this libtorch; '%s' has the overloads %s"
                .formatted(
                    name(),
                    name,
                    schemas.stream()
                        .map(s -> "'" + s.substring(0, s.indexOf('(')) + "'")
                        .toList()));
  }

  /// Calls the operator with positional arguments; those left out take their defaults.
  ///
  /// @param arguments the arguments in schema order
  /// @return the results
  /// @throws TorchException if the arguments do not fit the schema, or libtorch refuses them
  public List<@Nullable Object> call(@Nullable Object... arguments) {
    return BoxedCalls.call(name, overload, Arrays.asList(arguments), Map.of());
  }

  /// Calls the operator with positional and named arguments.
  ///
  /// @param arguments the positional arguments
  /// @param named arguments by name
  /// @return the results
  /// @throws TorchException if the arguments do not fit the schema, or libtorch refuses them
  public List<@Nullable Object> call(
      List<? extends @Nullable Object> arguments, Map<String, ? extends @Nullable Object> named) {
    return BoxedCalls.call(name, overload, arguments, named);
  }

  /// Calls an operator whose result is one tensor.
  ///
  /// @param arguments the arguments in schema order
  /// @return the tensor
  /// @throws TypeException if the operator returns something else
  public Tensor callTensor(@Nullable Object... arguments) {
    List<@Nullable Object> results = call(arguments);
    if (results.size() == 1 && results.getFirst() instanceof Tensor tensor) return tensor;
    throw new TypeException("'%s' does not return one tensor; use call(...)".formatted(schema()));
  }

  @Override
  public String toString() {
    return name();
  }
}
