package dev.pantorch;

import java.util.Objects;

/// One of the things that can stand between the brackets of Python's `x[...]`, for {@link
/// Tensor#get(Index...)} and {@link Tensor#set(Tensor, Index...)}.
///
/// ```java
/// Tensor last = x.get(Index.all(), Index.at(-1)); // (32, 10, 5) to (32, 5), a view
/// x.set(Torch.zeros(5), Index.at(0), Index.from(5)); // steps 5 to 9 of the first sequence
/// ```
///
/// | Python          | Java                             |
/// |-----------------|----------------------------------|
/// | `x[2]`          | `Index.at(2)`                    |
/// | `x[:]`          | `Index.all()`                    |
/// | `x[1:]`, `x[:5]`| `Index.from(1)`, `Index.to(5)`   |
/// | `x[1:5]`        | `Index.slice(1, 5)`              |
/// | `x[1:5:2]`      | `Index.slice(1, 5, 2)`           |
/// | `x[::2]`        | `Index.all().step(2)`            |
/// | `x[...]`        | `Index.ellipsis()`               |
/// | `x[None]`       | `Index.newAxis()`                |
/// | `x[True]`       | `Index.of(true)`                 |
/// | `x[mask]`       | `mask`, a tensor is an index     |
///
/// Numbers, slices, the ellipsis and new axes give a view that shares the tensor's memory; as soon
/// as a tensor or a truth value is among the indices the result is a copy.
///
/// [Indexing](https://docs.pytorch.org/docs/2.13/tensor_view.html)
public sealed interface Index
    permits Tensor, Index.At, Index.Slice, Index.Ellipsis, Index.NewAxis, Index.Flag {
  /// One position of a dimension, which disappears.
  ///
  /// @param position counted from 0, negative ones from the end
  record At(long position) implements Index {}

  /// Every `step`th position from `start` until before `stop`.
  ///
  /// @param start the first position; negative ones count from the end
  /// @param stop the position after the last; {@link Long#MAX_VALUE} for the end
  /// @param step the distance between positions
  record Slice(long start, long stop, long step) implements Index {
    /// Checks the step.
    ///
    /// @param start the first position; negative ones count from the end
    /// @param stop the position after the last; {@link Long#MAX_VALUE} for the end
    /// @param step the distance between positions
    /// @throws ValueException if the step is not greater than 0
    public Slice {
      if (step <= 0) {
        throw new ValueException(
            "slice step must be greater than zero, not %d; use flip() for the opposite order"
                .formatted(step));
      }
    }

    /// The same positions in larger steps, `start:stop:step`.
    ///
    /// @param step the distance between positions
    /// @return the slice
    /// @throws ValueException if the step is not greater than 0
    public Slice step(long step) {
      return new Slice(start, stop, step);
    }
  }

  /// All dimensions that the other indices leave; at most once among the indices.
  record Ellipsis() implements Index {}

  /// A new dimension of size 1.
  record NewAxis() implements Index {}

  /// A new dimension that is whole or empty.
  ///
  /// @param value whether it is whole
  record Flag(boolean value) implements Index {}

  /// One position of a dimension, which disappears: `x[position]`.
  ///
  /// @param position counted from 0, negative ones from the end
  /// @return the index
  static Index at(long position) {
    return new At(position);
  }

  /// A whole dimension: `x[:]`.
  ///
  /// @return the slice
  static Slice all() {
    return from(0);
  }

  /// A dimension from a position on: `x[start:]`.
  ///
  /// @param start the first position; negative ones count from the end
  /// @return the slice
  static Slice from(long start) {
    return new Slice(start, Long.MAX_VALUE, 1);
  }

  /// A dimension up to a position: `x[:stop]`.
  ///
  /// @param stop the position after the last; negative ones count from the end
  /// @return the slice
  static Slice to(long stop) {
    return new Slice(0, stop, 1);
  }

  /// A part of a dimension: `x[start:stop]`. What lies outside of the tensor is left out.
  ///
  /// @param start the first position; negative ones count from the end
  /// @param stop the position after the last; negative ones count from the end
  /// @return the slice
  static Slice slice(long start, long stop) {
    return new Slice(start, stop, 1);
  }

  /// Every `step`th position of a part of a dimension: `x[start:stop:step]`.
  ///
  /// @param start the first position; negative ones count from the end
  /// @param stop the position after the last; negative ones count from the end
  /// @param step the distance between positions
  /// @return the slice
  /// @throws ValueException if the step is not greater than 0
  static Slice slice(long start, long stop, long step) {
    return new Slice(start, stop, step);
  }

  /// All dimensions that the other indices leave: `x[..., 0]`.
  ///
  /// @return the index
  static Index ellipsis() {
    return new Ellipsis();
  }

  /// A new dimension of size 1: `x[None]`.
  ///
  /// @return the index
  static Index newAxis() {
    return new NewAxis();
  }

  /// A new dimension, of size 1 or 0: `x[True]`.
  ///
  /// @param value whether the dimension is whole
  /// @return the index
  static Index of(boolean value) {
    return new Flag(value);
  }

  /// Reads indices as Python writes them: `"..., -1"`, `":, 1:5:2"`, `"None, 0"`.
  ///
  /// @param text numbers, slices, `...`, `None`, `True` and `False`, with commas between them
  /// @return the indices
  /// @throws IndexException if the text is something else
  /// @throws ValueException if a slice's step is not greater than 0
  static Index[] parse(String text) {
    return IndexParser.parse(Objects.requireNonNull(text, "an index text is null"));
  }
}
