package dev.pantorch.ops;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The operator of libtorch that a generated method calls. It marks the full signature, which takes
/// every argument of the operator; the shorter ones call it with defaults.
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Overload {
  /// The operator's qualified name with its overload, `aten::add.Tensor`.
  ///
  /// @return the name
  String value();
}
