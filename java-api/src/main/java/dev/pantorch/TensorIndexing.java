package dev.pantorch;

import dev.pantorch.internal.IndexCalls;

/// The part of {@link Tensor} that stands for Python's brackets: `x[...]` reads, `x[...] = value`
/// assigns.
///
/// ```java
/// Tensor row = x.get(0);                             // x[0]
/// Tensor last = x.get("..., -1");                    // x[..., -1]
/// Tensor odd = x.get(Index.all(), Index.from(1).step(2)); // x[:, 1::2]
/// Tensor large = x.get(x.gt(3));                     // x[x > 3]
/// x.set(0, ":, 1:5");                                // x[:, 1:5] = 0
/// ```
///
/// Results are the same as in Python, view or copy included; see {@link Index}. Assigning changes
/// the tensor in place, and views of it with it.
public sealed interface TensorIndexing permits Tensor {
  /// The element or part at a position of each of the first dimensions: `x[0, -1]`.
  ///
  /// @param positions counted from 0, negative ones from the end
  /// @return a view without those dimensions
  /// @throws IndexException if a position is out of range, or there are more than dimensions
  default Tensor get(long... positions) {
    return IndexCalls.get((Tensor) this, positions);
  }

  /// The part that indices mean: `x[1:5, None, mask]`.
  ///
  /// @param indices what stands between the brackets
  /// @return a view, or a copy where a tensor or a truth value is among the indices
  /// @throws IndexException if an index is out of range, or there are more than dimensions
  default Tensor get(Index... indices) {
    return IndexCalls.get((Tensor) this, indices);
  }

  /// The part that indices mean, written as in Python: `x.get("..., 1:5:2")`.
  ///
  /// @param indices numbers, slices, `...`, `None`, `True`, `False`, with commas between them
  /// @return a view, or a copy where a truth value is among the indices
  /// @throws IndexException if the text cannot be read or an index is out of range
  default Tensor get(String indices) {
    return IndexCalls.get((Tensor) this, Index.parse(indices));
  }

  /// Assigns to the element or part at a position of each of the first dimensions: `x[0, -1] =
  /// value`.
  ///
  /// @param value of the part's shape, or of one that broadcasts to it
  /// @param positions counted from 0, negative ones from the end
  /// @return this tensor
  /// @throws IndexException if a position is out of range, or there are more than dimensions
  /// @throws ShapeException if the value does not fit
  default Tensor set(Tensor value, long... positions) {
    return IndexCalls.set((Tensor) this, value, positions);
  }

  /// The same with one number in every place.
  ///
  /// @param value the number, converted to the tensor's dtype
  /// @param positions counted from 0, negative ones from the end
  /// @return this tensor
  /// @throws IndexException if a position is out of range, or there are more than dimensions
  default Tensor set(Number value, long... positions) {
    return IndexCalls.set((Tensor) this, value, positions);
  }

  /// The same with one truth value in every place.
  ///
  /// @param value the value, 1 or 0 where the dtype is not {@link DType#BOOL}
  /// @param positions counted from 0, negative ones from the end
  /// @return this tensor
  /// @throws IndexException if a position is out of range, or there are more than dimensions
  default Tensor set(boolean value, long... positions) {
    return set((Number) (value ? 1 : 0), positions);
  }

  /// Assigns to the part that indices mean: `x[mask] = value`.
  ///
  /// @param value of the part's shape, or of one that broadcasts to it
  /// @param indices what stands between the brackets
  /// @return this tensor
  /// @throws IndexException if an index is out of range, or there are more than dimensions
  /// @throws ShapeException if the value does not fit
  default Tensor set(Tensor value, Index... indices) {
    return IndexCalls.set((Tensor) this, value, indices);
  }

  /// The same with one number in every place.
  ///
  /// @param value the number, converted to the tensor's dtype
  /// @param indices what stands between the brackets
  /// @return this tensor
  /// @throws IndexException if an index is out of range, or there are more than dimensions
  default Tensor set(Number value, Index... indices) {
    return IndexCalls.set((Tensor) this, value, indices);
  }

  /// The same with one truth value in every place.
  ///
  /// @param value the value, 1 or 0 where the dtype is not {@link DType#BOOL}
  /// @param indices what stands between the brackets
  /// @return this tensor
  /// @throws IndexException if an index is out of range, or there are more than dimensions
  default Tensor set(boolean value, Index... indices) {
    return set((Number) (value ? 1 : 0), indices);
  }

  /// The same with indices written as in Python: `x.set(value, "..., 1:5:2")`.
  ///
  /// @param value of the part's shape, or of one that broadcasts to it
  /// @param indices numbers, slices, `...`, `None`, `True`, `False`, with commas between them
  /// @return this tensor
  /// @throws IndexException if the text cannot be read or an index is out of range
  /// @throws ShapeException if the value does not fit
  default Tensor set(Tensor value, String indices) {
    return IndexCalls.set((Tensor) this, value, Index.parse(indices));
  }

  /// The same with one number in every place.
  ///
  /// @param value the number, converted to the tensor's dtype
  /// @param indices numbers, slices, `...`, `None`, `True`, `False`, with commas between them
  /// @return this tensor
  /// @throws IndexException if the text cannot be read or an index is out of range
  default Tensor set(Number value, String indices) {
    return IndexCalls.set((Tensor) this, value, Index.parse(indices));
  }

  /// The same with one truth value in every place.
  ///
  /// @param value the value, 1 or 0 where the dtype is not {@link DType#BOOL}
  /// @param indices numbers, slices, `...`, `None`, `True`, `False`, with commas between them
  /// @return this tensor
  /// @throws IndexException if the text cannot be read or an index is out of range
  default Tensor set(boolean value, String indices) {
    return set((Number) (value ? 1 : 0), indices);
  }
}
