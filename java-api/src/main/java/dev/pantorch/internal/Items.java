package dev.pantorch.internal;

import dev.pantorch.Complex;
import dev.pantorch.DType;
import dev.pantorch.Tensor;
import dev.pantorch.TypeException;

/// The one element of a tensor as a Java value. What does not fit exactly is refused.
public final class Items {
  private static final Op ITEM = Op.of("aten::item");
  private static final int BOOL = 2;

  private Items() {}

  public static double toDouble(Tensor tensor) {
    Object value = read(tensor);
    // Found without a pattern switch, whose first execution takes the JVM some 20 ms to link.
    if (value instanceof Double d) return d;
    return switch (value) {
      case Long l -> {
        if ((long) (double) l != l || l == Long.MAX_VALUE) {
          throw new TypeException(
              "item: %d does not fit a double exactly; use itemLong()".formatted(l));
        }
        yield (double) l;
      }
      case Boolean _ -> throw wrong("item", tensor, "itemBoolean()");
      default -> throw wrong("item", tensor, "itemComplex()");
    };
  }

  public static long toLong(Tensor tensor) {
    return switch (read(tensor)) {
      case Long l -> l;
      case Double d -> {
        if (d != Math.rint(d) || Math.abs(d) >= 0x1p63) {
          throw new TypeException("itemLong: %s is no long; use item()".formatted(d));
        }
        yield d.longValue();
      }
      case Boolean _ -> throw wrong("itemLong", tensor, "itemBoolean()");
      default -> throw wrong("itemLong", tensor, "itemComplex()");
    };
  }

  public static boolean toBoolean(Tensor tensor) {
    if (read(tensor) instanceof Boolean b) return b;
    throw wrong("itemBoolean", tensor, "itemNumber(), or a comparison as ne(0)");
  }

  public static Complex toComplex(Tensor tensor) {
    return switch (read(tensor)) {
      case Complex c -> c;
      case Double d -> new Complex(d, 0);
      case Long _ -> throw wrong("itemComplex", tensor, "itemLong()");
      default -> throw wrong("itemComplex", tensor, "itemBoolean()");
    };
  }

  public static Number toNumber(Tensor tensor) {
    if (read(tensor) instanceof Number n) return n;
    throw wrong("itemNumber", tensor, "itemBoolean()");
  }

  /// A Double, Long, Boolean or Complex.
  private static Object read(Tensor tensor) {
    if (Tracing.anywhere()) Tracing.warnOfRead("number");
    CallFrame f = CallFrame.enter(ITEM);
    try {
      f.tensor(0, tensor);
      f.call();
      return f.int64Result(0) == BOOL ? (Object) (f.int64Result(1) != 0) : f.scalarResult(0);
    } finally {
      f.exit();
    }
  }

  private static TypeException wrong(String method, Tensor tensor, String instead) {
    DType dtype = TensorCalls.describe(tensor).dtype();
    return new TypeException("%s: the element is %s; use %s".formatted(method, dtype, instead));
  }
}
