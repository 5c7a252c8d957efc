package dev.pantorch.internal;

import dev.pantorch.ShapeException;
import dev.pantorch.TypeException;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.stream.Collectors;

/// Arrays in arrays, as `float[][]`, checked to be a box: all arrays of one level equally long.
@SuppressWarnings("ArrayRecordComponent") // handed on to one reader
record NestedArrays(Object[] arrays, ElementType type, long[] shape) {

  static NestedArrays of(Object[] arrays) {
    int dims = 0;
    Class<?> element = arrays.getClass();
    while (element.isArray()) {
      dims++;
      element = element.componentType();
    }
    if (!element.isPrimitive()) {
      throw new TypeException(
          "data of type %s cannot become a tensor; expected arrays of a primitive type, as float[][]"
              .formatted(arrays.getClass().getTypeName()));
    }
    ElementType type = ElementType.of(element);
    long[] shape = new long[dims];
    Object first = arrays;
    for (int dim = 0; dim < dims && first != null; dim++) {
      int length = Array.getLength(first);
      shape[dim] = length;
      first = dim + 1 < dims && length > 0 ? Array.get(first, 0) : null;
    }
    check(arrays, shape, 0, new int[dims]);
    return new NestedArrays(arrays, type, shape);
  }

  private static void check(Object array, long[] shape, int dim, int[] path) {
    if (array == null) {
      throw new NullPointerException("%s is null; expected an array".formatted(place(path, dim)));
    }
    int length = Array.getLength(array);
    if (length != shape[dim]) {
      throw new ShapeException(
          "%s has %d elements, but %s has %d: arrays of one level must be equally long"
              .formatted(place(path, dim), length, place(new int[dim], dim), shape[dim]));
    }
    if (dim + 1 == shape.length) return;
    Object[] inner = (Object[]) array;
    for (int i = 0; i < inner.length; i++) {
      path[dim] = i;
      check(inner[i], shape, dim + 1, path);
    }
  }

  /// `data[1][0]`
  private static String place(int[] path, int dims) {
    return Arrays.stream(path, 0, dims)
        .mapToObj(i -> "[" + i + "]")
        .collect(Collectors.joining("", "data", ""));
  }

  void copyIn(long address) {
    copyIn(arrays, 0, address);
  }

  private long copyIn(Object[] array, int dim, long address) {
    long at = address;
    for (Object inner : array) {
      if (dim + 2 == shape.length) {
        type.copyIn(inner, at);
        at += shape[dim + 1] * type.dtype().itemSize();
      } else {
        at = copyIn((Object[]) inner, dim + 1, at);
      }
    }
    return at;
  }

  /// Arrays of a class such as `float[][]`, filled from memory that holds a whole tensor.
  static Object read(Class<?> arrayType, ElementType type, long[] shape, long address) {
    if (shape.length == 1) {
      int length = Math.toIntExact(shape[0]);
      Object leaf = type.newArray(length);
      if (address != 0) type.copyOut(address, leaf, length);
      return leaf;
    }
    int length = Math.toIntExact(shape[0]);
    Class<?> inner = arrayType.componentType();
    Object[] arrays = (Object[]) Array.newInstance(inner, length);
    long[] rest = Arrays.copyOfRange(shape, 1, shape.length);
    long bytes = type.dtype().itemSize();
    for (long size : rest) bytes *= size;
    for (int i = 0; i < length; i++) {
      arrays[i] = read(inner, type, rest, address == 0 ? 0 : address + bytes * i);
    }
    return arrays;
  }
}
