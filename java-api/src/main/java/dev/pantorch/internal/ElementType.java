package dev.pantorch.internal;

import dev.pantorch.DType;
import dev.pantorch.TypeException;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Array;
import java.util.EnumSet;
import java.util.Set;

/// The primitive types of Java that are elements of tensors: the dtype each stands for, and the
/// dtypes whose every value it can hold.
@SuppressWarnings("ImmutableEnumChecker") // layouts are immutable, and nobody changes the sets
enum ElementType {
  BYTE(byte.class, DType.INT8, ValueLayout.JAVA_BYTE, EnumSet.of(DType.INT8, DType.UINT8)),
  SHORT(
      short.class,
      DType.INT16,
      ValueLayout.JAVA_SHORT_UNALIGNED,
      EnumSet.of(DType.INT16, DType.INT8, DType.UINT8)),
  INT(
      int.class,
      DType.INT32,
      ValueLayout.JAVA_INT_UNALIGNED,
      EnumSet.of(DType.INT32, DType.INT16, DType.INT8, DType.UINT8, DType.UINT16)),
  LONG(
      long.class,
      DType.INT64,
      ValueLayout.JAVA_LONG_UNALIGNED,
      EnumSet.of(
          DType.INT64,
          DType.INT32,
          DType.INT16,
          DType.INT8,
          DType.UINT8,
          DType.UINT16,
          DType.UINT32)),
  FLOAT(
      float.class,
      DType.FLOAT32,
      ValueLayout.JAVA_FLOAT_UNALIGNED,
      EnumSet.of(
          DType.FLOAT32,
          DType.FLOAT16,
          DType.BFLOAT16,
          DType.FLOAT8_E5M2,
          DType.FLOAT8_E4M3FN,
          DType.FLOAT8_E5M2FNUZ,
          DType.FLOAT8_E4M3FNUZ,
          DType.FLOAT8_E8M0FNU,
          DType.INT16,
          DType.INT8,
          DType.UINT8,
          DType.UINT16)),
  DOUBLE(double.class, DType.FLOAT64, ValueLayout.JAVA_DOUBLE_UNALIGNED, doubles()),
  BOOLEAN(boolean.class, DType.BOOL, ValueLayout.JAVA_BYTE, EnumSet.of(DType.BOOL));

  private final Class<?> javaType;
  private final DType dtype;
  private final ValueLayout layout;
  private final Set<DType> exact;

  ElementType(Class<?> javaType, DType dtype, ValueLayout layout, Set<DType> exact) {
    this.javaType = javaType;
    this.dtype = dtype;
    this.layout = layout;
    this.exact = exact;
  }

  private static Set<DType> doubles() {
    Set<DType> types = EnumSet.copyOf(FLOAT.exact);
    types.addAll(EnumSet.of(DType.FLOAT64, DType.INT32, DType.UINT32));
    return types;
  }

  Class<?> javaType() {
    return javaType;
  }

  DType dtype() {
    return dtype;
  }

  /// How one element lies in memory; at any address.
  ValueLayout layout() {
    return layout;
  }

  /// Whether every value of the dtype is a value of this type. Java's bytes stand for unsigned ones
  /// by their bits.
  boolean holds(DType other) {
    return exact.contains(other);
  }

  static ElementType of(Class<?> javaType) {
    for (ElementType type : values()) {
      if (type.javaType == javaType) return type;
    }
    throw noDtype(javaType);
  }

  static TypeException noDtype(Class<?> javaType) {
    return new TypeException(
        "elements of type %s have no dtype; expected byte, short, int, long, float, double or boolean"
            .formatted(javaType.getTypeName()));
  }

  /// Copies a whole primitive array to native memory.
  void copyIn(Object array, long address) {
    if (array instanceof boolean[] flags) {
      for (int i = 0; i < flags.length; i++) {
        Memory.putByte(address + i, (byte) (flags[i] ? 1 : 0));
      }
      return;
    }
    Memory.copyIn(array, Array.getLength(array), layout, address);
  }

  /// Fills the first elements of a primitive array from native memory.
  void copyOut(long address, Object array, int count) {
    if (array instanceof boolean[] flags) {
      for (int i = 0; i < count; i++) flags[i] = Memory.getByte(address + i) != 0;
      return;
    }
    Memory.copyOut(address, layout, array, count);
  }

  Object newArray(int length) {
    return Array.newInstance(javaType, length);
  }
}
