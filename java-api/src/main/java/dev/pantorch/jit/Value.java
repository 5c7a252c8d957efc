package dev.pantorch.jit;

/// A value in a {@link Graph}: an input, or what a node computes.
///
/// ```java
/// for (Value input : traced.graph().inputs()) System.out.println(input.name() + ": " + input.type());
/// ```
///
/// @param id its number, with which nodes refer to it; unique in its graph
/// @param name its name: the number, or something readable
/// @param type its type
public record Value(long id, String name, ValueType type) {
  @Override
  public String toString() {
    return "%" + name + " : " + type;
  }
}
