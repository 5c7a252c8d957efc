package dev.pantorch.jit;

import org.jspecify.annotations.Nullable;

/// A member of a Python `Enum`. Given to a script, it is found by its name.
///
/// ```java
/// if (traced.callMethod("color") instanceof ScriptEnum color) System.out.println(color.name());
/// ```
///
/// @param type the name of its type
/// @param name the member's name
/// @param value its value
public record ScriptEnum(String type, String name, @Nullable Object value) {}
