package dev.pantorch.ffi;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/// Functions of the C library's `math.h`, which Python computes its own numbers with. Those of
/// `java.lang.Math` and `StrictMath` may differ from them in the last bit.
public final class CMath {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle POW = find("pow", 2);
  private static final MethodHandle COS = find("cos", 1);
  private static final MethodHandle LOG = find("log", 1);

  private CMath() {}

  private static MethodHandle find(String name, int arguments) {
    var doubles = new ValueLayout.OfDouble[arguments];
    Arrays.fill(doubles, ValueLayout.JAVA_DOUBLE);
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, doubles),
        Linker.Option.critical(false));
  }

  /// The power of a number.
  ///
  /// @param base the number
  /// @param exponent the exponent
  /// @return $base^{exponent}$
  public static double pow(double base, double exponent) {
    try {
      return (double) POW.invokeExact(base, exponent);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /// The cosine.
  ///
  /// @param x an angle in radians
  /// @return its cosine
  public static double cos(double x) {
    try {
      return (double) COS.invokeExact(x);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  /// The natural logarithm.
  ///
  /// @param x a number
  /// @return its logarithm
  public static double log(double x) {
    try {
      return (double) LOG.invokeExact(x);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static AssertionError impossible(Throwable e) {
    return new AssertionError("a function of math.h does not throw", e);
  }
}
